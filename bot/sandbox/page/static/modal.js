/** The modal on top of a person's stack, in a <dialog>. What is typed stays while the view changes under it. */

import { post, reason } from "./api.js";
import { blocks } from "./blocks.js";
import { byId, el, focusIn, refocus } from "./dom.js";
import { words } from "./elements.js";
import { meaning, perform, told } from "./toast.js";

/** What was typed, by view id and then by "block_id/action_id". */
const typed = new Map();
let shown = { viewer: "", mark: "", id: "", fields: [] };
let after = () => {};

/** Call `done` after each act of the person's in a modal. */
export const onModalAct = (done) => (after = done);

/** Show the last of `views`, or none. */
export function showModal(views, viewer) {
  const dialog = byId("modal");
  const view = views.at(-1);
  remember();
  if (shown.viewer !== viewer) typed.clear();
  for (const id of [...typed.keys()]) {
    if (!views.some((each) => each.id === id)) typed.delete(id);
  }
  if (!view) {
    const closing = dialog.open;
    if (closing) dialog.close();
    dialog.replaceChildren();
    // Where the button that opened it is gone, the focus stayed on an input of the form, and went with it.
    if (closing && document.activeElement === document.body) byId("text").focus();
    shown = { viewer, mark: "", id: "", fields: [] };
    return;
  }
  const mark = `${viewer} ${view.id} ${view.hash} ${views.length} ${JSON.stringify(view.blocks)}`;
  if (mark === shown.mark && dialog.open) return;
  draw(dialog, view, viewer, views.length, mark);
}

function remember() {
  const changed = shown.fields.filter((field) => field.touched);
  if (!changed.length) return;
  const kept = typed.get(shown.id) ?? new Map();
  for (const field of changed) kept.set(field.key, field.read());
  typed.set(shown.id, kept);
}

function draw(dialog, view, viewer, depth, mark) {
  const same = shown.id === view.id && shown.viewer === viewer && dialog.open;
  const focus = same ? focusIn(dialog) : null;
  const scroll = same ? dialog.querySelector(".modal-body")?.scrollTop : 0;
  const fields = [];
  const scope = {
    viewer,
    fields,
    kept: typed.get(view.id),
    values: view.state?.values,
    act: async (action, confirm) => {
      const answer = await perform("/view-action", { user: viewer, action, values: valuesOf(fields) }, confirm);
      after();
      return answer;
    },
  };
  shown = { viewer, mark, id: view.id, fields };
  dialog.replaceChildren(form(view, viewer, depth, fields, scope));
  for (const field of fields) field.touched = scope.kept?.has(field.key) ?? false;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(".modal-body").scrollTop = scroll ?? 0;
  if (focus?.place) refocus(dialog, focus);
  else if (!same || focus) firstStop(dialog).focus();
}

const firstStop = (dialog) =>
  dialog.querySelector(".modal-body :is(input, select, textarea)") ?? dialog.querySelector("[data-testid=modal-submit]") ??
  dialog.querySelector(".close");

function form(view, viewer, depth, fields, scope) {
  const close = () => leave(viewer);
  return el(
    "form",
    {
      novalidate: "",
      noValidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (view.submit) submit(event.currentTarget, viewer, fields);
      },
    },
    el(
      "header",
      {},
      el("h2", { id: "modal-title" }, words(view.title)),
      depth > 1 && el("span", { class: "depth" }, `${depth} of 3`),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "✕"),
    ),
    el("div", { class: "modal-body" }, el("p", { class: "trouble", role: "alert", hidden: true, dataset: { testid: "modal-error" } }), blocks(view.blocks, scope)),
    el(
      "footer",
      {},
      el("button", { type: "button", class: "button", dataset: { testid: "modal-close" }, onclick: close }, words(view.close) || (view.submit ? "Cancel" : "Close")),
      view.submit && el("button", { type: "submit", class: "button primary", dataset: { testid: "modal-submit" } }, words(view.submit)),
    ),
  );
}

/** Everything in the modal, as Slack writes it in `state.values`. */
function valuesOf(fields) {
  const values = {};
  for (const field of fields) (values[field.blockId] ??= {})[field.actionId] = field.read();
  return values;
}

async function submit(node, viewer, fields) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  showErrors(node, {});
  trouble(node, "");
  try {
    const answer = await post("/submit", { user: viewer, values: valuesOf(fields) });
    say(node, answer);
  } catch (error) {
    if (error.answer?.errors) say(node, error.answer);
    else trouble(node, told(error));
  } finally {
    node.removeAttribute("aria-busy");
    after();
  }
}

function say(node, answer) {
  const left = showErrors(node, answer.errors ?? {});
  if (left.length) trouble(node, left.join(" "));
  else if (answer.ok === false && !answer.errors) trouble(node, meaning(reason(answer)) || "That did not work.");
}

/** Each error under its input; those whose input isn't here are given back. */
function showErrors(node, errors) {
  const left = { ...errors };
  let first = null;
  for (const place of node.querySelectorAll(".field-error")) {
    const text = left[place.dataset.block];
    delete left[place.dataset.block];
    place.textContent = text ?? "";
    place.hidden = !text;
    for (const input of place.closest(".input").querySelectorAll("input, select, textarea")) {
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (text) first ??= input;
    }
  }
  first?.focus();
  return Object.values(left);
}

function trouble(node, text) {
  const place = node.querySelector(".trouble");
  place.textContent = text;
  place.hidden = !text;
}

async function leave(viewer) {
  await perform("/close", { user: viewer });
  after();
}

/** Escape closes the view on top, not the whole dialog. */
export function guardModal() {
  byId("modal").addEventListener("cancel", (event) => {
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    leave(shown.viewer);
  });
}
