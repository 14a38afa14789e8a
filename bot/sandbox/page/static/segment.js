/** Segment's state beside the conversation, so that a click is seen to reach the API. */

import { byId, el, reconcile } from "./dom.js";
import { time, timeSeconds } from "./time.js";
import { callsList } from "./traffic.js";

/** The empty tab. */
export function segmentTab() {
  return [
    el("p", { id: "segment-workspace", class: "note" }),
    el("div", { id: "segment-spaces" }),
    el("h3", {}, "Calls as they happen"),
    callsList(),
    el("h3", {}, "Audit trail"),
    el("ol", { id: "segment-audit", class: "plain-list" }),
  ];
}

/** Show GET /_control/segment. */
export function showSegment(segment) {
  byId("segment-workspace").textContent = `Workspace ${segment.workspace?.name ?? segment.workspace?.slug ?? ""}, straight from the local Segment.`;
  reconcile(byId("segment-spaces"), (segment.spaces ?? []).map(({ id, slug, name }) => ({ id, slug, name })), (space) => space.id, spaceNode);
  for (const space of segment.spaces ?? []) {
    const holder = byId(`space-${space.id}`);
    const fresh = holder.childElementCount === 0;
    reconcile(holder, space.warehouses ?? [], (each) => each.id, (each) => warehouseNode(each, !fresh), keepOpen);
    byId(`count-${space.id}`).textContent = String(space.warehouses?.length ?? 0);
  }
  reconcile(byId("segment-audit"), (segment.auditEvents ?? []).slice(0, 60), (event) => event.id, auditNode);
}

function keepOpen(old, fresh) {
  fresh.querySelector("details").open = old.querySelector("details").open;
}

function spaceNode(space) {
  return el(
    "section",
    { class: "space" },
    el("h3", {}, el("code", {}, space.slug), " ", el("span", { id: `count-${space.id}`, class: "count", title: "warehouses" })),
    el("ul", { id: `space-${space.id}`, class: "plain-list", "aria-label": `Warehouses in ${space.slug}` }),
  );
}

function warehouseNode(warehouse, changed) {
  const facts = [
    ["id", warehouse.id],
    ["schema", warehouse.schemaName],
    ...Object.entries(warehouse.settings ?? {}).filter(([key]) => key !== "name"),
    ...Object.entries(warehouse.secrets ?? {}).map(([key, state]) => [key, state === "set" ? "set, hidden" : String(state)]),
    ["credentials replaced", warehouse.credentialsReplaced || null],
  ];
  return el(
    "li",
    {
      class: changed ? "warehouse changed" : "warehouse",
      dataset: { testid: "segment-warehouse", name: warehouse.name, id: warehouse.id, enabled: String(warehouse.enabled) },
    },
    el(
      "details",
      {},
      el(
        "summary",
        { dataset: { focus: "summary" } },
        el("span", { class: "name" }, warehouse.name),
        el("span", { class: "kind" }, warehouse.type),
        el("span", { class: warehouse.enabled ? "state on" : "state off" }, warehouse.enabled ? "on" : "off"),
      ),
      el("dl", {}, facts.filter(([, value]) => value !== null && value !== undefined && value !== "").map(fact)),
    ),
  );
}

function fact([name, value]) {
  return [el("dt", {}, name), el("dd", {}, typeof value === "string" ? value : JSON.stringify(value))];
}

function auditNode(event) {
  const at = new Date(event.timestamp);
  return el(
    "li",
    { class: "audit" },
    el("time", { dateTime: event.timestamp, title: event.timestamp }, Number.isNaN(at.getTime()) ? "" : timeSeconds(at) || time(at)),
    el("span", {}, String(event.type ?? "").replace("Profiles Sync Warehouse ", ""), " ", el("code", {}, event.resourceName || event.resourceId || "")),
  );
}
