/** Where a person writes: messages, and the command with its completion and history. */

import { complete } from "./completion.js";
import { byId, el } from "./dom.js";
import { hush, perform } from "./toast.js";

/** What the workspace itself obeys, as Slack does; whatever else starts with a slash is an app's command. */
const own = /^\/(?:invite|kick)(?:\s|$)/;
const stored = "warehouse-bot.history";

let place = { channel: "", user: "" };
let past = recall();
let back = 0;
let draft = "";
let chosen = -1;
let after = () => {};

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(stored)) ?? [];
  } catch {
    return [];
  }
}

/** Where the next message goes, and who writes it. */
export function writeTo(channel, user, name) {
  place = { channel, user };
  byId("text").placeholder = name ? `Message ${name}, or /warehouse …` : "";
  byId("composer-form").hidden = !channel;
}

/** Put `text` into the composer, ready to be sent. */
export function fill(text) {
  const box = byId("text");
  box.value = text;
  grow(box);
  hide();
  box.focus();
  box.setSelectionRange(text.length, text.length);
}

/** Listen; `done` is called after each message. */
export function startComposer(done) {
  after = done;
  const box = byId("text");
  box.addEventListener("input", () => {
    back = 0;
    grow(box);
    offer(box);
    hush();
  });
  box.addEventListener("keydown", (event) => key(event, box));
  box.addEventListener("blur", () => setTimeout(hide, 150));
  byId("composer-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send(box);
  });
}

function key(event, box) {
  if (event.isComposing) return;
  const list = byId("completions");
  const open = !list.hidden;
  if (event.key === "Escape" && open) hide();
  else if (event.key === "Tab" && open && !event.shiftKey) pick(box, Math.max(chosen, 0));
  else if (event.key === "Enter" && !event.shiftKey) {
    if (open && chosen >= 0) pick(box, chosen);
    else send(box);
  } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    mark(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "ArrowUp" && (box.value === "" || back > 0) && past.length) step(box, 1);
  else if (event.key === "ArrowDown" && back > 0) step(box, -1);
  else return;
  event.preventDefault();
}

function step(box, by) {
  if (back === 0) draft = box.value;
  back = Math.min(past.length, Math.max(0, back + by));
  const now = back;
  fill(back === 0 ? draft : past[past.length - back]);
  back = now;
}

/** As tall as its text, up to a few lines. */
function grow(box) {
  box.rows = Math.min(6, box.value.split("\n").length);
}

async function send(box) {
  const text = box.value.trim();
  if (!text || !place.channel) return;
  past = [...past.filter((each) => each !== text), text].slice(-50);
  back = 0;
  sessionStorage.setItem(stored, JSON.stringify(past));
  fill("");
  const { channel, user } = place;
  const command = own.test(text) ? null : /^\/\S+/.exec(text)?.[0];
  const answer = command
    ? await perform("/command", { channel, user, command, text: text.slice(command.length).trim() })
    : await perform("/message", { channel, user, text });
  // What was refused comes back, unless something else is being written already.
  if (!answer && !box.value) fill(text);
  after();
}

function offer(box) {
  const found = complete(box.value);
  const list = byId("completions");
  list.replaceChildren(
    ...found.map((each, at) =>
      el(
        "li",
        { id: `completion-${at}`, role: "option", "aria-selected": "false", onmousedown: (event) => {
          event.preventDefault();
          pick(box, at);
        }, dataset: { text: each.text } },
        el("code", {}, each.shown),
        el("span", {}, each.hint),
      ),
    ),
  );
  list.hidden = found.length === 0;
  chosen = -1;
  box.removeAttribute("aria-activedescendant");
}

function mark(at) {
  const rows = [...byId("completions").children];
  chosen = (at + rows.length) % rows.length;
  rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === chosen)));
  rows[chosen].scrollIntoView({ block: "nearest" });
  byId("text").setAttribute("aria-activedescendant", rows[chosen].id);
}

function pick(box, at) {
  fill(byId("completions").children[at].dataset.text);
  offer(box);
}

function hide() {
  byId("completions").hidden = true;
  byId("text").removeAttribute("aria-activedescendant");
  chosen = -1;
}
