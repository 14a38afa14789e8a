/** Where one can be (channels, the DM with the bot, App Home), who one acts as, and the URL that says so. */

import { byId, el } from "./dom.js";
import { isBot } from "./directory.js";
import { isUnread } from "./unread.js";

const home = "home";

const lastUser = "warehouse-bot.user";

/** Who acts and where, as the URL has it, and the message that is looked for; a permalink names nobody, and is read as whoever was here. */
export function fromHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const user = hash.get("user") ?? (hash.has("channel") ? sessionStorage.getItem(lastUser) : "");
  return { user: user ?? "", channel: hash.get("channel") ?? "", message: hash.get("message") ?? "" };
}

/** The URL's part for `user` in `channel`, at the message `ts` where there is one. */
export const hashOf = (user, channel, ts = "") => `#${new URLSearchParams({ user, channel, ...(ts && { message: ts }) })}`;

/** Say in the URL where one is, without a step back to where one was. */
export function stay(user, channel) {
  sessionStorage.setItem(lastUser, user);
  if (location.hash !== hashOf(user, channel)) history.replaceState(null, "", hashOf(user, channel));
}

/** The same place as one of this workspace's permalinks, for `viewer`; null for any other address. */
export function permalink(href, viewer) {
  const url = URL.canParse(href) ? new URL(href) : null;
  const [, channel, digits] = /^\/archives\/(\w+)\/p(\d{7,})$/.exec(url?.pathname ?? "") ?? [];
  if (!channel || !viewer || url.origin !== location.origin) return null;
  return hashOf(viewer, channel, `${digits.slice(0, -6)}.${digits.slice(-6)}`);
}

export const isHome = (channel) => channel === home;

/** The people one can act as. */
export const people = (state) => (state.users ?? []).filter((user) => !user.is_bot && !isBot(user.id));

/** The id of `user`'s DM with the bot, opened or not. */
function dmOf(state, user) {
  return (state.dms ?? []).find((each) => each.user === user)?.id ?? `D${user.slice(1)}`;
}

/** Everywhere `user` can be: `{id, name, about, kind}`. */
export function placesOf(state, user) {
  const channels = (state.channels ?? []).filter((each) => (each.members ?? []).includes(user));
  return [
    ...channels.map((each) => ({ id: each.id, kind: "channel", name: `#${each.name}`, about: about(state, each) })),
    { id: dmOf(state, user), kind: "dm", name: "warehouse", about: "Your direct message with the bot" },
    { id: home, kind: "home", name: "App Home", about: "The bot's Home tab" },
  ];
}

function about(state, channel) {
  const members = channel.members ?? [];
  const count = members.filter((id) => !isBot(id)).length;
  const parts = [`${count} ${count === 1 ? "person" : "people"}`];
  parts.push(members.includes(state.app?.botUserId) ? "the bot is here" : "the bot is not here: /invite @warehouse");
  if (channel.is_ext_shared) parts.push("shared with another company");
  return parts.join(" · ");
}

/** Who and where to be, nearest to what is wanted. */
export function settled(state, wanted) {
  const everyone = people(state);
  const user = everyone.find((each) => each.id === wanted.user)?.id ?? everyone[0]?.id ?? "";
  const places = placesOf(state, user);
  const place = places.find((each) => each.id === wanted.channel) ?? places[0];
  return { user, place, places };
}

const kinds = { channel: "Channels", dm: "Direct messages", home: "App" };

/** Draw the list of places and the choice of people. */
export function showPlaces(state, { user, place, places }, newest = {}) {
  const select = byId("act-as");
  const options = people(state).map((each) => [each.id, `${each.real_name || each.name}${note(state, each)}`]);
  if (select.dataset.of !== JSON.stringify(options)) {
    select.dataset.of = JSON.stringify(options);
    select.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
  }
  select.value = user;
  const holder = byId("places");
  const marked = places.map((each) => ({ ...each, unread: each.id !== place.id && isUnread(user, each.id, newest) }));
  const looks = JSON.stringify([user, place.id, marked]);
  if (holder.dataset.of === looks) return;
  holder.dataset.of = looks;
  const had = holder.contains(document.activeElement) ? document.activeElement.dataset.testid : "";
  holder.replaceChildren(...Object.entries(kinds).map(([kind, title]) => group(title, marked.filter((each) => each.kind === kind), user, place)));
  if (had) [...holder.querySelectorAll("a")].find((each) => each.dataset.testid === had)?.focus();
}

function group(title, places, user, place) {
  return el(
    "section",
    {},
    el("h2", {}, title),
    el("ul", { class: "plain-list" }, places.map((each) => el("li", {}, el(
      "a",
      {
        // Whole, since a link that begins with # is taken for one that skips to a part of the page.
        href: new URL(hashOf(user, each.id), location.href).href,
        "aria-current": each.id === place.id ? "page" : null,
        class: each.unread && "unread",
        dataset: { testid: testId(each) },
      },
      each.name,
      each.unread && el("span", { class: "unseen" }, ", new messages"),
    )))),
  );
}

const testId = (place) => (place.kind === "channel" ? `channel-${place.id}` : place.kind === "dm" ? "dm" : "home-link");

function note(state, user) {
  if (state.workspace?.teamId && user.team_id && user.team_id !== state.workspace.teamId) return " (another company)";
  if (user.is_restricted) return " (guest)";
  const group = (state.groups ?? []).find((each) => (each.users ?? []).includes(user.id));
  return group ? ` (@${group.handle})` : "";
}
