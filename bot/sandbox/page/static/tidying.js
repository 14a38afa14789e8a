/** Making room: what was asked earlier is called off by whoever asked, and nothing goes wrong any more. */

import { get, listIn, post, remove } from "./api.js";

const channel = "C0OPS";
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Have `warehouse` as it was declared, with nothing asked of it. */
export async function prepare(warehouse) {
  await tidy(warehouse);
  await post("/segment/restore", { warehouses: [warehouse] });
}

/** Switch off every fault, close forms, and call off what is open for `warehouse`, or at all. */
export async function tidy(warehouse = "") {
  await remove("/faults");
  await Promise.all(["U0ALICE", "U0BOB"].map(closeForms));
  const about = (message) => !message.thread_ts && message.text.includes(warehouse);
  await settled((message) => about(message) && message.text.includes("Outcome unknown"), () => post("/clock", { advance: 60 }));
  await settled((message) => about(message) && cancelOf(message), cancel);
}

async function closeForms(user) {
  const open = listIn(await get(`/views/${user}`), "views");
  if (open.length) await post("/close", { user, all: true });
}

/** Do `act` for the messages that `isOpen`, now and then, until there are none. */
async function settled(isOpen, act) {
  for (let tries = 0; tries < 24; tries += 1) {
    const open = listIn(await get(`/messages/${channel}`), "messages").filter(isOpen);
    if (!open.length) return;
    if (tries % 8 === 0) for (const each of open) await act(each);
    await pause(250);
  }
  throw new Error("Something asked earlier is still open.");
}

/** What pressing Cancel on a card sends; nothing where it has no such button. */
function cancelOf(message) {
  for (const block of message.blocks ?? []) {
    const button = block.elements?.find((each) => each.action_id === "cancel");
    if (button) return { type: "button", action_id: "cancel", block_id: block.block_id, value: button.value };
  }
  return null;
}

async function cancel(message) {
  const user = /<@(\w+)> asks/.exec(message.text)?.[1];
  if (user) await post("/interact", { channel, messageTs: message.ts, user, action: cancelOf(message) });
}
