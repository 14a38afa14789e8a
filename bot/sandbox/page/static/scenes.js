/** The guided scenes: which there are, and the one that is being played, step by step. The scenes themselves are in stories.js. */

import { post } from "./api.js";
import { byId, el } from "./dom.js";
import { busy } from "./elements.js";
import { be, learnWorld, look } from "./stage.js";
import { stories } from "./stories.js";
import { prepare } from "./tidying.js";
import { now } from "./time.js";
import { toast, told } from "./toast.js";

const stored = "warehouse-bot.scene";

let world = null;
let run = recall();
let empty = true;
let chosen = null;
/** The step whose button was pressed last, until the person presses or types anything else. */
let pressed = -1;

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(stored));
  } catch {
    return null;
  }
}

/** Whether the body is to be seen: as the person chose, or while a scene is played, or nothing was said yet. */
const open = () => chosen ?? (Boolean(story()) || empty);

const story = () => stories.find((each) => each.id === run?.id);

function keep(next) {
  run = next;
  sessionStorage.setItem(stored, JSON.stringify(run));
}

/** Build the list, and watch the modal: while one is open, the rest of the page can't be reached. */
export function startScenes() {
  new MutationObserver(showInModal).observe(byId("modal"), { childList: true });
  byId("modal").addEventListener("input", settle);
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (pressed = -1), { capture: true });
  draw();
}

/** Take over what the page shows now: `{now, user, channel, messages, views, segment, faults}`. */
export function followScenes(next) {
  const before = open();
  const first = !world;
  world = next;
  empty = next.messages.length === 0;
  learnWorld(next);
  if (run && next.now < run.since) keep({ ...run, since: next.now, at: 0 });
  if (first || open() !== before) draw();
  settle();
}

/** Move on past every step that is done, and past those before one whose outcome is there already. */
function settle() {
  const scene = story();
  if (!scene || !world) return;
  let at = run.at;
  const done = (step) => step.done(world, run.since);
  for (let next = at; next < scene.steps.length; next += 1) {
    const step = scene.steps[next];
    if (next === at ? done(step) : step.done.lasts && done(step)) at = next + 1;
  }
  if (at === run.at) return;
  const goesOn = pressed === run.at;
  keep({ ...run, at });
  draw();
  say(scene.steps[at - 1], scene.steps[at]);
  if (goesOn) byId(byId("modal").open ? "modal" : "scenes").querySelector(".scene-act")?.focus();
}

function say(last, next) {
  const then = next ? `Next: ${next.title}. ${next.does}` : "The scene is over.";
  byId("scene-said").textContent = `Done: ${last.title}. ${last.look ?? ""} ${then}`;
}

async function begin(scene) {
  try {
    await be("U0ALICE");
    look("segment");
    await prepare(scene.warehouse);
  } catch (error) {
    draw(inTheWay(scene, told(error)));
    return;
  }
  start(scene);
}

const inTheWay = (scene, words) =>
  el(
    "p",
    { class: "scene-trouble row", role: "alert" },
    words,
    el("button", { type: "button", class: "button", onclick: () => afresh(scene) }, "Reset the workspace and start"),
  );

async function afresh(scene) {
  await post("/reset").catch((error) => toast(told(error)));
  start(scene);
}

function start(scene) {
  // By the workspace's clock: what is written from here on belongs to the scene.
  keep({ id: scene.id, since: now().getTime() / 1000, at: 0 });
  chosen = null;
  draw();
  byId("scene-said").textContent = `${scene.title}. ${scene.steps[0].title}: ${scene.steps[0].does}`;
  byId("scenes").querySelector(".scene-act")?.focus();
}

function leave() {
  keep(null);
  chosen = true;
  draw();
  byId("scenes").querySelector(".scene-card")?.focus();
}

async function act(step) {
  pressed = run.at;
  try {
    await step.act();
  } catch (error) {
    toast(told(error));
  }
}

const another = () => el("p", { class: "note" }, "Or write a command of your own: /warehouse help tells them. A second window can be a second person.");

