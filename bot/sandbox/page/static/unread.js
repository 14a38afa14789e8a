/** Up to which message each person has read each channel, remembered by the browser. */

const nameOf = (user, channel) => `warehouse-bot.read.${user}.${channel}`;

/** `user` sees `channel`, whose newest message of others is `ts`. */
export function markRead(user, channel, ts) {
  if (ts && !document.hidden) localStorage.setItem(nameOf(user, channel), ts);
}

/** Whether `channel` has messages of others that `user` has not seen; `newest` has the last of each channel. */
export function isUnread(user, channel, newest) {
  return Boolean(newest[channel]) && Number(newest[channel]) > Number(localStorage.getItem(nameOf(user, channel)) ?? 0);
}
