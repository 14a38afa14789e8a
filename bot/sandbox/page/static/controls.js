/** What can be done to the workspace itself: its clock, its faults, its beginning. */

import { get, listIn, post, remove } from "./api.js";
import { byId, el, reconcile } from "./dom.js";
import { outageOf, outageSwitches, showOutages } from "./outages.js";
import { ahead, now, setNow, timeSeconds, weekday } from "./time.js";
import { tidy } from "./tidying.js";
import { ask, toast, told } from "./toast.js";
import { clearTraffic } from "./traffic.js";

let after = () => {};
let faults = [];
let changes = 0;
let changing = 0;

/** The tab; `done` is called after each change. */
export function controlsTab(done) {
  after = done;
  return [clockForm(), outageForm(), faultForm(), resetForm()];
}

async function change(work, said) {
  changing += 1;
  try {
    await work();
    toast(said, "done");
  } catch (error) {
    toast(told(error));
  }
  changing -= 1;
  changes += 1;
  await showControls();
  after();
}

/** Show what time it is in the workspace. */
export function showClock() {
  byId("clock").textContent = timeSeconds(now());
  byId("clock-day").textContent = `${weekday(now())}, ${ahead()}.`;
}

/** Show the time, and the faults still due, where the workspace tells them. */
export async function showControls() {
  setNow((await get("/clock").catch(() => ({}))).now);
  showClock();
  await readFaults();
}

/** Read which faults are due, and show them; what was asked before the last change, or while one is made, is no news. */
export async function readFaults() {
  const before = changes;
  const found = listIn(await get("/faults").catch(() => []), "faults");
  if (before === changes && !changing) {
    faults = found;
    showFaults();
  }
  return faults;
}

/** At the tab how many things go wrong, in it which switches are on, and what else is due. */
function showFaults() {
  showOutages(byId("outages"), faults);
  reconcile(byId("faults"), faults.filter((fault) => !outageOf(faults, fault)), (fault) => fault.id, faultNode);
  const count = new Set(faults.map((fault) => outageOf(faults, fault) ?? fault.id)).size;
  const tab = byId("tab-workspace");
  tab.querySelector(".on-badge")?.remove();
  if (count) tab.append(el("span", { class: "on-badge", title: "faults on", dataset: { testid: "faults-on" } }, String(count)));
}

function faultNode(fault) {
  const { id, target, match, since, left, times, ...what } = fault;
  const effect = Object.entries(what).map(([key, value]) => `${key} ${value}`).join(", ");
  const where = `${match || "every call"}${since ? ` from ${since} on` : ""}`;
  return el(
    "li",
    {},
    el("span", {}, el("strong", {}, target), ` ${where}: ${effect || "nothing"} (${left === null ? "until cleared" : `${left} left`})`),
    el("button", { type: "button", class: "button", "aria-label": `Clear this fault: ${target} ${where}`, onclick: () => change(() => remove(`/faults/${id}`), "The fault is cleared.") }, "Clear"),
  );
}

const forward = [["1 minute", 60], ["15 minutes", 900], ["1 hour", 3600], ["4 hours", 14_400], ["1 day", 86_400]];

function clockForm() {
  return el(
    "section",
    {},
    el("h3", {}, "Clock"),
    el("p", { id: "clock", class: "clock", dataset: { testid: "clock" } }),
    el("p", { id: "clock-day", class: "note", dataset: { testid: "clock-day" } }),
    el("p", { class: "note" }, "Move the workspace’s time forward, to see requests expire without waiting."),
    el(
      "div",
      { class: "row" },
      forward.map(([text, seconds]) =>
        el("button", { type: "button", class: "button", onclick: () => change(() => post("/clock", { advance: seconds }), `The clock is ${text} ahead of before.`) }, `+ ${text}`),
      ),
    ),
  );
}

function labelled(text, node) {
  return el("label", { class: "labelled" }, el("span", {}, text), node);
}

const choose = (name, options) => el("select", { name }, options.map(([value, text]) => el("option", { value }, text)));
const type = (name, placeholder, kind = "text", value = "") => el("input", { name, type: kind, placeholder, value, autocomplete: "off", min: kind === "number" ? "0" : null });

/** What a form says as a fault: the fields left empty are left out, numbers are numbers. */
function faultOf(form) {
  const fault = {};
  for (const [name, value] of new FormData(form)) {
    if (value === "") continue;
    fault[name] = ["times", "status", "delay", "retry_after"].includes(name) ? Number(value) : value;
  }
  if (fault.times === 0) fault.times = null;
  return fault;
}

function outageForm() {
  return el("section", {}, el("h3", {}, "Outages"), el("p", { class: "note" }, "What goes wrong until it is switched off again."), outageSwitches(change));
}

function faultForm() {
  const form = el(
    "form",
    { class: "fault", onsubmit: (event) => {
      event.preventDefault();
      change(() => post("/faults", faultOf(form)), "The fault is set.");
    } },
    labelled("Where", choose("target", [["segment", "Segment"], ["slack", "Slack"]])),
    labelled("Calls with", type("match", "DELETE, chat.update … empty: all")),
    labelled("Beginning with", type("since", "the first call with this")),
    labelled("Times (0: until cleared)", type("times", "1", "number", "1")),
    labelled("Status", type("status", "503", "number")),
    labelled("Error", type("error", "a Slack code, or words")),
    labelled("Delay, seconds", type("delay", "0", "number")),
    labelled("Drop the connection", choose("drop", [["", "no"], ["before", "before the effect"], ["after", "after the effect"]])),
    labelled("Retry after, seconds", type("retry_after", "", "number")),
    el(
      "div",
      { class: "row" },
      el("button", { type: "submit", class: "button" }, "Add fault"),
      el("button", { type: "button", class: "button", onclick: () => change(() => remove("/faults"), "Nothing goes wrong any more.") }, "Clear all faults"),
    ),
  );
  const faults = el("ul", { id: "faults", class: "plain-list", "aria-label": "Other faults still due" });
  return el("section", {}, el("h3", {}, "Other faults"), el("p", { class: "note" }, "What goes wrong, for which calls, how often."), form, faults);
}

function resetForm() {
  const sure = {
    title: { type: "plain_text", text: "Start again?" },
    text: { type: "plain_text", text: "Messages, modals, faults and changes to warehouses are gone; the declared workspace is there again. Open requests are called off; what else the bot has stored stays." },
    confirm: { type: "plain_text", text: "Reset" },
    deny: { type: "plain_text", text: "Cancel" },
    style: "danger",
  };
  const reset = async () => {
    if (await ask(sure)) {
      // The bot keeps what is open, and would not take the same request twice: so it is called off first.
      await tidy().catch(() => {});
      await change(() => post("/reset"), "The declared workspace is there again.");
      clearTraffic();
    }
  };
  return el(
    "section",
    {},
    el("h3", {}, "Start again"),
    el("button", { type: "button", class: "button danger", dataset: { testid: "reset" }, onclick: reset }, "Reset the workspace"),
  );
}
