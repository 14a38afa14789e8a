/** A button with a menu behind it, in the browser's top layer. */

import { el, freshId } from "./dom.js";

/** The button and its menu; each item is `{label, hint, pick}`. `dataset` is put on the button. */
export function menu(items, label, dataset) {
  const id = freshId("menu");
  const rows = items.map((item) =>
    el(
      "button",
      {
        type: "button",
        role: "menuitem",
        onclick: () => {
          list.hidePopover();
          opener.focus();
          item.pick();
        },
      },
      item.label,
      item.hint && el("small", {}, item.hint),
    ),
  );
  const list = el("div", { id, class: "menu", role: "menu", popover: "auto", "aria-label": label }, rows);
  const opener = el(
    "button",
    { type: "button", class: "button more", "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false", dataset },
    "⋯",
  );
  opener.popoverTargetElement = list;
  list.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    opener.setAttribute("aria-expanded", String(open));
    if (open) {
      put(list, opener);
      rows[0]?.focus();
    }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement);
    rows[(at + step + rows.length) % rows.length]?.focus();
  });
  return el("span", { class: "with-menu" }, opener, list);
}

/** Below the button where there is room, above it otherwise, and inside the window. */
function put(list, opener) {
  const spot = opener.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  const below = spot.bottom + size.height + 8 < window.innerHeight;
  list.style.top = `${below ? spot.bottom + 4 : Math.max(8, spot.top - size.height - 4)}px`;
  list.style.left = `${Math.max(8, Math.min(spot.right - size.width, window.innerWidth - size.width - 8))}px`;
}
