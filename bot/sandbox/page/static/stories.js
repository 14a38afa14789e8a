/**
 * The five scenes, as data. A step has a title, what happens (`does`), what its button is called and does, the sign
 * that it is done, and what to look at then (`look`). Where `inModal` is true, it is played inside an open form.
 */

import { acting, filled, inModal, outage, said, segmentHas, shown, told } from "./signs.js";
import * as stage from "./stage.js";

const alice = "U0ALICE";
const bob = "U0BOB";

const sends = (text) => ({ button: "Send it", act: async () => {
  await stage.be(alice);
  stage.look("segment");
  await stage.send(`/warehouse ${text}`);
} });

const opens = (text, title) => ({ button: "Send it", done: inModal(title), act: async () => {
  await stage.be(alice);
  await stage.send(`/warehouse ${text}`);
  await stage.modal(title);
} });

const fills = (values, last) => ({ button: "Fill it in", inModal: true, done: filled(last), act: () => stage.enter(values) });

const submits = { button: "Show me where", inModal: true, act: () => stage.pointAtSubmit() };

const becomesBob = {
  title: "Be Bob",
  does: "Bob is on call, so he may approve. Choose him under Act as; in real life he sits somewhere else.",
  button: "Act as Bob",
  act: async () => {
    await stage.be(bob);
    stage.look("segment");
  },
  done: acting(bob),
};

const shows = (words, label) => ({ button: "Show me where", act: async () => {
  await stage.be(bob);
  await stage.pointAtCard(words, label);
} });

const check = {
  id: "check",
  title: "A quick check",
  about: "Which warehouses are there, and how is one of them set up?",
  warehouse: "prod-snowflake",
  steps: [
    {
      title: "List them",
      does: "Alice asks for the warehouses of every space.",
      ...sends("list"),
      done: told("Profiles Sync warehouses"),
      look: "Ten warehouses in two spaces, one of them off. The ⋯ at a row leads on.",
    },
    {
      title: "Show one",
      does: "Alice asks how prod-snowflake is set up.",
      ...sends("show prod-snowflake"),
      done: told("space prod · schema profiles_prod · id"),
      look: "Settings known to be harmless are shown. The password reads hidden: the bot never had it.",
    },
    {
      title: "Ask quietly",
      does: "The same list, only of what is off, and for Alice alone.",
      ...sends("list --disabled --private"),
      done: (world, since) => world.messages.some((each) => each.ephemeral && Number(each.ts) > since),
      look: "The answer says that only she sees it.",
    },
    {
      title: "See what it took",
      does: "The inspector lists every payload and call, as they happened.",
      button: "Open Traffic",
      act: () => stage.look("traffic", true),
      done: shown("traffic"),
      look: "At Segment these commands made GET calls and no others: looking changes nothing.",
    },
  ],
};

const create = {
  id: "create",
  title: "A create",
  about: "A new warehouse, through a form that tries the connection.",
  warehouse: "events-snowflake",
  steps: [
    {
      title: "Ask for the form",
      does: "Alice asks for a new warehouse in the space prod, and a form opens.",
      ...opens("create prod", "New warehouse"),
    },
    {
      title: "Fill it in",
      does: "Choose Snowflake and its settings come; the password is a secret’s name, never typed into Slack.",
      ...fills({
        Type: "Snowflake",
        Name: "events-snowflake",
        "Account ID": "acme-demo.eu-west-1",
        Username: "SEGMENT",
        Password: "SNOWFLAKE",
        Warehouse: "LOADING",
        "Database name": "PROFILES",
      }, "Database name"),
    },
    {
      title: "Try the connection",
      does: "Segment tries what is filled in, before anything is saved.",
      button: "Test connection",
      inModal: true,
      act: () => stage.press("Test connection"),
      done: inModal("can connect"),
    },
    {
      title: "Create it",
      does: "Segment can connect. Press Create at the foot of the form; this needs nobody’s approval.",
      ...submits,
      done: told("events-snowflake is created"),
      look: "The card says created, and read back as asked. Under Segment it stands in prod.",
    },
    {
      title: "See the one call",
      does: "However often Create is pressed, Segment is told once.",
      button: "Open Traffic",
      act: () => stage.look("traffic", true),
      done: shown("traffic"),
      look: "One POST to profiles-warehouses, and a GET that reads it back.",
    },
  ],
};

const update = {
  id: "update",
  title: "An approved update",
  about: "Another database for prod-snowflake: Alice asks, Bob approves.",
  warehouse: "prod-snowflake",
  steps: [
    {
      title: "Ask for the form",
      does: "Alice asks to change prod-snowflake, and a form opens that shows what is known.",
      ...opens("update prod-snowflake", "Update warehouse"),
    },
    {
      title: "Change one thing",
      does: "Another Database name, and why, at the end of the form. Everything left alone stays as it is.",
      ...fills({ "Database name": "PROFILES_NEXT", Why: "the new database is loaded" }, "Why"),
    },
    {
      title: "Save it",
      does: "Press Save at the foot of the form. Nothing happens in Segment yet.",
      ...submits,
      done: told("prod-snowflake", "PROFILES_NEXT"),
      look: "A card waits: what would change, why, who may approve, and until when.",
    },
    becomesBob,
    {
      title: "Approve it",
      does: "Press Approve update on the card, and say yes. Alice could not have: nobody approves their own request.",
      ...shows("asks to update prod-snowflake", "Approve update"),
      done: told("prod-snowflake is updated"),
      look: "One press, one call. Under Segment the database of prod-snowflake is PROFILES_NEXT.",
    },
  ],
};

