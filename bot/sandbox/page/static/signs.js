/**
 * How a scene sees that a step is done: by what there is now, whoever did it and wherever.
 *
 * A sign takes the world as the page reads it, and when the scene began. One that `lasts` is looked for ahead of its
 * step as well: who approves in another window has done the steps before it, too.
 */

import { byId } from "./dom.js";
import { isOn } from "./outages.js";
import { isShown } from "./panel.js";

const lasting = (sign) => Object.assign(sign, { lasts: true });

/** Somebody wrote all these words in one message since the scene began; a card is what it reads now. */
export const said = (...words) => (world, since) =>
  world.messages.some((message) => Number(message.ts) > since && words.every((each) => message.text.includes(each)));

/** The same, for words that stay: an outcome. */
export const told = (...words) => lasting(said(...words));

/** This window acts as `user`. */
export const acting = (user) => (world) => world.user === user;

/** The inspector shows this tab. */
export const shown = (tab) => () => isShown(tab);

/** The modal on top holds these words: its title, a label, what the bot wrote into it. */
export const inModal = (words) => (world) => JSON.stringify(world.views.at(-1) ?? "").includes(words);

/** There is something in the modal's input with this label. */
export const filled = (label) => () => Boolean(inputOf(label)?.value);

/** Segment has the warehouse `name`, and it is as `check` wants it. */
export const segmentHas = (name, check) => (world) => {
  const all = (world.segment?.spaces ?? []).flatMap((space) => space.warehouses ?? []);
  return all.some((each) => each.name === name && check(each));
};

/** The outage is on, or off. */
export const outage = (key, on) => (world) => isOn(world.faults, key) === on;

/** The modal's input with this label. */
export function inputOf(label) {
  const labels = [...byId("modal").querySelectorAll(".block.input > .label")];
  const found = labels.find((each) => each.textContent.replace(" (optional)", "") === label);
  return found?.parentElement.querySelector("input, select, textarea");
}
