/** Who and what there is, by id: what mentions are written with. */

let users = new Map();
let channels = new Map();
let groups = new Map();
let botUser = "";

/** Take over what GET /_control/state told. */
export function learn(state) {
  const byId = (list) => new Map((list ?? []).map((each) => [each.id, each]));
  users = byId(state.users);
  channels = byId(state.channels);
  groups = byId(state.groups);
  botUser = state.app?.botUserId ?? "";
}

/** The name people read; the id itself for somebody unknown. */
export function userName(id) {
  if (id === botUser) return "warehouse";
  if (id === "USLACKBOT") return "Slackbot";
  const user = users.get(id);
  return user?.profile?.display_name || user?.real_name || user?.name || id || "somebody";
}

/** The short name behind the @. */
export function userHandle(id) {
  return id === botUser ? "warehouse" : users.get(id)?.name || id;
}

/** Whether `id` is the bot's. */
export const isBot = (id) => id === botUser;

/** The user's time zone, where the workspace says one; otherwise the browser's. */
export const zoneOf = (id) => users.get(id)?.tz || undefined;

/** A channel's name without its #. */
export const channelName = (id) => channels.get(id)?.name ?? id;

/** Everybody, the bot too, as `{id, name}`. */
export const everyone = () => [...users.keys()].map((id) => ({ id, name: userName(id) }));

/** Every channel, as `{id, name}`. */
export const everywhere = () => [...channels.values()].map(({ id, name }) => ({ id, name: `#${name}` }));

/** A group's handle without its @. */
export const groupHandle = (id) => groups.get(id)?.handle ?? id;