const asksToDelete = "asks to delete legacy-redshift";

const drift = {
  id: "drift",
  title: "A deletion under drift",
  about: "Somebody changes it between asking and approving.",
  warehouse: "legacy-redshift",
  steps: [
    {
      title: "Ask for it",
      does: "Alice asks to delete legacy-redshift, which is off.",
      ...sends("delete legacy-redshift --reason \"nobody reads it\""),
      done: said(asksToDelete),
      look: "The card names what would be deleted, and waits for somebody on call.",
    },
    {
      title: "Change it elsewhere",
      does: "Meanwhile somebody turns it on in Segment, and the bot is not told.",
      button: "Turn it on in Segment",
      act: async () => {
        stage.look("segment");
        await stage.change("legacy-redshift", { settings: { database: "finance_reports" }, enabled: true });
      },
      done: segmentHas("legacy-redshift", (each) => each.enabled),
      look: "Under Segment it is on, with another database. The card does not know yet.",
    },
    becomesBob,
    {
      title: "Approve it",
      does: "Press Approve deletion on the card. A dialog asks for the warehouse’s name.",
      ...shows(asksToDelete, "Approve deletion"),
      done: inModal("Type its name"),
    },
    {
      title: "Type the name",
      does: "Type legacy-redshift, and press Approve deletion.",
      button: "Type it for me",
      inModal: true,
      act: async () => {
        await stage.enter({ "Type its name": "legacy-redshift" });
        stage.pointAtSubmit();
      },
      done: told("Not deleted: legacy-redshift changed since it was asked"),
      look: "Nothing was done. The card says what changed: what was approved is not what is there.",
    },
    {
      title: "Ask again",
      does: "Alice looked, and it can go all the same. One press asks again, for what is there now.",
      button: "Ask again as Alice",
      act: async () => {
        await stage.be(alice);
        await stage.pressOn("Not deleted", "Ask again with this state");
      },
      done: said(asksToDelete),
      look: "A new card, which says that it is on. It needs an approval of its own.",
    },
    {
      title: "Approve what is there",
      does: "As Bob: Approve deletion, the name, and once more the last press is yours.",
      button: "Open it as Bob",
      act: async () => {
        await stage.be(bob);
        await stage.pressOn(asksToDelete, "Approve deletion");
        await stage.modal("Type its name");
        await stage.enter({ "Type its name": "legacy-redshift" });
        stage.pointAtSubmit();
      },
      done: told("legacy-redshift is deleted"),
      look: "It is gone under Segment, and the card says verified gone.",
    },
  ],
};

const asksToDisable = "asks to disable analytics-redshift";

const failing = {
  id: "failing",
  title: "Segment fails in the middle",
  about: "The change reaches Segment, and its answer is lost.",
  warehouse: "analytics-redshift",
  steps: [
    {
      title: "Ask for it",
      does: "Alice asks to turn the sync of analytics-redshift off.",
      ...sends("disable analytics-redshift --reason \"maintenance tonight\""),
      done: said(asksToDisable),
      look: "A card waits for an approval.",
    },
    {
      title: "Let Segment fail",
      does: "From the next write on, Segment’s answers are lost: a switch under Workspace.",
      button: "Turn the outage on",
      act: async () => {
        stage.look("workspace");
        await stage.outage("midway", true);
      },
      done: outage("midway", true),
      look: "The switch is on. Nothing has gone wrong so far.",
    },
    becomesBob,
    {
      title: "Approve it",
      does: "Press Approve disabling on the card, and say yes.",
      ...shows(asksToDisable, "Approve disabling"),
      done: said("Outcome unknown: disabling analytics-redshift"),
      look: "Under Segment it is off. The bot can’t see that, and says unknown: neither done nor failed.",
    },
    {
      title: "Let Segment recover",
      does: "Somebody has mended Segment, and it answers again.",
      button: "Turn the outage off",
      act: async () => {
        stage.look("workspace");
        await stage.outage("midway", false);
      },
      done: outage("midway", false),
      look: "The card still says unknown, and when the bot looks again.",
    },
    {
      title: "Wait a minute",
      does: "The workspace’s clock can be moved, so nobody has to wait.",
      button: "Move the clock by a minute",
      act: () => stage.wait(60),
      done: told("analytics-redshift is disabled"),
      look: "The bot has looked, found it off, and says done: read back as asked.",
    },
  ],
};

export const stories = [check, create, update, drift, failing];
