/** Building elements without markup, so that nobody's words become any. */

/**
 * An element. Properties named `on…` listen, `dataset` and `aria-…`/`role`/`for` are set as such, `class` is the class;
 * values that are null, undefined or false are left out. Children are nodes or text; empty ones are left out.
 */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(made.dataset, value);
    else if (name === "class") made.className = value;
    else if (name.includes("-") || ["role", "for", "list", "popover"].includes(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

/** The only element in the page with this id. */
export const byId = (id) => document.getElementById(id);

let made = 0;

/** An id nobody else has. */
export const freshId = (prefix) => `${prefix}-${++made}`;

/**
 * Let `holder` show `items` in order, keeping the nodes of those that did not change.
 * `key` tells items apart; `build` makes one's node; `carry(old, fresh)` brings over what a person did to it.
 */
export function reconcile(holder, items, key, build, carry = () => {}) {
  const old = new Map([...holder.children].map((node) => [node.dataset.key, node]));
  let at = holder.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const looks = JSON.stringify(item);
    const before = old.get(name);
    old.delete(name);
    let node = before;
    if (!before || before.looks !== looks) {
      node = build(item);
      node.dataset.key = name;
      node.looks = looks;
      if (before) {
        if (before === at) at = node;
        const focus = focusIn(before);
        before.replaceWith(node);
        carry(before, node);
        refocus(node, focus);
      }
    }
    if (node === at) at = at.nextElementSibling;
    else holder.insertBefore(node, at);
  }
  for (const gone of old.values()) {
    const had = gone.contains(document.activeElement);
    gone.remove();
    if (had) byId("text")?.focus({ preventScroll: true });
  }
}

/** What has the focus inside `node`, so that it can be given back: its place (`data-focus`), or the node itself. */
export function focusIn(node) {
  const active = document.activeElement;
  if (!active || !node.contains(active)) return null;
  const caret = "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  return { place: active.closest("[data-focus]")?.dataset.focus ?? "", caret };
}

/** Give the focus back to the same place in `node`, or to the node where that place is gone. */
export function refocus(node, focus) {
  if (!focus) return;
  const target = [...node.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === focus.place && !each.disabled);
  if (target) {
    target.focus({ preventScroll: true });
    if (focus.caret && focus.caret[0] !== null && target.setSelectionRange) {
      target.setSelectionRange(...focus.caret);
    }
    return;
  }
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}