function draw(trouble = null) {
  const scene = story();
  const holder = byId("scenes");
  const had = holder.contains(document.activeElement) ? document.activeElement.dataset.testid : "";
  holder.hidden = false;
  byId("scenes-head").replaceChildren(...(scene ? playing(scene) : waiting()));
  byId("scenes-body").hidden = !open();
  byId("scenes-body").replaceChildren(...[trouble, ...(scene ? steps(scene) : [list(), another()])].filter(Boolean));
  byId("scenes-body").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  if (had && document.activeElement === document.body) holder.querySelector(`[data-testid="${had}"]`)?.focus();
  showInModal();
}

function toggle() {
  chosen = !open();
  draw();
  byId("scenes-toggle").focus();
}

const fold = () =>
  el(
    "button",
    { type: "button", id: "scenes-toggle", class: "button", "aria-expanded": String(open()), "aria-controls": "scenes-body", onclick: toggle, dataset: { testid: "scenes-toggle" } },
    open() ? "Hide" : "Show",
  );

const waiting = () => [
  el("h3", {}, "Try it: five scenes"),
  el("p", { class: "note" }, "Each takes less than a minute."),
  fold(),
];

const playing = (scene) => [
  el("h3", {}, scene.title),
  el("p", { class: "note", dataset: { testid: "scene-progress" } }, run.at < scene.steps.length ? `Step ${run.at + 1} of ${scene.steps.length}` : "Over"),
  el("button", { type: "button", class: "button", dataset: { testid: "scene-again" }, onclick: ({ currentTarget }) => busy(currentTarget, () => begin(scene)) }, "Start again"),
  el("button", { type: "button", class: "button", dataset: { testid: "scene-leave" }, onclick: leave }, "All scenes"),
  fold(),
];

const list = () =>
  el(
    "ol",
    { class: "plain-list scene-list" },
    stories.map((scene) => el("li", {}, el(
      "button",
      { type: "button", class: "scene-card", dataset: { testid: `scene-${scene.id}` }, onclick: ({ currentTarget }) => busy(currentTarget, () => begin(scene)) },
      el("strong", {}, scene.title),
      el("span", {}, scene.about),
    ))),
  );

function steps(scene) {
  const over = run.at >= scene.steps.length;
  return [
    el("ol", { class: "scene-steps" }, scene.steps.map((step, at) => stepNode(step, at))),
    over && el("p", { class: "row" }, "That was it. Now write a command of your own, or ", el("button", { type: "button", class: "button scene-act", onclick: leave }, "choose another scene")),
  ];
}

function stepNode(step, at) {
  const state = at < run.at ? "done" : at === run.at ? "now" : "next";
  return el(
    "li",
    { class: `scene-step ${state}`, "aria-current": state === "now" ? "step" : null, dataset: { testid: "scene-step", state } },
    el("strong", {}, step.title, state === "done" && el("span", { class: "unseen" }, " (done)")),
    state === "now" && el("p", {}, step.does),
    state === "now" && button(step),
    state === "done" && at === run.at - 1 && step.look && el("p", { class: "look" }, step.look),
  );
}

const button = (step) =>
  el("button", { type: "button", class: "button primary scene-act", dataset: { testid: "scene-act" }, onclick: ({ currentTarget }) => busy(currentTarget, () => act(step)) }, step.button);

/** Keep the step in sight over an open modal, with its button where it is played there. */
function showInModal() {
  const dialog = byId("modal");
  const step = story()?.steps[run.at];
  const wanted = dialog.open && step?.inModal ? `${run.id} ${run.at}` : "";
  const present = dialog.querySelector(".scene-hint");
  if ((present?.dataset.of ?? "") === wanted) return;
  const held = pressed === run?.at || present?.contains(document.activeElement);
  present?.remove();
  if (!wanted) return;
  const made = el(
    "div",
    { class: "scene-hint", role: "status", dataset: { of: wanted, testid: "scene-hint" } },
    el("p", {}, el("strong", {}, `Step ${run.at + 1}: ${step.title}. `), step.does),
    button(step),
  );
  dialog.prepend(made);
  if (held) made.querySelector("button").focus();
}
