/** The usual outages by name, each as the faults that make it; switched in the inspector, and by scenes. */

import { get, listIn, post, remove } from "./api.js";
import { el } from "./dom.js";

const always = { times: null };
const writes = ["PATCH /", "DELETE /", "POST /spaces/"];

/** By key: what people call it, what it does in a few words, and its faults. */
export const outages = {
  silent: {
    name: "Segment does not answer",
    note: "Every connection closes before anything happens.",
    faults: [{ target: "segment", drop: "before", ...always }],
  },
  late: {
    name: "Segment answers late (8 s)",
    note: "Every answer is right, and comes after eight seconds.",
    faults: [{ target: "segment", delay: 8, ...always }],
  },
  lost: {
    name: "Segment’s answer is lost after the effect",
    note: "What is written takes effect; its answer never comes. Reading works.",
    faults: writes.map((match) => ({ target: "segment", match, drop: "after", ...always })),
  },
  midway: {
    name: "Segment fails midway",
    note: "The next write takes effect; from then on no answer comes, to reading either.",
    faults: writes.map((since) => ({ target: "segment", since, drop: "after", ...always })),
  },
  refuses: {
    name: "Slack refuses posts",
    note: "The bot’s new messages are refused (restricted_action).",
    faults: [{ target: "slack", match: "chat.post", error: "restricted_action", ...always }],
  },
  waits: {
    name: "Slack asks to wait",
    note: "Posts and updates get 429, with Retry-After of two seconds.",
    faults: [{ target: "slack", match: "chat.", status: 429, retry_after: 2, ...always }],
  },
};

const plain = ({ id, left, ...fault }) => JSON.stringify(Object.entries({ ...fault, times: left }).sort());
const asListed = (fault) => JSON.stringify(Object.entries(fault).sort());

/** The faults of `list` that make up the outage `key`; all of them, or none. */
function those(list, key) {
  const found = outages[key].faults.map((fault) => list.find((each) => plain(each) === asListed(fault)));
  return found.every(Boolean) ? found : [];
}

/** Whether the outage `key` is on, as `list` of GET /faults has it. */
export const isOn = (list, key) => those(list, key).length > 0;

/** The name of the outage that `fault` belongs to, if to any that is on. */
export const outageOf = (list, fault) =>
  Object.entries(outages).find(([key]) => those(list, key).some((each) => each.id === fault.id))?.[1].name;

/** Turn the outage `key` on or off; what it is already stays. */
export async function turn(key, on) {
  const list = listIn(await get("/faults"), "faults");
  const present = those(list, key);
  if (on && !present.length) for (const fault of outages[key].faults) await post("/faults", fault);
  if (!on) for (const fault of present) await remove(`/faults/${fault.id}`);
}

/** The switches; `change(work, said)` does what is switched, and tells it. */
export function outageSwitches(change) {
  return el(
    "ul",
    { id: "outages", class: "plain-list", "aria-label": "Usual outages" },
    Object.entries(outages).map(([key, { name, note }]) => {
      const box = el("input", {
        type: "checkbox",
        role: "switch",
        "aria-describedby": `outage-${key}`,
        dataset: { testid: `outage-${key}`, outage: key },
        onchange: () => change(() => turn(key, box.checked), box.checked ? `On: ${name}.` : `Off: ${name}.`),
      });
      return el("li", {}, el("label", {}, box, el("span", {}, name)), el("p", { class: "note", id: `outage-${key}` }, note));
    }),
  );
}

/** Let the switches stand as `list` of GET /faults has them. */
export function showOutages(holder, list) {
  for (const box of holder.querySelectorAll("[data-outage]")) box.checked = isOn(list, box.dataset.outage);
}
