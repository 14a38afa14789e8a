/**
 * What people press, choose and type in: one node for each element of Block Kit.
 *
 * `scope` says where it stands: `scope.viewer` reads it; `scope.act(action, confirm)` is called for each click or choice
 * and gives null where it came to nothing; `scope.at` names the message or Home to the workspace; `scope.fields`, in a
 * modal, is the list that inputs add themselves to, `scope.values` what they start with.
 */

import { el, freshId } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { described, field, fire, place, start } from "./field.js";
import { menu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { external, select } from "./pickers.js";

const makers = {
  button,
  overflow,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  external_select: external,
  multi_static_select: checks,
  checkboxes: checks,
  radio_buttons: radios,
  plain_text_input: text,
  number_input: text,
  email_text_input: text,
  url_text_input: text,
  image,
};

/** The node for `spec`, an element of `block`; `told` holds the ids that describe an input, and whether it sends changes. */
export function element(spec, block, scope, told = {}) {
  const make = makers[spec.type];
  return make ? make(spec, block, scope, told) : el("span", { class: "unknown" }, `(${spec.type} is not shown here)`);
}

/** Whether an element keeps a value that is read at submission. */
export const isInput = (spec) => !["button", "overflow", "image"].includes(spec.type);

/** The text of a text object, with its markup read where it has any. */
export function words(object, scope) {
  if (!object) return "";
  return object.type === "mrkdwn" ? mrkdwn(object.text, scope) : withEmoji(object.text);
}

function button(spec, block, scope) {
  const made = el(
    "button",
    {
      type: "button",
      class: `button ${spec.style ?? ""}`,
      "aria-label": spec.accessibility_label,
      dataset: { focus: place(spec, block), action: spec.action_id ?? "" },
      onclick: () => busy(made, () => fire(spec, block, scope, { value: spec.value, text: spec.text })),
    },
    withEmoji(spec.text?.text),
  );
  if (spec.url && /^https?:/i.test(spec.url)) made.addEventListener("click", () => window.open(spec.url, "_blank", "noopener"));
  return made;
}

/** Let `node` be busy until `work` is done, so that nobody presses it twice meanwhile. */
export async function busy(node, work) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function overflow(spec, block, scope) {
  const items = (spec.options ?? []).map((option) => ({
    label: withEmoji(option.text?.text),
    hint: withEmoji(option.description?.text),
    pick: () => fire(spec, block, scope, { selected_option: option }),
  }));
  return menu(items, "More actions", { focus: place(spec, block), action: spec.action_id ?? "" });
}

function checks(spec, block, scope, told) {
  const options = spec.options ?? (spec.option_groups ?? []).flatMap((group) => group.options);
  const begun = start(spec, block, scope);
  const chosen = (begun ? begun.selected_options : spec.initial_options) ?? [];
  const boxes = options.map((option) => choice("checkbox", option, spec, block, scope, {
    checked: chosen.some((each) => each.value === option.value),
    onchange: () => pick(),
  }));
  const read = () => ({
    type: spec.type,
    selected_options: options.filter((_, at) => boxes[at].querySelector("input").checked),
  });
  const pick = unlessRefused(boxes, field(spec, block, scope, told, read, () => ({ selected_options: read().selected_options })));
  return el("div", { class: "choices", role: "group", ...groupNames(told) }, boxes);
}

function radios(spec, block, scope, told) {
  const begun = start(spec, block, scope);
  const chosen = begun ? begun.selected_option : spec.initial_option;
  const name = freshId("radio");
  const rows = (spec.options ?? []).map((option) => choice("radio", option, spec, block, scope, {
    name,
    checked: chosen?.value === option.value,
    onchange: () => pick(),
  }));
  const read = () => ({
    type: spec.type,
    selected_option: spec.options.find((_, at) => rows[at].querySelector("input").checked) ?? null,
  });
  const pick = unlessRefused(rows, field(spec, block, scope, told, read, () => ({ selected_option: read().selected_option })));
  return el("div", { class: "choices", role: "radiogroup", ...groupNames(told) }, rows);
}

/** Let the boxes in `rows` be as they were when `changed` came to nothing. */
function unlessRefused(rows, changed) {
  const boxes = rows.map((row) => row.querySelector("input"));
  let before = boxes.map((box) => box.checked);
  return async () => {
    if ((await changed()) === null) boxes.forEach((box, at) => (box.checked = before[at]));
    before = boxes.map((box) => box.checked);
  };
}

function choice(type, option, spec, block, scope, properties) {
  const focus = `${place(spec, block)}/${option.value}`;
  return el(
    "label",
    { class: "choice" },
    el("input", { type, value: option.value, dataset: { focus }, ...properties }),
    el(
      "span",
      {},
      words(option.text, scope),
      option.description && el("small", {}, words(option.description, scope)),
    ),
  );
}

function text(spec, block, scope, told) {
  const kinds = { number_input: "number", email_text_input: "email", url_text_input: "url" };
  const many = spec.multiline === true;
  const begun = start(spec, block, scope);
  const node = el(many ? "textarea" : "input", {
    ...described(spec, block, told),
    type: many ? null : kinds[spec.type] ?? "text",
    rows: many ? 5 : null,
    value: (begun ? begun.value : spec.initial_value) ?? "",
    placeholder: withEmoji(spec.placeholder?.text),
    autocomplete: "off",
    spellcheck: many ? null : false,
  });
  const read = () => ({ type: spec.type, value: node.value === "" ? null : node.value });
  const send = field(spec, block, scope, { ...told, dispatch: false, input: true }, read, () => ({ value: node.value }));
  const sends = !told.input || told.dispatch;
  const when = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const now = () => sends && fire(spec, block, scope, { value: node.value });
  node.addEventListener("input", () => {
    send();
    if (when.includes("on_character_entered")) now();
  });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && sends && !many && when.includes("on_enter_pressed")) {
      event.preventDefault();
      now();
    }
  });
  return node;
}

function image(spec) {
  return el("span", { class: "image", role: "img", "aria-label": spec.alt_text }, spec.alt_text || "image");
}

const groupNames = (told) => ({ "aria-labelledby": told.labelId, "aria-describedby": told.describedBy });
