import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CampaignApi } from "../api/campaign";
import { Login } from "../api/login";
import { WorkplaceApi } from "../api/workplace";
import { uuid } from "../lib/uuid";
import { Delivery } from "../stores/delivery.svelte";
import { Outbox } from "../stores/outbox";
import { Preferences } from "../stores/preferences.svelte";
import { Session } from "../stores/session.svelte";
import { Workplace } from "../stores/workplace.svelte";
import { CODEBOOK, comment, work } from "../testing/examples";
import { Server } from "../testing/server";
import Workspace from "./Workspace.svelte";

let server: Server;
let session: Session;
let user: UserEvent;

async function open(): Promise<void> {
  const outbox = await Outbox.open(uuid());
  const api = new CampaignApi("/api/v1/", "demo", "/api/v1/codebooks/test/1/");
  session = new Session(api, new Delivery(api, outbox, "ann", uuid()));
  const login = new Login("/login/", "ann", "/api/v1/");
  const preferences = new Preferences(uuid());
  const workplace = new Workplace(new WorkplaceApi("/api/v1/", "demo"), preferences, uuid());
  render(Workspace, { session, preferences, workplace, login, home: "/campaigns/demo/" });
  await session.start();
  await screen.findByText("About claim?");
}

/** Until so many units wait for their turn. */
const fetched = (count: number): Promise<void> =>
  waitFor(() => expect(server.asked.length).toBeGreaterThanOrEqual(count));
const unit = (): number | undefined => session.work?.unit.id;
const onUnit = (wanted: number): Promise<void> => waitFor(() => expect(unit()).toBe(wanted));
const answers = (): unknown => session.sheet?.answers;
const saved = (wanted: number, what: object): Promise<void> =>
  waitFor(() => expect(server.saved.get(wanted)).toMatchObject(what));

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.map((violation) => `${violation.id}: ${violation.help}`);
}

beforeEach(() => {
  server = new Server();
  user = userEvent.setup();
});

afterEach(cleanup);

describe("units fetched ahead", () => {
  it("are asked for with those that are here, and with the comments that are", async () => {
    await open();
    await fetched(3);
    expect(server.asked.slice(0, 3).map((asked) => asked.after)).toEqual([[], [1], [1, 2]]);
    expect(server.asked[1]?.have).toEqual({ thread: 1, first: 0, last: 4 });
  });

  it("are worked on offline, then a page waits for the connection and goes on by itself", async () => {
    server = new Server(5);
    await open();
    await fetched(3);
    server.way = "down";
    for (const next of [2, 3]) {
      await user.keyboard("11");
      await onUnit(next);
    }
    await user.keyboard("11");
    await screen.findByText("The next comment is on its way");
    expect(await violations()).toEqual([]);
    expect(server.bodies).toEqual([]);
    await user.keyboard("u");
    await onUnit(3);
    await user.keyboard("{Enter}");
    await screen.findByText("The next comment is on its way");
    server.way = "open";
    window.dispatchEvent(new Event("online"));
    await onUnit(4);
    for (const done of [1, 2, 3]) await saved(done, { state: "submitted" });
  });

  it("are given up for the server's word that it is enough for today", async () => {
    server = new Server(1);
    await open();
    server.enough = "You did 200 today. Rest well.";
    await user.keyboard("11");
    await screen.findByText("You did 200 today. Rest well.");
    await saved(1, { state: "submitted" });
  });
});

describe("undo", () => {
  it("goes back answer by answer through the units of this visit", async () => {
    await open();
    await fetched(3);
    await user.keyboard("11");
    await onUnit(2);
    await user.keyboard("12");
    await user.keyboard("13{Enter}");
    await onUnit(3);
    await user.keyboard("1");
    for (const [where, left] of [
      [3, {}],
      [2, { claim: "no", misleads: "yes", reasons: ["wrong", "satire"] }],
      [2, { claim: "no", misleads: "yes", reasons: ["wrong"] }],
      [2, { claim: "no", misleads: "yes" }],
      [2, { claim: "no" }],
      [2, {}],
      [1, { claim: "no", misleads: "no" }],
      [1, { claim: "no" }],
    ] as const) {
      await user.keyboard("u");
      await onUnit(where);
      expect(answers()).toEqual(left);
    }
    await saved(1, { state: "draft", answers: { claim: "no" } });
    await user.keyboard("2");
    await user.keyboard("1{Enter}");
    await saved(1, { state: "submitted", answers: { misleads: "yes", reasons: ["wrong"] } });
  });
});

