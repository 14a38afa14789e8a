/** What every input has in common: its place, its value at the start, and who hears of its changes. For `scope`, see elements.js. */

/** Where `spec` stands in its view or message: what is typed there is kept under this name. */
export const place = (spec, block) => `${block.block_id ?? ""}/${spec.action_id ?? ""}`;

/** Send a click or choice, as Slack writes it; null when it was refused, or thought better of. */
export function fire(spec, block, scope, more) {
  return scope.act({ type: spec.type, action_id: spec.action_id, block_id: block.block_id, ...more }, spec.confirm);
}

/** Make `spec` one of the modal's fields, or send its changes at once where it stands in a message. */
export function field(spec, block, scope, told, read, changed) {
  const key = place(spec, block);
  const sends = told.input ? told.dispatch : true;
  const entry = { key, blockId: block.block_id, actionId: spec.action_id, read, touched: false };
  scope.fields?.push(entry);
  return async () => {
    entry.touched = true;
    return sends ? fire(spec, block, scope, changed()) : undefined;
  };
}

/** What an input starts with: what was typed or stands in the view's state; undefined leaves it to its initial value. */
export function start(spec, block, scope) {
  return scope.kept?.get(place(spec, block)) ?? scope.values?.[block.block_id]?.[spec.action_id];
}

/** The properties of a single input, with what describes it. */
export function described(spec, block, told) {
  return {
    id: told.id,
    class: "field",
    "aria-describedby": told.describedBy,
    "aria-required": told.required ? "true" : null,
    dataset: { focus: place(spec, block), action: spec.action_id ?? "", block: block.block_id ?? "" },
  };
}
