/** What can be done to the workspace itself: its clock, its faults, its beginning. */

import { get, listIn, post, remove } from "./api.js";
import { byId, el } from "./dom.js";
import { ask, toast, told } from "./toast.js";
import { clearTraffic } from "./traffic.js";

let after = () => {};

/** The tab; `done` is called after each change. */
export function controlsTab(done) {
  after = done;
  return [clockForm(), faultForm(), el("ul", { id: "faults", class: "plain-list", "aria-label": "Faults still due" }), resetForm()];
}

async function change(work, said) {
  try {
    await work();
    toast(said, "done");
    await showFaults();
  } catch (error) {
    toast(told(error));
  }
  after();
}

/** Show the faults that are still due, where the workspace tells them. */
export async function showFaults() {
  const faults = listIn(await get("/faults").catch(() => []), "faults");
  byId("faults").replaceChildren(
    ...faults.map((fault) => {
      const { target, match, left, ...what } = fault;
      const effect = Object.entries(what).map(([key, value]) => `${key} ${value}`).join(", ");
      return el("li", {}, el("strong", {}, target), ` ${match || "every call"}: ${effect} (${left === null ? "until cleared" : `${left} left`})`);
    }),
  );
}

const forward = [["1 minute", 60], ["15 minutes", 900], ["1 hour", 3600], ["4 hours", 14_400], ["1 day", 86_400]];

function clockForm() {
  return el(
    "section",
    {},
    el("h3", {}, "Clock"),
    el("p", { class: "note" }, "Move the workspace's time forward, to see requests expire without waiting."),
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

function faultForm() {
  const form = el(
    "form",
    { class: "fault", onsubmit: (event) => {
      event.preventDefault();
      change(() => post("/faults", faultOf(form)), "The fault is set.");
    } },
    labelled("Where", choose("target", [["segment", "Segment"], ["slack", "Slack"]])),
    labelled("Calls with", type("match", "DELETE, chat.update … empty: all")),
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
  return el("section", {}, el("h3", {}, "Faults"), el("p", { class: "note" }, "What goes wrong, for which calls, how often."), form);
}

function resetForm() {
  const sure = {
    title: { type: "plain_text", text: "Start again?" },
    text: { type: "plain_text", text: "Messages, modals, faults and changes to warehouses are gone; the declared workspace is there again. What the bot has stored stays." },
    confirm: { type: "plain_text", text: "Reset" },
    deny: { type: "plain_text", text: "Cancel" },
    style: "danger",
  };
  const reset = async () => {
    if (await ask(sure)) {
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
