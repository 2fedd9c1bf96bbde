import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CampaignApi } from "../api/campaign";
import { Login } from "../api/login";
import { WorkplaceApi } from "../api/workplace";
import { GLANCE } from "../lib/dwell";
import { uuid } from "../lib/uuid";
import { Delivery } from "../stores/delivery.svelte";
import { Outbox } from "../stores/outbox";
import { Preferences } from "../stores/preferences.svelte";
import { Session } from "../stores/session.svelte";
import { Workplace } from "../stores/workplace.svelte";
import { Server } from "../testing/server";
import Workspace from "./Workspace.svelte";

let server: Server;
let session: Session;
let user: UserEvent;

async function open(name = uuid()): Promise<void> {
  const outbox = await Outbox.open(name);
  const api = new CampaignApi("/api/v1/", "demo", "/api/v1/codebooks/test/1/");
  session = new Session(api, new Delivery(api, outbox, "ann", uuid()));
  const login = new Login("/login/", "ann", "/api/v1/");
  const preferences = new Preferences(name);
  const workplace = new Workplace(new WorkplaceApi("/api/v1/", "demo"), preferences, name);
  render(Workspace, { session, preferences, workplace, login, home: "/campaigns/demo/" });
  await session.start();
  await screen.findByText("About claim?");
}

const active = (): string | null =>
  document.querySelector("fieldset.active")?.getAttribute("data-question") ?? null;
const unit = (): number | undefined => session.work?.unit.id;
const onUnit = (wanted: number): Promise<void> => waitFor(() => expect(unit()).toBe(wanted));
const spans = (): unknown => session.sheet?.answers["claim_span"];

/** Saves go on in the background. */
const savedAs = (wanted: number, what: object): Promise<void> =>
  waitFor(() => expect(server.saved.get(wanted)).toMatchObject(what));

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.map((violation) => `${violation.id}: ${violation.help}`);
}

beforeEach(() => {
  localStorage.clear();
  server = new Server();
  user = userEvent.setup();
});

afterEach(cleanup);

describe("one key an answer", () => {
  it("moves on, asks what depends on the answer, and submits after the last", async () => {
    await open();
    expect(active()).toBe("claim");
    await user.keyboard("1");
    expect(active()).toBe("misleads");
    await user.keyboard("2");
    expect(active()).toBe("reasons");
    await user.keyboard("13");
    expect(unit()).toBe(1);
    await user.keyboard("{Enter}");
    await onUnit(2);
    await savedAs(1, {
      state: "submitted",
      answers: { claim: "no", misleads: "yes", reasons: ["wrong", "satire"] },
    });
    expect(screen.getByText("Submitted 1. Back with u.")).toBeTruthy();
  });

  it("saves a draft soon after a change, and says so", async () => {
    await open();
    await user.keyboard("2");
    await waitFor(() => expect(server.saved.get(1)?.answers).toEqual({ claim: "yes" }));
    expect(server.saved.get(1)?.state).toBe("draft");
    await waitFor(() =>
      expect(document.querySelector("[data-save-state]")?.textContent).toMatch(/^Saved/),
    );
  });

  it("takes u back to the unit before, which is sent off by Enter alone", async () => {
    await open();
    await user.keyboard("11");
    await onUnit(2);
    await user.keyboard("u");
    await onUnit(1);
    expect(session.sheet?.answers).toEqual({ claim: "no", misleads: "no" });
    await user.keyboard("{ArrowUp}2");
    expect(unit()).toBe(1);
    await user.keyboard("{Enter}");
    await onUnit(2);
    await savedAs(1, { state: "submitted", answers: { claim: "yes", misleads: "no" } });
  });

  it("undoes an answer before it goes back a unit", async () => {
    await open();
    await user.keyboard("1");
    await user.keyboard("u");
    expect([unit(), active(), session.sheet?.answers]).toEqual([1, "claim", {}]);
  });

  it("does not submit while a required question is open, and says which", async () => {
    await open();
    await user.keyboard("1{Control>}{Enter}{/Control}");
    expect(unit()).toBe(1);
    expect(screen.getByText("This question needs an answer.")).toBeTruthy();
    expect(active()).toBe("misleads");
  });

  it("skips with a reason", async () => {
    await open();
    await user.keyboard("s");
    await user.keyboard("broken{Enter}");
    await onUnit(2);
    await savedAs(1, { state: "skipped", skip_reason: "broken" });
  });

  it("types into a note instead of answering, and can be switched off", async () => {
    await open();
    await user.keyboard("c");
    await user.keyboard("12 n f");
    expect(session.sheet?.note).toBe("12 n f");
    expect([session.sheet?.answers, session.sheet?.flagged]).toEqual([{}, false]);
    await user.keyboard("{Escape}?");
    await user.click(screen.getByLabelText("Use single-key shortcuts"));
    await user.click(screen.getByLabelText("Close"));
    await user.keyboard("1f");
    expect([session.sheet?.answers, session.sheet?.flagged]).toEqual([{}, false]);
  });

  it("ends with a friendly word when nothing is left", async () => {
    server = new Server(1);
    await open();
    await user.keyboard("11");
    await screen.findByText("Nothing left for you here");
    await user.keyboard("u");
    await onUnit(1);
  });
});

