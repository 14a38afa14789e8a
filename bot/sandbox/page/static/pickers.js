/** Menus to choose one thing from: the bot's options, people, channels, or what the bot suggests while one types. */

import { post } from "./api.js";
import { everyone, everywhere } from "./directory.js";
import { el, freshId } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { described, field, start } from "./field.js";

const option = ({ id, name }) => ({ value: id, text: { text: name } });

/** Where the state of each kind holds the choice, what it starts with, and what there is to choose where the bot does not say. */
const kinds = {
  users_select: { key: "selected_user", initial: "initial_user", offered: () => everyone().map(option) },
  channels_select: { key: "selected_channel", initial: "initial_channel", offered: () => everywhere().map(option) },
  conversations_select: { key: "selected_conversation", initial: "initial_conversation", offered: () => everywhere().map(option) },
};
const ofOptions = { key: "selected_option", initial: "initial_option" };

/** A menu of options, people or channels. */
export function select(spec, block, scope, told) {
  const { key, initial, offered } = kinds[spec.type] ?? ofOptions;
  const options = [];
  const entry = (each) => {
    options.push(each);
    const hint = each.description ? ` · ${each.description.text}` : "";
    return el("option", { value: String(options.length - 1) }, withEmoji(each.text?.text) + withEmoji(hint));
  };
  const groups = spec.option_groups?.map((group) =>
    el("optgroup", { label: withEmoji(group.label?.text) }, group.options.map(entry)),
  );
  const placeholder = withEmoji(spec.placeholder?.text) || "Choose…";
  const node = el(
    "select",
    { ...described(spec, block, told), onchange: choose },
    el("option", { value: "" }, placeholder),
    groups ?? (offered?.() ?? spec.options ?? []).map(entry),
  );
  if (!told.input) node.setAttribute("aria-label", placeholder);
  const choice = () => {
    const chosen = node.value === "" ? null : options[Number(node.value)];
    return { [key]: offered ? chosen?.value ?? null : chosen };
  };
  const begun = start(spec, block, scope);
  const chosen = begun ? begun[key] : spec[initial];
  const at = options.findIndex((each) => each.value === (chosen?.value ?? chosen));
  if (at >= 0) node.value = String(at);
  const changed = field(spec, block, scope, told, () => ({ type: spec.type, ...choice() }), choice);
  let before = node.value;
  async function choose() {
    // What was refused, or thought better of, is not chosen.
    if ((await changed()) === null) node.value = before;
    before = node.value;
  }
  return node;
}

const pause = 250;

/** A box to type in, with what the bot suggests for it. */
export function external(spec, block, scope, told) {
  const begun = start(spec, block, scope);
  let chosen = (begun ? begun.selected_option : spec.initial_option) ?? null;
  let offered = [];
  let timer = 0;
  let asked = 0;
  const label = (each) => withEmoji(each?.text?.text);
  const list = el("datalist", { id: freshId("suggestions") });
  const node = el("input", {
    ...described(spec, block, told),
    type: "text",
    list: list.id,
    autocomplete: "off",
    value: label(chosen),
    placeholder: withEmoji(spec.placeholder?.text) || "Search…",
    oninput: typed,
    // What was typed and is no option is not kept.
    onchange: () => {
      clearTimeout(timer);
      node.value = label(chosen);
    },
    onfocus: () => node.value === "" && typed(),
  });
  if (!told.input) node.setAttribute("aria-label", node.placeholder);
  const choice = () => ({ selected_option: chosen });
  const changed = field(spec, block, scope, told, () => ({ type: spec.type, ...choice() }), choice);

  async function typed() {
    const found = offered.find((each) => label(each) === node.value);
    if (found || (node.value === "" && chosen)) return choose(found ?? null);
    clearTimeout(timer);
    if (node.value.length >= (spec.min_query_length ?? 3)) timer = setTimeout(suggest, pause);
  }
  async function choose(found) {
    const before = chosen;
    chosen = found;
    if ((await changed()) !== null) return;
    chosen = before;
    node.value = label(chosen);
  }
  async function suggest() {
    const mine = ++asked;
    const where = { action_id: spec.action_id, block_id: block.block_id };
    const answer = await post("/suggest", { user: scope.viewer, ...scope.at, action: where, value: node.value }).catch(() => ({}));
    if (mine !== asked) return;
    offered = answer.options ?? (answer.option_groups ?? []).flatMap((group) => group.options);
    list.replaceChildren(...offered.map((each) => el("option", { value: label(each) })));
  }
  return el("span", { class: "external" }, node, list);
}