describe("a unit that was gone back to", () => {
  it("does not make the ones after it come twice", async () => {
    server = new Server(6);
    await open();
    await fetched(3);
    await user.keyboard("11");
    await onUnit(2);
    await fetched(4);
    await user.keyboard("u");
    await onUnit(1);
    await user.keyboard("{Enter}");
    for (const next of [2, 3, 4, 5]) {
      await onUnit(next);
      await user.keyboard("11");
    }
    await onUnit(6);
    for (const asked of server.asked) expect(new Set(asked.after).size).toBe(asked.after.length);
  });
});

describe("a save that is refused later", () => {
  it("brings the unit back with its answers and says why", async () => {
    await open();
    await fetched(3);
    server.refuses = { "answers.claim": ["Not a label of this version."] };
    await user.keyboard("11");
    await screen.findByText("Not a label of this version.");
    expect([unit(), answers()]).toEqual([1, { claim: "no", misleads: "no" }]);
    expect(screen.getByText(/^This one came back/)).toBeTruthy();
    server.refuses = null;
    await user.keyboard("{ArrowUp}2{Control>}{Enter}{/Control}");
    await saved(1, { state: "submitted", answers: { claim: "yes" } });
  });

  it("is kept beside the saved answers when those are taken", async () => {
    await open();
    await fetched(3);
    server.saveElsewhere(1, { claim: "yes", misleads: "no" });
    await user.keyboard("11");
    await user.click(await screen.findByRole("button", { name: "Take the saved ones" }));
    await waitFor(() => expect(server.bodies.at(-1)?.aside).toBe(true));
    expect(server.bodies.at(-1)).toMatchObject({ revision: 1, answers: { claim: "no" } });
    await saved(1, { revision: 2, answers: { claim: "yes", misleads: "no" } });
    await waitFor(() => expect(session.delivery.unsent).toBe(0));
  });
});

