import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CampaignApi } from "../api/campaign";
import { Login } from "../api/login";
import type { Saved, WorkUnit } from "../api/types";
import { WorkplaceApi } from "../api/workplace";
import { uuid } from "../lib/uuid";
import { Delivery } from "../stores/delivery.svelte";
import { Outbox } from "../stores/outbox";
import { Preferences } from "../stores/preferences.svelte";
import { Session } from "../stores/session.svelte";
import { Workplace } from "../stores/workplace.svelte";
import { work } from "../testing/examples";
import { Server } from "../testing/server";
import Workspace from "./Workspace.svelte";

const FEEDBACK: NonNullable<Saved["feedback"]> = {
  reason: "It names a date.\nThat can be checked.",
  questions: [
    { key: "claim", title: "About claim?", yours: "yes", right: "no", correct: false },
    { key: "reasons", title: "Reasons", yours: null, right: ["wrong"], correct: null },
  ],
};

let server: Server;
let session: Session;
let user: UserEvent;

function staged(stage: WorkUnit["stage"]): (unit: number) => WorkUnit {
  return (unit) => work(unit, { stage: stage && { ...stage, place: unit } });
}

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

const unit = (): number | undefined => session.work?.unit.id;
const onUnit = (wanted: number): Promise<void> => waitFor(() => expect(unit()).toBe(wanted));
const dialog = (): HTMLElement | null => document.querySelector("dialog");

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.map((violation) => `${violation.id}: ${violation.help}`);
}

beforeEach(() => {
  server = new Server(3, staged({ name: "training", place: 1, total: 3 }));
  user = userEvent.setup();
});

afterEach(cleanup);

describe("training", () => {
  it("says where one stands, and what is right before the next one comes", async () => {
    server.feedback = FEEDBACK;
    await open();
    await screen.findByText(/^Training 1 of 3:/);
    await user.keyboard("11");
    await screen.findByRole("dialog", { name: "Training: not quite" });
    expect(unit()).toBe(1);
    const rows = [...(dialog()?.querySelectorAll("tbody tr") ?? [])];
    const cells = rows.map((row) => [...row.children].map((cell) => cell.textContent?.trim()));
    expect(cells[0]?.[0]).toBe("About claim?");
    expect(cells[0]?.at(-1)).toBe("✗ not right");
    expect(cells[1]?.at(-1)).toBe("");
    expect(dialog()?.textContent).toContain("It names a date.");
    expect(await violations()).toEqual([]);
    expect(document.activeElement?.textContent).toContain("Go on");
    await user.keyboard("{Enter}");
    await onUnit(2);
    expect(dialog()).toBeNull();
    await screen.findByText(/^Training 2 of 3:/);
  });

  it("does not interrupt somebody who changes what they submitted before", async () => {
    await open();
    await user.keyboard("11");
    await onUnit(2);
    server.feedback = FEEDBACK;
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    await session.reopen(1);
    await onUnit(1);
    session.sheet?.answer("claim", "no");
    await waitFor(() => expect(server.saved.get(1)?.answers["claim"]).toBe("no"), {
      timeout: 3000,
    });
    expect(dialog()).toBeNull();
  });

  it("praises what is right", async () => {
    const right = { key: "claim", title: "", yours: "yes", right: "yes", correct: true };
    server.feedback = { reason: "", questions: [right] };
    await open();
    await user.keyboard("11");
    await screen.findByRole("dialog", { name: "Training: right" });
    await user.click(screen.getByRole("button", { name: "Close" }));
    await onUnit(2);
  });
});

describe("other stages", () => {
  it("count the test and say nothing afterwards", async () => {
    server = new Server(2, staged({ name: "test", place: 1, total: 2 }));
    await open();
    await screen.findByText("Test 1 of 2");
    await user.keyboard("11");
    await onUnit(2);
    expect(dialog()).toBeNull();
  });

  it("are not told once the campaign is open", async () => {
    server = new Server(2);
    await open();
    expect(document.querySelector(".stage")?.textContent ?? "").toBe("");
  });

  it("end with the words of a pause", async () => {
    server = new Server(1);
    await open();
    const words = "You reached 0.55 in the test; 0.70 opens the campaign. The managers were told.";
    server.beside = (url) =>
      url.endsWith("/next/")
        ? Response.json({ code: "paused", message: words, fields: {} }, { status: 409 })
        : null;
    await user.keyboard("11");
    await screen.findByText(words);
    expect(await violations()).toEqual([]);
  });
});
