/** What may follow in a command that is being typed, from what the app declares of it and what Segment holds. */

const most = 9;

/** What a flag's value is called. */
const values = { T: "a type", TEXT: "some words" };

let command = "";
let about = "";
let words = [];
let known = { SPACE: [], WAREHOUSE: [], COMMAND: [], T: [] };

/** Take over what the app declares: `{command, description, usages: [{usage, summary}]}`. */
export function learnCommand(declared) {
  command = declared?.command ?? "";
  about = declared?.description ?? "";
  words = (declared?.usages ?? []).map(({ usage, summary }) => ({ ...read(usage), hint: summary }));
  known = { ...known, COMMAND: words.map(({ word, hint }) => [word, hint]) };
}

/** Take over the names from Segment's state. */
export function learnNames(segment) {
  const spaces = segment.spaces ?? [];
  const all = spaces.flatMap((space) => (space.warehouses ?? []).map((each) => ({ ...each, space: space.slug })));
  known = {
    ...known,
    SPACE: spaces.map((space) => [space.slug, space.name]),
    WAREHOUSE: all.map((each) => [each.name, `${each.type} in ${each.space}${each.enabled ? "" : ", off"}`]),
    T: [...new Set(all.map((each) => each.type))].sort().map((type) => [type, "warehouse type"]),
  };
}

/** One usage line, such as "list [SPACE] [--type T] [--disabled|--enabled]": its word, what it names, its flags. */
function read(usage) {
  const word = usage.split(" ")[0];
  const flags = [...usage.matchAll(/--[\w-]+(?: [A-Z]+)?(?:\|--[\w-]+(?: [A-Z]+)?)*/g)].flatMap(([group]) => {
    const either = group.split("|").map((each) => each.split(" "));
    return either.map(([flag, value]) => ({ flag, value, excludes: either.map(([name]) => name) }));
  });
  return { word, flags, names: /^\S+ \[?([A-Z]+)\b/.exec(usage)?.[1] };
}

/** Up to nine ways to go on with `text`, each with the whole text it gives. */
export function complete(text) {
  if (!command || !text.startsWith("/")) return [];
  if (!text.includes(" ")) {
    return text.length > 1 && `${command} `.startsWith(text) ? [{ text: `${command} `, shown: command, hint: about }] : [];
  }
  if (!text.startsWith(`${command} `)) return [];
  const { before, done, begun } = split(text);
  const typed = done.slice(1);
  if (!typed.length) return offered(known.COMMAND, begun, before, " ");
  const spec = words.find(({ word }) => word === typed[0].toLowerCase());
  return spec ? afterWord(spec, typed.slice(1), begun, before) : [];
}

/** The words before the last one, and how that one begins; blanks inside quotes separate nothing. */
function split(text) {
  const parts = text.match(/(?:"[^"]*"?|“[^”]*”?|[^\s"“])+/g) ?? [];
  const begun = /\s$/.test(text) && !/^["“][^"”]*$/.test(parts.at(-1) ?? "") ? "" : parts.pop() ?? "";
  return { before: text.slice(0, text.length - begun.length), done: parts, begun };
}

function afterWord(spec, typed, begun, before) {
  const waits = spec.flags.find(({ flag, value }) => value && flag === typed.at(-1));
  if (waits) return offered(known[waits.value] ?? [], begun, before);
  const [flag, value] = begun.split("=");
  const given = value === undefined ? null : spec.flags.find((each) => each.flag === flag && each.value);
  if (given) return offered(known[given.value] ?? [], value, `${before}${flag}=`);
  const used = typed.map((each) => each.split("=")[0]);
  const left = spec.flags.filter((each) => !each.excludes.some((name) => used.includes(name)));
  const flags = left.map((each) => [each.flag, each.value ? `and ${values[each.value] ?? each.value.toLowerCase()}` : "", each.value ? " " : ""]);
  const named = typed.some((each, at) => !each.startsWith("--") && !spec.flags.some((any) => any.value && any.flag === typed[at - 1]));
  const names = named || begun.startsWith("-") ? [] : known[spec.names] ?? [];
  return offered([...names, ...flags], begun, before);
}

/** Those of `list` (`[word, hint, after]`) that begin with what was begun, and then those that hold it. */
function offered(list, begun, before, after = "") {
  const wanted = begun.replace(/^["“]|["”]$/g, "").toLowerCase();
  const place = ([word]) => word.toLowerCase().indexOf(wanted);
  const starts = list.filter((each) => place(each) === 0);
  const found = [...starts, ...(wanted.length > 1 ? list.filter((each) => place(each) > 0) : [])];
  if (found.length === 1 && found[0][0] === begun && !after) return [];
  return found.slice(0, most).map(([word, hint, own]) => {
    const written = /[\s"']/.test(word) ? JSON.stringify(word) : word;
    return { text: `${before}${written}${own ?? after}`, shown: word, hint };
  });
}
