/** The inspector: Segment, the traffic and the workspace, one tab each. */

import { controlsTab, showControls } from "./controls.js";
import { byId, el } from "./dom.js";
import { segmentTab } from "./segment.js";
import { readTraffic, trafficTab } from "./traffic.js";

const stored = "warehouse-bot.panel";
const tabs = [
  ["segment", "Segment", segmentTab],
  ["traffic", "Traffic", trafficTab],
  ["workspace", "Workspace", controlsTab],
];

/** Where the panel covers everything else, it is open only while it is looked at. */
const narrow = window.matchMedia("(max-width: 900px)");

let current = "segment";
let after = () => {};

/** Whether the tab `name` is to be seen. */
export const isShown = (name) => current === name && !byId("panel").hidden;

/** Build the panel; `done` is called after each change to the workspace. */
export function startPanel(done) {
  after = done;
  const panel = byId("panel");
  const buttons = tabs.map(([name, title]) =>
    el(
      "button",
      { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `pane-${name}`, dataset: { testid: `tab-${name}` }, onclick: () => show(name, done) },
      title,
    ),
  );
  const list = el("div", { role: "tablist", "aria-label": "Inspector", onkeydown: (event) => walk(event, buttons) }, buttons);
  const shut = el("button", { type: "button", class: "close narrow", "aria-label": "Close the inspector", onclick: () => open(false, done) }, "✕");
  panel.append(
    el("header", {}, list, shut),
    ...tabs.map(([name, , make]) =>
      el("div", { role: "tabpanel", id: `pane-${name}`, class: "pane", "aria-labelledby": `tab-${name}`, tabIndex: 0 }, make(done)),
    ),
  );
  byId("panel-toggle").addEventListener("click", () => open(panel.hidden, done));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches) open(false, done);
  });
  const settle = () => open(!narrow.matches && localStorage.getItem(stored) !== "shut", done, false);
  narrow.addEventListener("change", settle);
  settle();
  show("segment", done);
}

/** Bring up the tab `name`; where the inspector covers everything else, only if that is `meant`. */
export function reveal(name, meant = false) {
  if (byId("panel").hidden && narrow.matches && !meant) return;
  show(name, after);
  if (byId("panel").hidden) open(true, after, narrow.matches);
}

function open(on, done, keep = true) {
  byId("panel").hidden = !on;
  byId("panel-toggle").setAttribute("aria-expanded", String(on));
  document.body.classList.toggle("with-panel", on);
  if (keep && !narrow.matches) localStorage.setItem(stored, on ? "open" : "shut");
  if (keep && !on) byId("panel-toggle").focus();
  if (keep && on && narrow.matches) byId(`tab-${current}`).focus();
  done();
}

function show(name, done) {
  current = name;
  for (const [each] of tabs) {
    const tab = byId(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    byId(`pane-${each}`).hidden = each !== name;
  }
  if (name === "workspace") showControls();
  if (name === "traffic") readTraffic().catch(() => {});
  done();
}

function walk(event, buttons) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
  next.focus();
  next.click();
}
