/** The page: reads what changed, and draws it for the person that is being acted as. */

import { get, listIn, watch } from "./api.js";
import { learnNames } from "./completion.js";
import { fill, startComposer, writeTo } from "./composer.js";
import { learn } from "./directory.js";
import { byId, el } from "./dom.js";
import { openHome, readHome, showHome } from "./home.js";
import { showMessages } from "./messages.js";
import { guardModal, onModalAct, showModal } from "./modal.js";
import { isShown, startPanel } from "./panel.js";
import { fromHash, hashOf, isHome, settled, showPlaces } from "./places.js";
import { showSegment } from "./segment.js";
import { toast, told } from "./toast.js";
import { forgetTraffic, readTraffic } from "./traffic.js";

const first = ["/warehouse list", "/warehouse show prod-snowflake", "/warehouse create prod", "/warehouse delete legacy-redshift"];
const tried = "data-ops";

let here = { user: "", channel: "" };
let round = 0;
let reading = false;
let again = false;
let failing = false;

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
      await read(++round);
      failing = false;
    } catch (error) {
      if (!failing) toast(told(error));
      failing = true;
    }
  } while (again);
  reading = false;
}

async function read(mine) {
  const state = await get("/state");
  if (mine !== round) return;
  learn(state);
  byId("team").textContent = state.workspace?.name ?? "Workspace";
  const now = settled(state, fromHash());
  await move(state, now);
  const [list, views, home, segment] = await Promise.all([
    isHome(now.place.id) ? [] : get(messagesOf(now)).catch(unopened),
    get(`/views/${encodeURIComponent(now.user)}`),
    isHome(now.place.id) ? readHome(now.user).catch(unopened) : null,
    get("/segment").catch(() => null),
  ]);
  const wanted = fromHash();
  if (wanted.user !== now.user || wanted.channel !== now.place.id) {
    again = true;
    return;
  }
  draw(now, listIn(list, "messages"), home);
  showModal(listIn(views, "views"), now.user);
  if (segment) {
    learnNames(segment);
    if (isShown("segment")) showSegment(segment);
  }
  if (isShown("traffic")) await readTraffic();
}

/** What the bot does without anything to see in Slack shows in the inspector alone. */
async function lookAside() {
  if (document.hidden || reading || failing) return;
  try {
    if (isShown("segment")) showSegment(await get("/segment"));
    if (isShown("traffic")) await readTraffic();
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
async function move(state, now) {
  showPlaces(state, now);
  if (fromHash().user !== now.user || fromHash().channel !== now.place.id) {
    history.replaceState(null, "", hashOf(now.user, now.place.id));
  }
  if (here.user === now.user && here.channel === now.place.id) {
    byId("place-about").textContent = now.place.about;
    return;
  }
  here = { user: now.user, channel: now.place.id };
  byId("place-name").textContent = now.place.name;
  byId("place-about").textContent = now.place.about;
  document.title = `${now.place.name} · ${byId("act-as").selectedOptions[0]?.textContent ?? ""} · local workspace`;
  writeTo(isHome(now.place.id) ? "" : now.place.id, now.user, now.place.name);
  if (isHome(now.place.id)) await openHome(now.user);
}

function draw(now, list, home) {
  const inHome = isHome(now.place.id);
  byId("home").hidden = !inHome;
  byId("messages").hidden = inHome;
  byId("try").hidden = inHome || now.place.name !== `#${tried}` || list.length > 0;
  if (inHome) showHome(home, now.user, refresh);
  else showMessages(byId("messages"), byId("scroller"), list, now.place.id, now.user);
}

function fillTry() {
  byId("try").append(
    el("h3", {}, "Try"),
    el("ul", { class: "plain-list" }, first.map((text) =>
      el("li", {}, el("button", { type: "button", class: "button", dataset: { testid: "try" }, onclick: () => fill(text) }, el("code", {}, text))),
    )),
    el("p", { class: "note" }, "Then act as somebody else, above, to approve. A second window can be a second person."),
  );
}

function start() {
  fillTry();
  guardModal();
  onModalAct(refresh);
  startComposer(refresh);
  startPanel(refresh);
  byId("act-as").addEventListener("change", (event) => {
    location.hash = hashOf(event.target.value, here.channel.startsWith("D") ? `D${event.target.value.slice(1)}` : here.channel);
  });
  window.addEventListener("hashchange", refresh);
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
