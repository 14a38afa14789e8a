// A small app on Bolt for JavaScript, as its manual makes one: only the address of Slack is another.
// `node app.mjs socket`, `node app.mjs http` or `node app.mjs receiver`, with what `sandbox --env` prints.
import bolt from "@slack/bolt";

const { SLACK_API_URL, SLACK_APP_TOKEN, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET } = process.env;
const clientOptions = { slackApiUrl: SLACK_API_URL };
const ways = {
  socket: () => ({ socketMode: true, appToken: SLACK_APP_TOKEN }),
  http: () => ({ signingSecret: SLACK_SIGNING_SECRET }), // and so Bolt's HTTPReceiver
  receiver: () => ({
    // Made by hand, so that it comes back sooner than after five seconds; the address is to be given twice then.
    receiver: new bolt.SocketModeReceiver({
      appToken: SLACK_APP_TOKEN,
      clientPingTimeout: 1_500,
      installerOptions: { clientOptions },
    }),
  }),
};
const way = process.argv[2];
const app = new bolt.App({ token: SLACK_BOT_TOKEN, clientOptions, ...ways[way]() });

const plain = (text) => ({ type: "plain_text", text });
const section = (text) => ({ type: "section", text: { type: "mrkdwn", text } });

app.command("/warehouse", async ({ ack, body, client, command }) => {
  if (command.text === "wrong") {
    await ack();
    try {
      await client.chat.postMessage({ channel: "C0QUIET", text: "hi" });
    } catch (error) {
      await client.chat.postMessage({ channel: body.channel_id, text: `${error.code}: ${error.data.error}` });
    }
    return;
  }
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: "modal",
      callback_id: "naming",
      private_metadata: body.channel_id,
      title: plain("Name it"),
      submit: plain("Save"),
      blocks: [
        {
          type: "input",
          block_id: "name",
          label: plain("Name"),
          element: { type: "plain_text_input", action_id: "typed", initial_value: command.text },
        },
      ],
    },
  });
});

app.view("naming", async ({ ack, body, client, view }) => {
  const name = view.state.values.name.typed.value;
  if (name.includes(" ")) {
    await ack({ response_action: "errors", errors: { name: "No blanks, please." } });
    return;
  }
  await ack();
  await client.chat.postMessage({
    channel: view.private_metadata,
    text: `<@${body.user.id}> named it ${name}`,
    blocks: [
      section(`<@${body.user.id}> named it ${name}`),
      {
        type: "actions",
        block_id: "acts",
        elements: [{ type: "button", action_id: "approve", text: plain("Approve"), value: name }],
      },
    ],
  });
});

app.action("approve", async ({ ack, action, body, client, respond }) => {
  await ack();
  const done = `${action.value} is approved by <@${body.user.id}>`;
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: done, blocks: [section(done)] });
  await respond({ text: "Thank you.", response_type: "ephemeral", replace_original: false });
});

app.event("app_home_opened", async ({ client, event }) => {
  await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [section(`Hello, <@${event.user}>`)] } });
});

if (way === "http") {
  const server = await app.start({ port: 0, host: "127.0.0.1" });
  console.log(`listening on ${server.address().port}`);
} else {
  await app.start();
  console.log("connected");
}
