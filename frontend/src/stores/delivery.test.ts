import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CampaignApi } from "../api/campaign";
import type { Answers, AnnotationState, SaveBody } from "../api/types";
import { uuid } from "../lib/uuid";
import { Server } from "../testing/server";
import { Delivery } from "./delivery.svelte";
import { Outbox } from "./outbox";

const context = {
  policy: "thread",
  comments: [3],
  opened: [],
  article_open: true,
  zoomed: false,
  suggestions: { shown: [], accepted: [] },
};

function body(answers: Answers, revision = 0, state: AnnotationState = "draft"): SaveBody {
  const save_id = uuid();
  return {
    save_id,
    revision,
    state,
    answers,
    text_revision: 1,
    context,
    note: "",
    flagged: false,
    confidence: null,
    aside: false,
    skip_reason: "",
    harmful: false,
    seconds: 1,
  };
}

let server: Server;
let name: string;
const opened: Delivery[] = [];

/** A page that was opened anew: it shares nothing with an earlier one but the browser's storage. */
async function page(user = "ann"): Promise<Delivery> {
  const outbox = await Outbox.open(name);
  const api = new CampaignApi("/api/v1/", "demo", "");
  const delivery = new Delivery(api, outbox, user, uuid());
  opened.push(delivery);
  return delivery;
}

/** Keeps a save and waits until it is sent, or cannot be sent now. */
async function save(delivery: Delivery, unit: number, content: SaveBody): Promise<void> {
  await delivery.keep(unit, content);
  await delivery.flush();
}

beforeEach(() => {
  server = new Server();
  name = uuid();
});

afterEach(() => {
  for (const delivery of opened.splice(0)) delivery.close();
});

describe("a save", () => {
  it("is gone from the outbox once the server has it", async () => {
    const delivery = await page();
    await save(delivery, 1, body({ claim: "yes" }));
    expect(server.saved.get(1)?.answers).toEqual({ claim: "yes" });
    expect(delivery.unsent).toBe(0);
    expect(delivery.savedAt).not.toBeNull();
  });

  it("survives a closed tab and is sent by the next one", async () => {
    server.way = "down";
    const first = await page();
    await save(first, 1, body({ claim: "yes" }));
    expect([first.unsent, first.trouble]).toEqual([1, "offline"]);
    server.way = "open";
    const second = await page();
    await second.flush();
    expect(server.saved.get(1)?.answers).toEqual({ claim: "yes" });
    expect(second.unsent).toBe(0);
  });

  it("is never sent for another user of the same browser", async () => {
    server.way = "down";
    await save(await page("ann"), 1, body({ claim: "yes" }));
    server.way = "open";
    await (await page("bob")).flush();
    expect(server.bodies).toEqual([]);
  });

  it("whose acknowledgement was lost is repeated and changes nothing", async () => {
    server.way = "answer lost";
    const delivery = await page();
    await save(delivery, 1, body({ claim: "yes" }));
    server.way = "open";
    await save(delivery, 1, body({ claim: "no" }));
    expect(server.bodies.map((b) => b.answers["claim"])).toEqual(["yes", "no"]);
    expect(server.saved.get(1)?.revision).toBe(2);
  });

  it("waits through an expired session and goes after the log-in", async () => {
    server.way = "logged out";
    const delivery = await page();
    await save(delivery, 1, body({ claim: "yes" }));
    expect(delivery.trouble).toBe("login");
    expect(delivery.reason).toBe("You are not logged in.");
    server.way = "open";
    await delivery.flush();
    expect([delivery.trouble, delivery.unsent]).toEqual(["none", 0]);
  });

  it("is tried again by itself", async () => {
    server.way = "down";
    const delivery = await page();
    await save(delivery, 1, body({ claim: "yes" }));
    server.way = "open";
    await vi.waitFor(() => expect(delivery.unsent).toBe(0), { timeout: 3000 });
  });
});

describe("many saves", () => {
  it("of one unit keep their order and build on each other", async () => {
    const delivery = await page();
    const saves = ["a", "b", "c"].map((claim) => save(delivery, 1, body({ claim })));
    await Promise.all(saves);
    expect(server.saved.get(1)?.answers).toEqual({ claim: "c" });
    expect(server.saved.get(1)?.revision).toBe(server.bodies.length);
    expect(delivery.refusals).toEqual([]);
  });

  it("that were never sent leave only the newest draft of each unit", async () => {
    server.way = "down";
    const delivery = await page();
    for (const claim of ["a", "b", "c"]) await save(delivery, 1, body({ claim }));
    await save(delivery, 2, body({ claim: "x" }));
    server.way = "open";
    await delivery.flush();
    expect(server.bodies.map((b) => b.answers["claim"])).toEqual(["a", "c", "x"]);
  });
});

describe("a conflict", () => {
  async function conflicted(): Promise<Delivery> {
    const delivery = await page();
    await save(delivery, 1, body({ claim: "mine" }));
    server.saveElsewhere(1, { claim: "theirs" });
    await save(delivery, 1, body({ claim: "mine again" }, 1));
    return delivery;
  }

  it("keeps both versions until the person decides", async () => {
    const delivery = await conflicted();
    expect(delivery.unsent).toBe(1);
    expect(delivery.refusals[0]?.error.body["current"]).toMatchObject({
      answers: { claim: "theirs" },
    });
    expect(server.saved.get(1)?.answers).toEqual({ claim: "theirs" });
  });

  it("does not hold up other units", async () => {
    const delivery = await conflicted();
    await save(delivery, 2, body({ claim: "yes" }));
    expect(server.saved.get(2)?.answers).toEqual({ claim: "yes" });
  });

  it("is over when the person keeps theirs or mine", async () => {
    const one = await conflicted();
    const [refusal] = one.refusals;
    if (!refusal) throw new Error("There was no conflict.");
    await one.insist(refusal, { revision: 2 });
    expect(server.saved.get(1)?.answers).toEqual({ claim: "mine again" });
    expect([one.unsent, one.refusals]).toEqual([0, []]);

    server.saveElsewhere(1, { claim: "once more" });
    await save(one, 1, body({ claim: "lost" }));
    const [second] = one.refusals;
    if (!second) throw new Error("There was no second conflict.");
    await one.discard(second);
    expect(server.saved.get(1)?.answers).toEqual({ claim: "once more" });
    expect(one.unsent).toBe(0);
  });
});

describe("a refused answer", () => {
  it("stays until a better one takes its place", async () => {
    server.refuses = { "answers.claim": ["Not a label."] };
    const delivery = await page();
    await save(delivery, 1, body({ claim: "wrong" }));
    expect(delivery.unsent).toBe(1);
    server.refuses = null;
    await save(delivery, 1, body({ claim: "yes" }));
    expect(server.saved.get(1)?.answers).toEqual({ claim: "yes" });
    expect(delivery.unsent).toBe(0);
  });
});
