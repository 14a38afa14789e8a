/** What a scene's button does, the way a person would: type, choose, press, switch; and what it only points at. */

import { post } from "./api.js";
import { fill } from "./composer.js";
import { byId } from "./dom.js";
import { turn } from "./outages.js";
import { reveal } from "./panel.js";
import { hashOf } from "./places.js";
import { inputOf } from "./signs.js";

/** The channel where the scenes play. */
const channel = "C0OPS";
const patience = 12_000;
const glance = 300;

let world = null;
let waiting = [];

/** Take over what the page shows now. */
export function learnWorld(next) {
  world = next;
  waiting = waiting.filter((each) => !each());
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Wait until `found` finds something in what the page shows. */
function until(found, what) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      waiting = waiting.filter((each) => each !== look);
      reject(new Error(`${what} did not come. Look at the last message, or start the scene again.`));
    }, patience);
    const look = () => {
      const thing = world && found(world);
      if (!thing) return false;
      clearTimeout(late);
      resolve(thing);
      return true;
    };
    if (!look()) waiting.push(look);
  });
}

/** Act as `user`, where the scenes play. */
export async function be(user) {
  if (world?.user === user && world.channel === channel) return;
  location.hash = hashOf(user, channel);
  await until((now) => now.user === user && now.channel === channel, "That person's view");
}

/** Write `text` into the composer and send it. */
export async function send(text) {
  fill(text);
  await pause(glance);
  byId("composer-form").requestSubmit();
}

/** Wait for a modal that holds `words`. */
export const modal = (words) => until((now) => JSON.stringify(now.views.at(-1) ?? "").includes(words), "The form");

/** Type or choose in the modal's inputs, by label; of a menu the first option that holds the words, or any at all. */
export async function enter(values) {
  for (const [label, value] of Object.entries(values)) {
    const input = await until(() => inputOf(label), `The field ${label}`);
    if (input.tagName === "SELECT") choose(input, value);
    else input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function choose(select, words) {
  const options = [...select.options].filter((each) => each.value !== "");
  select.value = (options.find((each) => each.text.includes(words)) ?? options[0])?.value ?? "";
}

/** Press the button `label` of the modal. */
export const press = (label) => buttonIn(byId("modal").querySelector(".modal-body"), label)?.click();

/** Press the button `label` of the newest message with `words`. */
export async function pressOn(words, label) {
  (await until(() => buttonOf(words, label), `The button ${label}`)).click();
}

/** Bring the button `label` of the newest message with `words` into view, and give it the focus: a person presses it. */
export async function pointAtCard(words, label) {
  point(await until(() => buttonOf(words, label), `The button ${label}`));
}

/** The same, for the modal's own button. */
export const pointAtSubmit = () => point(byId("modal").querySelector("[data-testid=modal-submit]"));

function point(button) {
  if (!button) return;
  button.scrollIntoView({ block: "center" });
  button.classList.add("scene-point");
  button.addEventListener("blur", () => button.classList.remove("scene-point"), { once: true });
  button.focus({ preventScroll: true });
}

const buttonIn = (holder, label) => [...holder.querySelectorAll("button")].find((each) => each.textContent === label);

const buttonOf = (words, label) =>
  [...byId("messages").children].filter((each) => each.textContent.includes(words)).map((each) => buttonIn(each, label)).filter(Boolean).at(-1);

/** Open a tab of the inspector; where that covers everything else, only if it is `meant`. */
export const look = (tab, meant = false) => reveal(tab, meant);

/** Turn an outage on or off. */
export const outage = (key, on) => turn(key, on);

/** Move the workspace's clock. */
export const wait = (seconds) => post("/clock", { advance: seconds });

/** Change a warehouse in Segment, as somebody would who never heard of the bot. */
export const change = (warehouse, body) => post("/segment/change", { warehouse, ...body });
