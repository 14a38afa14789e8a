/** Calls to the control API, and its live feed. */

const base = "/_control";

/** What the workspace refused; `answer` holds its JSON where there was any. */
export class ApiError extends Error {
  constructor(message, status, answer) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

async function call(method, path, body) {
  const options = { method, headers: { Accept: "application/json" }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(base + path, options);
  } catch {
    throw new ApiError("The workspace does not answer. Is it still running?", 0, null);
  }
  const raw = await response.text();
  let answer = null;
  try {
    answer = raw ? JSON.parse(raw) : {};
  } catch {
    answer = null;
  }
  if (!response.ok) {
    throw new ApiError(reason(answer) || `${method} ${path}: ${response.status}`, response.status, answer);
  }
  return answer ?? {};
}

/** The reason inside an answer that is not ok, or "" when there is none. */
export function reason(answer) {
  if (!answer || typeof answer !== "object") return "";
  const found = answer.error ?? answer.detail ?? answer.message ?? "";
  if (typeof found === "string") return found;
  return found.message ?? JSON.stringify(found);
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

/** The list inside an answer that is either the list itself or an object with it under `key`. */
export function listIn(answer, key) {
  if (Array.isArray(answer)) return answer;
  return Array.isArray(answer?.[key]) ? answer[key] : [];
}

const pollEvery = 1500;
const settle = 40;

/**
 * Call `onChange` soon after anything changed: told by server-sent events, or by the clock while these fail.
 * `onLink(live)` says which of the two it is.
 */
export function watch(onChange, onLink) {
  let timer = 0;
  let polling = 0;
  const changed = () => {
    if (!timer) {
      timer = setTimeout(() => {
        timer = 0;
        onChange();
      }, settle);
    }
  };
  const poll = (on) => {
    if (on && !polling) polling = setInterval(changed, pollEvery);
    if (!on && polling) {
      clearInterval(polling);
      polling = 0;
    }
    onLink(!on);
  };
  const connect = () => {
    const source = new EventSource(`${base}/events`);
    source.onopen = () => {
      poll(false);
      changed();
    };
    source.onmessage = changed;
    source.addEventListener("changed", changed);
    source.onerror = () => {
      poll(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
    };
  };
  connect();
}
