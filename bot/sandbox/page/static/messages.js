/** The messages of a channel as one person sees them, kept up to date in place. */

import { blocks } from "./blocks.js";
import { isBot, userName } from "./directory.js";
import { el, reconcile } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { full, momentOf, time, today } from "./time.js";
import { perform } from "./toast.js";

/** Replies right after what they reply to, the rest in the order of time. */
export function threaded(list) {
  const sorted = [...list].sort((one, other) => Number(one.ts) - Number(other.ts));
  const known = new Set(sorted.map((message) => message.ts));
  const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts && known.has(message.thread_ts);
  const replies = new Map();
  for (const message of sorted.filter(isReply)) {
    replies.set(message.thread_ts, [...(replies.get(message.thread_ts) ?? []), { ...message, isReply: true }]);
  }
  return sorted.filter((message) => !isReply(message)).flatMap((message) => [message, ...(replies.get(message.ts) ?? [])]);
}

/** Show `list` in `holder` as `viewer` sees it; the view stays where it was, or at the newest if it was there. */
export function showMessages(holder, scroller, list, channel, viewer) {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  // A date may read "today": when the day changes, every message is written anew.
  const day = today(viewer);
  const items = threaded(list).map((message) => ({ ...message, day }));
  const key = (message) => `${channel} ${viewer} ${message.ts}${message.ephemeral ? " e" : ""}`;
  const fresh = holder.dataset.of !== `${channel} ${viewer}`;
  holder.dataset.of = `${channel} ${viewer}`;
  reconcile(holder, items, key, (message) => messageNode(message, channel, viewer));
  if (atEnd || fresh) scroller.scrollTop = scroller.scrollHeight;
}

/** Bring the message `ts` into view and mark it for a moment. */
export function pointAt(holder, ts) {
  const found = [...holder.children].find((node) => node.dataset.ts === ts);
  if (!found) return;
  found.classList.add("pointed");
  found.addEventListener("animationend", () => found.classList.remove("pointed"), { once: true });
  // The head of one that does not fit is worth more than its middle.
  found.scrollIntoView({ block: found.offsetHeight > holder.parentElement.clientHeight ? "start" : "center" });
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
}

/** A square of one letter, in one of a few colours by id; the bot has its own. */
export function avatar(id, bot) {
  const colour = bot ? "bot" : `c${[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6}`;
  return el("span", { class: `avatar ${colour}`, "aria-hidden": "true" }, bot ? "W" : (userName(id)[0] ?? "?").toUpperCase());
}

function messageNode(message, channel, viewer) {
  const author = message.user ?? message.bot_id ?? "";
  const bot = Boolean(message.bot_id) || isBot(author);
  const name = message.username || (bot ? "warehouse" : userName(author));
  const at = momentOf(message.ts);
  const scope = {
    viewer,
    values: message.state?.values ?? message.values,
    at: { channel, messageTs: message.ts },
    act: (action, confirm) => perform("/interact", { channel, messageTs: message.ts, user: viewer, action }, confirm),
  };
  const kinds = ["message", message.isReply && "reply", message.ephemeral && "ephemeral"].filter(Boolean).join(" ");
  return el(
    "article",
    {
      class: kinds,
      "aria-label": `${name}, ${time(at, viewer)}`,
      dataset: { testid: "message", ts: message.ts },
    },
    avatar(author, bot),
    el(
      "div",
      { class: "body" },
      message.ephemeral && el("p", { class: "only" }, "Only visible to you"),
      el(
        "p",
        { class: "by" },
        el("strong", {}, name),
        bot && el("span", { class: "badge" }, "APP"),
        el("time", { title: full(at, viewer), dateTime: at.toISOString() }, time(at, viewer)),
        message.edited && el("span", { class: "edited", title: edited(message, viewer) }, "(edited)"),
      ),
      message.blocks?.length ? blocks(message.blocks, scope) : el("div", { class: "block section" }, mrkdwn(message.text, scope)),
    ),
  );
}

function edited(message, viewer) {
  const ts = message.edited.ts ?? message.edited;
  return Number(ts) > 0 ? full(momentOf(ts), viewer) : "";
}
