/** Every payload and call between the bot, Slack and Segment, newest on top. */

import { get, listIn } from "./api.js";
import { byId, el } from "./dom.js";
import { timeSeconds } from "./time.js";

const most = 400;
const mostCalls = 12;
let last = 0;
let reading = false;

const sides = { all: "Everything", slack: "Slack", segment: "Segment" };

/** The empty tab. */
export function trafficTab() {
  const pick = el(
    "select",
    { id: "traffic-side", onchange: () => byId("traffic").setAttribute("data-side", pick.value) },
    Object.entries(sides).map(([value, text]) => el("option", { value }, text)),
  );
  return [
    el(
      "p",
      { class: "row" },
      el("label", { for: "traffic-side" }, "Show"),
      pick,
      el("button", { type: "button", class: "button", onclick: clearTraffic }, "Clear the view"),
    ),
    el("ol", { id: "traffic", class: "plain-list", dataset: { side: "all" } }),
  ];
}

/** Empty; the calls to Segment are listed beside its state as well. */
export const callsList = () => el("ol", { id: "segment-calls", class: "plain-list" });

/** Forget what is shown; what comes next is shown again. */
export function clearTraffic() {
  byId("traffic").replaceChildren();
  byId("segment-calls").replaceChildren();
}

/** Read from the beginning again: after a break, the numbers may be those of another workspace. */
export function forgetTraffic() {
  last = 0;
  clearTraffic();
}

/** Add what happened since the last time. */
export async function readTraffic() {
  if (reading) return;
  reading = true;
  try {
    const entries = listIn(await get(`/log?since=${last}`), "log");
    const fresh = entries.filter((each) => each.seq > last);
    add(byId("traffic"), fresh, most);
    add(byId("segment-calls"), fresh.filter((each) => each.side === "segment"), mostCalls);
    last = entries.reduce((seq, entry) => Math.max(seq, entry.seq), last);
  } finally {
    reading = false;
  }
}

function add(holder, entries, limit) {
  for (const entry of entries.slice(-limit)) holder.prepend(entryNode(entry));
  while (holder.childElementCount > limit) holder.lastElementChild.remove();
}

function entryNode(entry) {
  const toBot = entry.direction === "to_bot";
  const lost = entry.answer === "(connection dropped)";
  const bad = lost || (entry.status ?? 200) >= 400 || entry.answer?.ok === false;
  const details = el(
    "details",
    { ontoggle: () => details.open && details.childElementCount === 1 && unfold(details, entry) },
    el(
      "summary",
      {},
      el("time", {}, timeSeconds(new Date(entry.at * 1000))),
      el("span", { class: "way", title: toBot ? "to the bot" : "from the bot" }, toBot ? "→ bot" : "bot →"),
      el("span", { class: `side ${entry.side}` }, entry.side),
      el("code", {}, entry.name),
      el("span", { class: bad ? "status bad" : "status" }, lost ? "no answer" : entry.answer?.ok === false ? entry.answer.error ?? entry.status : entry.status ?? ""),
    ),
  );
  return el("li", { class: "entry", dataset: { side: entry.side, seq: String(entry.seq), testid: "traffic-entry" } }, details);
}

function unfold(details, entry) {
  const part = (title, value) =>
    value !== null && value !== undefined && [el("h4", {}, title), el("pre", { tabIndex: 0 }, JSON.stringify(value, null, 2))];
  details.append(el("div", { class: "json" }, part("Payload", entry.payload), part("Answer", entry.answer)));
}
