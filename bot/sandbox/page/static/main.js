/** The page: reads what changed, and draws it for the person that is being acted as. */

import { get, listIn, watch } from "./api.js";
import { learnCommand, learnNames } from "./completion.js";
import { startComposer, writeTo } from "./composer.js";
import { readFaults, showClock } from "./controls.js";
import { learn } from "./directory.js";
import { byId } from "./dom.js";
import { openHome, readHome, showHome } from "./home.js";
import { pointAt, showMessages } from "./messages.js";
import { guardModal, onModalAct, showModal } from "./modal.js";
import { isShown, startPanel } from "./panel.js";
import { fromHash, hashOf, isHome, settled, showPlaces, stay } from "./places.js";
import { followScenes, startScenes } from "./scenes.js";
import { showSegment } from "./segment.js";
import { now as moment, setNow } from "./time.js";
import { toast, told } from "./toast.js";
import { forgetTraffic, readTraffic } from "./traffic.js";
import { markRead } from "./unread.js";

const retryAfter = 2000;

let here = { user: "", channel: "" };
let reading = false;
let again = false;
let failing = false;
let retry = 0;
let focusHeld = false;

/** Read everything that is shown, once; what was asked for meanwhile is read once more afterwards. */
async function refresh() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  do {
    again = false;
    try {
      await read();
      failing = false;
    } catch (error) {
      if (!failing) toast(told(error));
      failing = true;
      clearTimeout(retry);
      retry = setTimeout(refresh, retryAfter);
    }
  } while (again);
  reading = false;
}

async function read() {
  const asked = fromHash();
  const state = await get("/state");
  if (elsewhere(asked)) return;
  learn(state);
  learnCommand(state.app?.command);
  byId("team").textContent = state.workspace?.name ?? "Workspace";
  const now = settled(state, asked);
  const { newest } = await get(`/newest/${encodeURIComponent(now.user)}`);
  if (elsewhere(asked)) return;
  markRead(now.user, now.place.id, newest[now.place.id]);
  move(state, now, newest);
  const [list, views, home, segment, clock, faults] = await Promise.all([
    isHome(now.place.id) ? [] : get(messagesOf(now)).catch(unopened),
    get(`/views/${encodeURIComponent(now.user)}`),
    isHome(now.place.id) ? readHome(now.user).catch(unopened) : null,
    get("/segment").catch(() => null),
    get("/clock").catch(() => null),
    readFaults(),
  ]);
  const wanted = fromHash();
  if (elsewhere({ user: now.user, channel: now.place.id })) return;
  setNow(clock?.now);
  draw(now, listIn(list, "messages"), home);
  showModal(listIn(views, "views"), now.user);
  if (wanted.message) {
    pointAt(byId("messages"), wanted.message);
    stay(now.user, now.place.id);
  }
  if (segment) {
    learnNames(segment);
    if (isShown("segment")) showSegment(segment);
  }
  if (isShown("traffic") || isShown("segment")) await readTraffic();
  const seen = { messages: listIn(list, "messages"), views: listIn(views, "views"), segment, faults };
  followScenes({ now: moment().getTime() / 1000, user: now.user, channel: now.place.id, ...seen });
}

/** Whether one went somewhere else since `asked`: what was read is not for there, and is read again. */
function elsewhere(asked) {
  const wanted = fromHash();
  const gone = wanted.user !== asked.user || wanted.channel !== asked.channel;
  again ||= gone;
  return gone;
}

/** What the bot does without anything to see in Slack shows in the inspector alone. */
async function lookAside() {
  if (document.hidden || reading || failing) return;
  try {
    if (isShown("workspace")) showClock();
    if (isShown("segment")) showSegment(await get("/segment"));
    if (isShown("traffic") || isShown("segment")) await readTraffic();
  } catch {
    // The next full reading tells.
  }
}

const messagesOf = ({ user, place }) => `/messages/${encodeURIComponent(place.id)}?user=${encodeURIComponent(user)}`;

/** A DM or a Home that nobody opened yet has nothing in it. */
function unopened(error) {
  if (error.status === 404 || error.status === 400) return null;
  throw error;
}

/** Be where the URL says, and say there where that is. */
function move(state, now, newest) {
  showPlaces(state, now, newest);
  const wanted = fromHash();
  // A message that is looked for stays in the URL until it is found, but not where the person can't be.
  if (!wanted.message || wanted.user !== now.user || wanted.channel !== now.place.id) stay(now.user, now.place.id);
  if (here.user === now.user && here.channel === now.place.id) {
    byId("place-about").textContent = now.place.about;
    return;
  }
  here = { user: now.user, channel: now.place.id };
  byId("place-name").textContent = now.place.name;
  byId("place-about").textContent = now.place.about;
  document.title = `${now.place.name} · ${byId("act-as").selectedOptions[0]?.textContent ?? ""} · local workspace`;
  writeTo(isHome(now.place.id) ? "" : now.place.id, now.user, now.place.name);
  if (isHome(now.place.id)) openHome(now.user).then(refresh);
}

/** Until the page is drawn for who and where one is now, nothing can be pressed or said as who one was. */
function hold(on) {
  const parts = [byId("scroller"), byId("composer-form")];
  if (on) focusHeld ||= parts.some((part) => part.contains(document.activeElement));
  for (const part of parts) part.inert = on;
  if (on) return;
  if (focusHeld && document.activeElement === document.body) byId("text").focus({ preventScroll: true });
  focusHeld = false;
}

function draw(now, list, home) {
  const inHome = isHome(now.place.id);
  byId("home").hidden = !inHome;
  byId("messages").hidden = inHome;
  if (inHome) showHome(home, now.user, refresh);
  else showMessages(byId("messages"), byId("scroller"), list, now.place.id, now.user);
  hold(false);
}

function start() {
  guardModal();
  onModalAct(refresh);
  startComposer(refresh);
  startPanel(refresh);
  startScenes();
  byId("act-as").addEventListener("change", (event) => {
    hold(true);
    location.hash = hashOf(event.target.value, here.channel.startsWith("D") ? `D${event.target.value.slice(1)}` : here.channel);
  });
  window.addEventListener("hashchange", () => {
    hold(true);
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  let broken = false;
  watch(refresh, (live) => {
    if (live && broken) forgetTraffic();
    broken = !live;
    byId("link").textContent = live ? "live" : "not live";
    byId("link").className = live ? "live" : "polling";
  });
  setInterval(lookAside, 2000);
  refresh();
}

start();