describe("marking with the keyboard", () => {
  it("marks words and sentences in code points, and removes the last", async () => {
    await open();
    await user.keyboard("2");
    expect(active()).toBe("claim_span");
    await user.keyboard("m{ArrowRight}{Enter}");
    expect(spans()).toEqual([{ start: 4, end: 11, quote: "👩‍👩‍👧‍👦", label: "part" }]);
    await user.keyboard("{ArrowRight}{Shift>}{ArrowRight}{/Shift}{Enter}");
    expect(spans()).toHaveLength(2);
    await user.keyboard("xx");
    expect(spans()).toBeUndefined();
    await user.keyboard("{Escape}{Enter}");
    expect(active()).toBe("misleads");
  });
});

describe("the thread", () => {
  it("shows text as text, tombstones, and why a reply is inferred", async () => {
    await open();
    expect(screen.getByText(/And <b>soon<\/b>\./)).toBeTruthy();
    expect(document.querySelector("article b")).toBeNull();
    expect(screen.getByText("Deleted by its author.")).toBeTruthy();
    expect(screen.getByText("It answers the question.")).toBeTruthy();
  });

  it("leads from a quote to what it quotes", async () => {
    await open();
    const [source, quote] = screen.getAllByRole("link", { name: /The tram opens in May\./ });
    expect([source?.title, quote?.title]).toEqual(["Quoted by P3", "Quotes the article"]);
    await user.hover(quote as HTMLElement);
    const quoted = document.querySelector("[data-comment='1'] .quoted");
    expect(quoted?.textContent).toBe("The tram opens in May.");
  });

  it("is read with j, k and [ without changing the unit", async () => {
    await open();
    await user.keyboard("k");
    expect(session.reading?.at).toBe(2);
    await user.keyboard("[[");
    expect([session.reading?.at, unit()]).toEqual([1, 1]);
  });

  it("tells the server what was on the screen", async () => {
    await open();
    await new Promise((resolve) => setTimeout(resolve, 2 * GLANCE));
    await user.keyboard("hz1");
    await waitFor(() => expect(server.bodies).toHaveLength(1));
    expect(server.bodies[0]?.context).toEqual({
      policy: "thread",
      comments: [1, 2, 3, 4],
      opened: [],
      article_open: true,
      zoomed: true,
      suggestions: { shown: [], accepted: [] },
    });
  });
});

describe("when the way is broken", () => {
  it("keeps the answers through a reload without a server", async () => {
    const name = uuid();
    await open(name);
    server.way = "down";
    await user.keyboard("1");
    await screen.findByText("Offline, 1 unsent");
    cleanup();
    server.way = "open";
    await open(name);
    expect(server.saved.get(1)?.answers).toEqual({ claim: "no" });
    expect(session.sheet?.answers).toEqual({ claim: "no" });
  });

  it("shows both versions of a conflict and keeps the one that is chosen", async () => {
    await open();
    server.saveElsewhere(1, { claim: "yes" });
    await user.keyboard("1");
    await screen.findByText("Two versions of your answers");
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Keep these" }));
    await waitFor(() => expect(server.saved.get(1)?.answers).toEqual({ claim: "no" }));
    expect(screen.queryByText("Two versions of your answers")).toBeNull();
  });

  it("shows the server's sentence at the question", async () => {
    await open();
    server.refuses = { "answers.claim": ["Not a label of this version."] };
    await user.keyboard("1");
    const sentence = await screen.findByText("Not a label of this version.");
    expect(sentence.closest("fieldset")?.dataset["question"]).toBe("claim");
  });
});

describe("for everybody", () => {
  it("has no axe violation with questions, help, guidelines and history", async () => {
    await open();
    await user.keyboard("22");
    expect(await violations()).toEqual([]);
    for (const dialog of ["help", "guidelines", "skip", "history"] as const) {
      session.dialog = dialog;
      await screen.findByRole("dialog");
      expect(await violations()).toEqual([]);
      session.dialog = null;
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    }
  });
});
