/** The few emoji that messages use by name. */

const table = {
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  warning: "⚠️",
  x: "❌",
  lock: "🔒",
  key: "🔑",
  mag: "🔍",
  eyes: "👀",
  bell: "🔔",
  package: "📦",
  snowflake: "❄️",
  wastebasket: "🗑️",
  arrows_counterclockwise: "🔄",
  information_source: "ℹ️",
  question: "❓",
  exclamation: "❗",
  rotating_light: "🚨",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  red_circle: "🔴",
  white_circle: "⚪",
  wave: "👋",
  thumbsup: "👍",
  "+1": "👍",
  thumbsdown: "👎",
  "-1": "👎",
  tada: "🎉",
  pencil2: "✏️",
  house: "🏠",
  robot_face: "🤖",
  clock1: "🕐",
  bulb: "💡",
};

/** The character for `name`, or `:name:` when it is not in the table. */
export const emoji = (name) => table[name] ?? `:${name}:`;

/** Plain text with its emoji names replaced. */
export const withEmoji = (text) => String(text ?? "").replace(/:([a-z0-9_+-]{1,40}):/g, (_, name) => emoji(name));
