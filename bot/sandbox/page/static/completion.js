/** What may follow in a command that is being typed. */

const words = [
  ["list", "the warehouses of every space, or of one"],
  ["show", "one warehouse, its secrets hidden"],
  ["create", "a new warehouse, through a form"],
  ["update", "change one, through a form"],
  ["enable", "turn its sync on"],
  ["disable", "ask to turn its sync off"],
  ["delete", "ask to delete it"],
  ["pending", "the requests that wait for a decision"],
  ["help", "every command"],
];

const namesWarehouse = new Set(["show", "update", "enable", "disable", "delete"]);
const namesSpace = new Set(["list", "create"]);

let warehouses = [];
let spaces = [];

/** Take over the names from Segment's state. */
export function learnNames(segment) {
  spaces = (segment.spaces ?? []).map((space) => [space.slug, space.name]);
  warehouses = (segment.spaces ?? []).flatMap((space) =>
    (space.warehouses ?? []).map((each) => [each.name, `${each.type} in ${space.slug}${each.enabled ? "" : ", off"}`]),
  );
}

/** Up to nine ways to go on with `text`, each with the whole text it gives. */
export function complete(text) {
  if (text.length > 1 && text.length < 11 && "/warehouse ".startsWith(text)) {
    return [{ text: "/warehouse ", shown: "/warehouse", hint: "Profiles Sync warehouses" }];
  }
  const typed = /^\/warehouse +(\S*)$/.exec(text);
  if (typed) return offered(words, typed[1], "/warehouse ", true);
  const named = /^\/warehouse +(\S+) +(\S*)$/.exec(text);
  if (!named) return [];
  const known = namesWarehouse.has(named[1]) ? warehouses : namesSpace.has(named[1]) ? spaces : [];
  return offered(known, named[2], `/warehouse ${named[1]} `, false);
}

function offered(known, begun, before, goesOn) {
  const found = known.filter(([word]) => word.startsWith(begun));
  if (found.length === 1 && found[0][0] === begun && !goesOn) return [];
  return found.slice(0, 9).map(([word, hint]) => {
    const written = /[\s"']/.test(word) ? JSON.stringify(word) : word;
    return { text: `${before}${written}${goesOn ? " " : ""}`, shown: word, hint };
  });
}
