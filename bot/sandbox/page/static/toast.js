/** Short remarks at the foot of the page, and the dialog that asks before something happens. */

import { ApiError, post, reason } from "./api.js";
import { byId, el, freshId } from "./dom.js";
import { words } from "./elements.js";

let away = 0;

/** Say `text` for a while, over everything else. */
export function toast(text, kind = "error") {
  const holder = byId("toast");
  holder.replaceChildren(el("p", { class: kind, title: "Click to dismiss", onclick: hush, dataset: { testid: "toast" } }, text));
  if (holder.matches(":popover-open")) holder.hidePopover();
  holder.showPopover();
  clearTimeout(away);
  away = setTimeout(() => holder.hidePopover(), kind === "error" ? 9000 : 4000);
}

/** Take back what was said, since the person goes on. */
export function hush() {
  if (byId("toast").matches(":popover-open")) byId("toast").hidePopover();
}

/** Whether an answer says that something went wrong. */
const refused = (answer) => answer?.ok === false || Boolean(answer?.error);

/** What `error` says to a person. */
export const told = (error) => (error instanceof ApiError ? error.message : String(error?.message ?? error));

const meanings = {
  operation_timeout: "The bot did not answer within 3 seconds",
  dispatch_failed: "The bot could not be reached",
};

/** A code of Slack's in words, with the code behind them; anything else as it is. */
export const meaning = (code) => (meanings[code] ? `${meanings[code]} (${code}).` : code);

/** Ask as a confirm object of Block Kit says; true when the person agrees. */
export function ask(confirm) {
  return new Promise((resolve) => {
    const [id, about] = [freshId("confirm"), freshId("confirm")];
    const button = (value, label, style) => el("button", { value, class: `button ${style}` }, label);
    const dialog = el(
      "dialog",
      { class: "confirm", role: "alertdialog", "aria-labelledby": id, "aria-describedby": about, dataset: { testid: "confirm" }, onclose: () => {
        dialog.remove();
        resolve(dialog.returnValue === "yes");
      } },
      el(
        "form",
        { method: "dialog" },
        el("h2", { id }, words(confirm.title) || "Are you sure?"),
        el("p", { id: about }, words(confirm.text)),
        el(
          "footer",
          {},
          button("no", words(confirm.deny) || "Cancel", ""),
          button("yes", words(confirm.confirm) || "Yes", confirm.style ?? "primary"),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * POST an act of the person's, asking them first as `confirm` says, or where the workspace wants it all the same: what
 * is shown may be older than what it knows. The answer, or null when it was refused, which they were told, or when they
 * thought better of it.
 */
export async function perform(path, body, confirm) {
  try {
    if (confirm && !(await ask(confirm))) return null;
    let answer = await post(path, confirm ? { ...body, confirm: true } : body).catch(askable);
    if (answer.ok === false && answer.confirm) {
      if (!(await ask(answer.confirm))) return null;
      answer = await post(path, { ...body, confirm: true });
    }
    if (refused(answer) && !answer.errors) {
      toast(meaning(reason(answer)) || "That did not work.");
      return null;
    }
    return answer;
  } catch (error) {
    toast(told(error));
    return null;
  }
}

function askable(error) {
  if (error.answer?.confirm) return error.answer;
  throw error;
}
