/** Block Kit → nodes. For `scope`, see elements.js. */

import { el, freshId } from "./dom.js";
import { element, isInput, words } from "./elements.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./rich.js";

const makers = {
  header: (block) => el("h3", { class: "block header" }, words(block.text)),
  section,
  context: (block, scope) =>
    el("div", { class: "block context" }, (block.elements ?? []).map((each) =>
      each.type === "image" ? element(each, block, scope) : el("span", {}, words(each, scope)),
    )),
  divider: () => el("hr", { class: "block divider" }),
  actions: (block, scope) =>
    el("div", { class: "block actions" }, (block.elements ?? []).map((each) => element(each, block, scope))),
  image: (block) => el("p", { class: "block image" }, [words(block.title), block.alt_text || "image"].filter(Boolean).join(": ")),
  input,
  rich_text: (block, scope) => el("div", { class: "block rich" }, richText(block.elements, scope)),
  table,
  markdown: (block, scope) => el("div", { class: "block section" }, mrkdwn(block.text, scope)),
};

/** The nodes for a list of blocks. */
export function blocks(list, scope) {
  return (list ?? []).map((block) => {
    const make = makers[block.type];
    return make ? make(block, scope) : el("p", { class: "block unknown" }, `(${block.type} is not shown here)`);
  });
}

function section(block, scope) {
  const fields = (block.fields ?? []).map((each) => el("div", {}, words(each, scope)));
  return el(
    "div",
    { class: "block section" },
    el(
      "div",
      { class: "words" },
      block.text && el("div", {}, words(block.text, scope)),
      fields.length > 0 && el("div", { class: "fields" }, fields),
    ),
    block.accessory && el("div", { class: "accessory" }, element(block.accessory, block, scope)),
  );
}

function input(block, scope) {
  const id = freshId("field");
  const [labelId, hintId, errorId] = [`${id}-label`, `${id}-hint`, `${id}-error`];
  const spec = block.element ?? {};
  const single = !["checkboxes", "radio_buttons", "multi_static_select"].includes(spec.type);
  const told = {
    id: single ? id : undefined,
    labelId,
    describedBy: block.hint ? `${hintId} ${errorId}` : errorId,
    required: !block.optional && isInput(spec),
    input: true,
    dispatch: block.dispatch_action === true,
  };
  return el(
    "div",
    { class: "block input", dataset: { block: block.block_id ?? "" } },
    el(
      single ? "label" : "div",
      { class: "label", id: labelId, for: single ? id : null },
      words(block.label, scope),
      block.optional && el("span", { class: "optional" }, " (optional)"),
    ),
    element(spec, block, scope, told),
    el("p", { class: "field-error", id: errorId, dataset: { testid: "field-error", block: block.block_id ?? "" }, hidden: true }),
    block.hint && el("p", { class: "hint", id: hintId }, words(block.hint, scope)),
  );
}

function table(block, scope) {
  const align = (column) => `cell ${block.column_settings?.[column]?.align ?? ""}`;
  const cell = (tag) => (each, column) =>
    el(tag, { class: align(column) }, each.type === "rich_text" ? richText(each.elements, scope) : each.text ?? "");
  const [head, ...rows] = block.rows ?? [];
  return el(
    "div",
    { class: "block table", tabIndex: 0, role: "region", "aria-label": "Table" },
    el(
      "table",
      {},
      head && el("thead", {}, el("tr", {}, head.map(cell("th")))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell("td"))))),
    ),
  );
}
