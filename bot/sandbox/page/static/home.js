/** The bot's Home tab as one person sees it. */

import { get } from "./api.js";
import { blocks } from "./blocks.js";
import { byId, el, focusIn, refocus } from "./dom.js";
import { perform } from "./toast.js";

/** Tell the bot that `user` opened its Home; they are told where it does not answer. */
export const openHome = (user) => perform("/open-home", { user });

/** Read `user`'s Home; null when the bot has published none. */
export async function readHome(user) {
  const answer = await get(`/home/${encodeURIComponent(user)}`);
  const view = answer.view === undefined ? answer : answer.view;
  return view?.blocks ? view : null;
}

/** Show it; `done` is called after each click. */
export function showHome(view, user, done) {
  const holder = byId("home");
  const looks = JSON.stringify([user, view]);
  if (holder.dataset.of === looks) return;
  holder.dataset.of = looks;
  const focus = focusIn(holder);
  const scope = {
    viewer: user,
    values: view?.state?.values,
    at: { home: true },
    act: async (action, confirm) => {
      const answer = await perform("/home-action", { user, action }, confirm);
      done();
      return answer;
    },
  };
  holder.replaceChildren(...(view ? blocks(view.blocks, scope) : [el("p", { class: "note" }, "The bot has published nothing here yet.")]));
  if (focus) refocus(holder, focus);
}