describe("an expired session", () => {
  it("is renewed in a dialog, and the answers go on their way", async () => {
    await open();
    await fetched(3);
    server.way = "logged out";
    await user.keyboard("11");
    const password = await screen.findByLabelText("Password");
    expect(await violations()).toEqual([]);
    expect((screen.getByLabelText("User name") as HTMLInputElement).value).toBe("ann");
    await user.click(password);
    await user.paste("wrong");
    await user.keyboard("{Enter}");
    await screen.findByText("Please enter a correct password.");
    await user.clear(password);
    await user.type(password, "harbour{Enter}");
    await saved(1, { state: "submitted" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(unit()).toBe(2);
  });

  it("can wait: the dialog comes once, and stays at hand", async () => {
    await open();
    await fetched(3);
    server.way = "logged out";
    await user.keyboard("11");
    await user.click(await screen.findByRole("button", { name: "Later" }));
    await onUnit(2);
    await user.keyboard("11");
    await onUnit(3);
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Log in" }));
    await user.type(await screen.findByLabelText("Password"), "harbour{Enter}");
    for (const done of [1, 2]) await saved(done, { state: "submitted" });
  });
});

describe("quotes", () => {
  it("are gone through with q and back, and lead both ways by click", async () => {
    await open();
    await user.keyboard("q");
    expect(session.reading?.at).toBe(1);
    expect(document.querySelector("[data-comment='1'] .quoted")).toBeTruthy();
    await user.keyboard("q");
    expect(session.reading?.at).toBe(3);
    expect(document.querySelector(".quoted")).toBeNull();
    await user.click(screen.getByTitle("Quoted by P3"));
    expect(session.reading?.at).toBe(3);
    await user.click(screen.getByTitle("Quotes the article"));
    expect(session.reading?.at).toBe(1);
  });
});

describe("marks", () => {
  it("are listed below the comment, where they are relabeled and removed", async () => {
    await open();
    await user.keyboard("2m{Enter}");
    const list = screen.getByRole("list", { name: "About claim_span?" });
    expect(list.closest("article")?.dataset["comment"]).toBe("3");
    expect(document.querySelector("[data-count]")?.textContent).toContain("1 mark");
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Remove “Yes”" }));
    expect(answers()).toEqual({ claim: "yes" });
  });

  it("are drawn with the arrows as the eye sees them, letter by letter with Ctrl", async () => {
    const hebrew = comment(3, "שלום עולם טוב", { reply_to: 2, depth: 2 });
    server = new Server(3, (id) => ({
      ...work(id),
      comments: [...work(id).comments.slice(0, 2), hebrew],
    }));
    await open();
    await user.keyboard("2m{ArrowLeft}{Enter}");
    expect(answers()).toMatchObject({ claim_span: [{ start: 5, end: 9, quote: "עולם" }] });
    await user.keyboard(
      "x{ArrowRight}{Control>}{ArrowLeft}{Shift>}{ArrowLeft}{/Shift}{/Control}{Enter}",
    );
    expect(answers()).toMatchObject({ claim_span: [{ start: 0, end: 2, quote: "של" }] });
  });
});

describe("suggestions of models", () => {
  const suggestions = [
    { id: 7, model: "small-model", answers: { claim: "yes", misleads: "no" } },
    { id: 8, model: "big-model", answers: { claim: "no" } },
  ];

  it("are marked at the options, taken with a key, and told to the server", async () => {
    server = new Server(3, (id) => ({ ...work(id), suggestions }));
    await open();
    const yes = screen.getAllByText("yes")[0]?.closest("label");
    expect(yes?.textContent).toContain("✦ small-model");
    expect(await violations()).toEqual([]);
    await user.keyboard("A");
    expect(answers()).toEqual({ claim: "yes", misleads: "no" });
    await user.keyboard("{Enter}");
    await onUnit(2);
    await saved(1, { state: "submitted", answers: { claim: "yes", misleads: "no" } });
    expect(server.bodies.at(-1)?.context.suggestions).toEqual({
      shown: [7, 8],
      accepted: ["claim", "misleads"],
    });
  });

  it("are taken for one question, and not counted where another answer was given", async () => {
    server = new Server(3, (id) => ({ ...work(id), suggestions }));
    await open();
    await user.keyboard("a");
    expect(answers()).toEqual({ claim: "yes" });
    await user.keyboard("{ArrowUp}1");
    expect(session.sheet?.taken.accepted).toEqual([]);
  });

  it("are not there where the campaign shows none", async () => {
    await open();
    await user.keyboard("a");
    expect(answers()).toEqual({});
    expect(document.body.textContent).not.toContain("✦");
  });
});

describe("confidence", () => {
  it("is asked for where the codebook wants it, given with Shift, and saved", async () => {
    server.codebook = { ...CODEBOOK, confidence: true };
    await open();
    expect(screen.getByRole("group", { name: /How sure are you/ })).toBeTruthy();
    await user.keyboard("1");
    await fireEvent.keyDown(document.body, { key: "#", code: "Digit3", shiftKey: true });
    expect(session.sheet?.confidence).toBe(3);
    await user.keyboard("1");
    await saved(1, { state: "submitted", confidence: 3 });
  });

  it("is not asked for elsewhere", async () => {
    await open();
    expect(screen.queryByText(/How sure are you/)).toBeNull();
  });
});

describe("a comment", () => {
  it("tells its place in the tree and its language to those who do not see them", async () => {
    await open();
    const names = screen.getAllByRole("article").map((card) => card.getAttribute("aria-label"));
    expect(names).toEqual([
      "the article",
      "P2, level 1",
      "In question: P3, level 2, answers P2",
      "P4, level 1",
    ]);
    const levels = screen.getAllByRole("heading").map((node) => node.getAttribute("aria-level"));
    expect(levels.filter(Boolean)).toEqual(["2", "3", "4", "3"]);
    expect(document.querySelector("#comment-3 .text")?.getAttribute("lang")).toBe("en");
  });
});
