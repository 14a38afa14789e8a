/** Slack's markup → nodes, read as Slack reads it. Nothing in it ever becomes markup of this page. */

import { channelName, groupHandle, userHandle } from "./directory.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { permalink } from "./places.js";
import { dateText } from "./time.js";

const styles = { "*": "strong", _: "em", "~": "s" };

/** The nodes for `text`. `look.viewer` is the id of the person who reads it. */
export function mrkdwn(text, look = {}) {
  const made = document.createDocumentFragment();
  String(text ?? "")
    .split(/```\n?([\s\S]*?)\n?```\n?/)
    .forEach((part, at) => {
      if (at % 2) made.append(el("pre", {}, unescaped(part)));
      else if (part) made.append(lines(part, look));
    });
  return made;
}

/** The text with Slack's three entities read. */
export const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const bullet = /^ *(?:[•◦▪]|-) +(?=\S)/;

function lines(text, look) {
  const made = document.createDocumentFragment();
  let quote = null;
  let first = true;
  let blank = false;
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?/.exec(line);
    // A block ends the line before it: an empty one needs a break of its own to be seen.
    if (blank && (quoted || bullet.test(line))) made.append(el("br"));
    blank = line === "";
    if (quoted) {
      if (quote) quote.append(el("br"));
      else made.append((quote = el("blockquote")));
      quote.append(inline(line.slice(quoted[0].length), look));
      first = true;
    } else if (bullet.test(line)) {
      // Slack shows the sign that was typed; here the lines after it are indented as well.
      quote = null;
      made.append(el("span", { class: "bullet" }, inline(line, look)));
      first = true;
    } else {
      quote = null;
      if (!first) made.append(el("br"));
      made.append(inline(line, look));
      first = false;
    }
  }
  return made;
}

/** One line. */
function inline(text, look) {
  const made = document.createDocumentFragment();
  let plain = "";
  const flush = () => {
    if (plain) made.append(unescaped(plain));
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = code(text, at) ?? angle(text, at, look) ?? styled(text, at, look) ?? face(text, at);
    if (found) {
      flush();
      made.append(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return made;
}

function code(text, at) {
  if (text[at] !== "`") return null;
  const end = text.indexOf("`", at + 1);
  return end > at + 1 ? { node: el("code", {}, unescaped(text.slice(at + 1, end))), end: end + 1 } : null;
}

function face(text, at) {
  if (text[at] !== ":") return null;
  const name = /^:([a-z0-9_+-]{1,40}):/.exec(text.slice(at, at + 42));
  if (!name) return null;
  const shown = emoji(name[1]);
  return shown === name[0] ? null : { node: document.createTextNode(shown), end: at + name[0].length };
}

function styled(text, at, look) {
  const tag = styles[text[at]];
  if (!tag || isWord(text[at - 1]) || !text[at + 1] || text[at + 1] === " " || text[at + 1] === text[at]) return null;
  const end = closing(text, at);
  return end < 0 ? null : { node: el(tag, {}, inline(text.slice(at + 1, end), look)), end: end + 1 };
}

/** Where the mark at `at` ends: not inside code or <…>, not after a space, not before a letter. */
function closing(text, at) {
  for (let here = at + 1; here < text.length; here += 1) {
    if (text[here] === "`" || text[here] === "<") {
      const past = text.indexOf(text[here] === "<" ? ">" : "`", here + 1);
      if (past > 0) here = past;
    } else if (text[here] === text[at] && text[here - 1] !== " " && !isWord(text[here + 1])) {
      return here;
    }
  }
  return -1;
}

const isWord = (letter) => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);

function angle(text, at, look) {
  if (text[at] !== "<") return null;
  const end = text.indexOf(">", at);
  if (end < at + 2) return null;
  const [target, ...rest] = text.slice(at + 1, end).split("|");
  const label = rest.length ? unescaped(rest.join("|")) : "";
  const node = special(target, label, look);
  return node ? { node, end: end + 1 } : null;
}

function special(target, label, look) {
  if (/^@[UWB]/.test(target)) return mention(`@${userHandle(target.slice(1))}`, target.slice(1) === look.viewer);
  if (/^#[CDG]/.test(target)) return mention(`#${label || channelName(target.slice(1))}`);
  if (target.startsWith("!subteam^")) return mention(`@${groupHandle(target.slice(9))}`);
  if (target.startsWith("!date^")) return date(target, label, look);
  if (target.startsWith("!")) return mention(`@${label || target.slice(1)}`);
  return link(unescaped(target), label, look.viewer);
}

const mention = (text, own = false) => el("span", { class: own ? "mention own" : "mention" }, text);

function date(target, fallback, look) {
  const [, seconds, format, href] = target.split("^");
  const text = dateText(Number(seconds), format ?? "", look.viewer) ?? fallback;
  const made = el("time", { title: fallback }, text);
  if (Number.isFinite(Number(seconds))) made.dateTime = new Date(Number(seconds) * 1000).toISOString();
  return href ? link(unescaped(href), text, look.viewer) : made;
}

/** A link where the address is one to follow, null where it is not; one to a message here stays in `viewer`'s window. */
export function link(href, label, viewer) {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return null;
  const here = permalink(href, viewer);
  if (here) return el("a", { href: here }, label || "message");
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label || href.replace(/^mailto:/i, ""));
}
