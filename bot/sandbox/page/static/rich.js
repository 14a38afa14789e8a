/** The simple parts of Slack's rich_text. */

import { channelName, groupHandle, userHandle } from "./directory.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { link } from "./mrkdwn.js";
import { dateText } from "./time.js";

const marks = { bold: "strong", italic: "em", strike: "s", code: "code" };

const leaves = {
  text: (leaf) => leaf.text,
  link: (leaf, scope) => link(leaf.url, leaf.text, scope?.viewer) ?? leaf.text ?? leaf.url,
  user: (leaf) => el("span", { class: "mention" }, `@${userHandle(leaf.user_id)}`),
  channel: (leaf) => el("span", { class: "mention" }, `#${channelName(leaf.channel_id)}`),
  usergroup: (leaf) => el("span", { class: "mention" }, `@${groupHandle(leaf.usergroup_id)}`),
  broadcast: (leaf) => el("span", { class: "mention" }, `@${leaf.range}`),
  emoji: (leaf) => emoji(leaf.name),
  date: (leaf, scope) => el("time", {}, dateText(leaf.timestamp, leaf.format, scope?.viewer) ?? leaf.fallback),
};

const parts = {
  rich_text_section: (part, scope) => el("div", {}, run(part.elements, scope)),
  rich_text_preformatted: (part, scope) => el("pre", {}, run(part.elements, scope)),
  rich_text_quote: (part, scope) => el("blockquote", {}, run(part.elements, scope)),
  rich_text_list: (part, scope) =>
    el(part.style === "ordered" ? "ol" : "ul", {}, part.elements.map((each) => el("li", {}, run(each.elements, scope)))),
};

/** The nodes for the elements of a rich_text block. */
export function richText(elements, scope) {
  return (elements ?? []).map((part) => parts[part.type]?.(part, scope) ?? `(${part.type})`);
}

function run(elements, scope) {
  return (elements ?? []).map((leaf) => {
    let node = leaves[leaf.type]?.(leaf, scope) ?? `(${leaf.type})`;
    for (const [mark, tag] of Object.entries(marks)) {
      if (leaf.style?.[mark]) node = el(tag, {}, node);
    }
    return node;
  });
}
