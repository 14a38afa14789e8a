/** Moments as the reader's clock has them. */

import { zoneOf } from "./directory.js";

const locale = "en-GB";

let moved = 0;

/** Take over the workspace's time, in seconds: it can be moved, and "today" moves with it. */
export function setNow(seconds) {
  if (Number.isFinite(seconds)) moved = seconds * 1000 - Date.now();
}

/** The workspace's time. */
export const now = () => new Date(Date.now() + moved);

/** How far the workspace's time is from this machine's, in words. */
export function ahead() {
  const minutes = Math.round(moved / 60_000);
  if (minutes < 1) return "as on this machine";
  const parts = [[Math.floor(minutes / 1440), "d"], [Math.floor((minutes % 1440) / 60), "h"], [minutes % 60, "min"]];
  return `${parts.filter(([count]) => count).map((each) => each.join(" ")).join(" ")} ahead of this machine`;
}

/** The workspace's date as `viewer` has it. */
export const today = (viewer) => day(now(), viewer);

function written(at, options, viewer) {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zoneOf(viewer) }).format(at);
  } catch {
    return new Intl.DateTimeFormat(locale, options).format(at);
  }
}

/** Hours and minutes. */
export const time = (at, viewer) => written(at, { hour: "2-digit", minute: "2-digit" }, viewer);

/** Hours, minutes and seconds. */
export const timeSeconds = (at, viewer) => written(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" }, viewer);

/** The moment of a message's ts. */
export const momentOf = (ts) => new Date(Number(ts) * 1000);

/** The day of the week and the date. */
export const weekday = (at, viewer) => written(at, { dateStyle: "full" }, viewer);

/** The whole date and time, for a tooltip. */
export const full = (at, viewer) => written(at, { dateStyle: "full", timeStyle: "medium" }, viewer);

const day = (at, viewer) => written(at, { year: "numeric", month: "2-digit", day: "2-digit" }, viewer);

function pretty(at, viewer, otherwise) {
  const away = { "-1": "yesterday", 0: "today", 1: "tomorrow" };
  for (const [days, word] of Object.entries(away)) {
    if (day(new Date(now().getTime() + Number(days) * 86_400_000), viewer) === day(at, viewer)) return word;
  }
  return otherwise;
}

function ago(at) {
  const seconds = Math.round((at - now()) / 1000);
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** A date by Slack's `format`; null when it can't be read, and the fallback is wanted. */
export function dateText(seconds, format, viewer) {
  const at = new Date(seconds * 1000);
  if (!Number.isFinite(seconds) || Number.isNaN(at.getTime())) return null;
  const long = written(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" }, viewer);
  const plain = written(at, { day: "numeric", month: "long", year: "numeric" }, viewer);
  const short = written(at, { day: "numeric", month: "short", year: "numeric" }, viewer);
  const words = {
    date_num: () => written(at, { year: "numeric", month: "2-digit", day: "2-digit" }, viewer).split("/").reverse().join("-"),
    date_slash: () => day(at, viewer),
    date: () => plain,
    date_pretty: () => pretty(at, viewer, plain),
    date_short: () => short,
    date_short_pretty: () => pretty(at, viewer, short),
    date_long: () => long,
    date_long_pretty: () => pretty(at, viewer, long),
    time: () => time(at, viewer),
    time_secs: () => timeSeconds(at, viewer),
    ago: () => ago(at),
  };
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => words[name]?.() ?? whole);
  return text ? text[0].toUpperCase() + text.slice(1) : null;
}
