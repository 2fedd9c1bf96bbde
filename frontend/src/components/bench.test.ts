import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AdjudicationApi, type Case } from "../api/adjudication";
import { WorkplaceApi } from "../api/workplace";
import { uuid } from "../lib/uuid";
import { Bench } from "../stores/bench.svelte";
import { Preferences } from "../stores/preferences.svelte";
import { Workplace } from "../stores/workplace.svelte";
import { aCase, Docket, lettered } from "../testing/cases";
import { violations } from "../testing/desk";
import BenchPage from "./Bench.svelte";

let user: UserEvent;
let docket: Docket;
let bench: Bench;

async function open(shape?: (unit: number) => Case, unit?: number): Promise<void> {
  docket = new Docket(shape);
  bench = new Bench(new AdjudicationApi("/api/v1/", "demo", "/api/v1/codebooks/test/1/"));
  const preferences = new Preferences(uuid());
  const workplace = new Workplace(new WorkplaceApi("/api/v1/", "demo"), preferences, uuid());
  render(BenchPage, { bench, preferences, workplace, home: "/queue/", login: "/login/" });
  await Promise.all([workplace.load(), bench.start(unit)]);
  await screen.findByText("Your decision");
}

const onUnit = (wanted: number): Promise<void> =>
  waitFor(() => expect(bench.case?.unit.id).toBe(wanted));
const table = (): HTMLElement => screen.getByRole("region", { name: "All answers side by side" });
const said = (node: Element): string => node.textContent?.replace(/\s+/g, " ").trim() ?? "";
const last = (): unknown => docket.bodies.at(-1);

beforeEach(() => {
  localStorage.clear();
  user = userEvent.setup();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the bench", () => {
  it("shows who said what by letters, and where they differ in words", async () => {
    await open();
    const rows = within(table()).getAllByRole("row");
    const cells = rows.map((row) => [...row.children].map((cell) => said(cell)));
    expect(cells).toEqual([
      ["", "A", "B"],
      ["About claim? ≠ different", "yes", "no"],
      ["About claim_span? asked of one alone", "“it is” (part)", "–"],
      ["About misleads? = same", "no", "no"],
      ["Note", "Irony?", "–"],
    ]);
    const marked = document.querySelector("[data-said]");
    expect(marked?.getAttribute("data-said")).toBe("A");
    expect(marked?.getAttribute("title")).toBe("A: part");
    expect(await violations()).toEqual([]);
  });

  it("fills in what all agree on, and asks for the rest", async () => {
    await open();
    expect(bench.sheet?.answers).toEqual({ misleads: "no" });
    expect(bench.sheet?.active).toBe("claim");
  });

  it("takes over a whole set by its letter, and decides by Enter", async () => {
    await open();
    await user.keyboard("A");
    expect(screen.getByText("Took all answers of A.")).toBeTruthy();
    await user.keyboard("{Enter}");
    await onUnit(2);
    expect(last()).toMatchObject({
      revision: 0,
      text_revision: 1,
      codebook_version: 1,
      answers: { claim: "yes", misleads: "no", claim_span: [{ start: 14 }] },
    });
    expect(bench.notice).toBe("Decided.");
  });

  it("goes through the answers to one question by arrows, and takes one by a click", async () => {
    await open();
    await user.keyboard("{ArrowRight}");
    expect(bench.sheet?.answers["claim"]).toBe("yes");
    await user.keyboard("{ArrowRight}");
    expect(bench.sheet?.answers["claim"]).toBe("no");
    await user.click(within(table()).getByRole("button", { name: "yes" }));
    expect(bench.sheet?.answers["claim"]).toBe("yes");
    await user.keyboard("uuu");
    expect(bench.sheet?.answers).toEqual({ misleads: "no" });
  });

  it("takes an answer of one's own, with a reason", async () => {
    await open();
    await user.keyboard("1");
    await user.keyboard("c");
    await user.keyboard("It only asks.");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await onUnit(2);
    expect(last()).toMatchObject({
      reason: "It only asks.",
      answers: { claim: "no", misleads: "no" },
    });
  });

  it("passes a case over, and opens the last decision again", async () => {
    await open();
    await user.keyboard("s");
    await onUnit(2);
    expect(docket.asked.at(-1)?.after).toEqual([1]);
    await user.keyboard("B{Enter}");
    await onUnit(3);
    await user.keyboard("u");
    await onUnit(2);
    expect(screen.getByText(/Decided by A9/)).toBeTruthy();
    await user.keyboard("1");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await onUnit(3);
    expect(last()).toMatchObject({ revision: 1 });
  });

  it("says what is missing before it decides", async () => {
    await open();
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(screen.getByText("This question needs an answer.")).toBeTruthy();
    expect(docket.bodies).toEqual([]);
  });

  it("keeps a decision on the screen until it is saved, and sends the very same again", async () => {
    await open();
    docket.lost = true;
    await user.keyboard("A{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("Not saved yet");
    expect(bench.case?.unit.id).toBe(1);
    expect(bench.sheet?.answers["claim"]).toBe("yes");
    docket.lost = false;
    await user.keyboard("{Control>}{Enter}{/Control}");
    await onUnit(2);
    const ids = docket.bodies.map((body) => body.save_id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    expect(bench.dirty).toBe(false);
  });

  it("sends nothing by itself any more once the decision was changed", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await open();
    docket.down = true;
    await user.keyboard("B{Enter}");
    await screen.findByRole("alert");
    await user.keyboard("u");
    docket.down = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(docket.bodies).toEqual([]);
    await user.keyboard("A{Enter}");
    await onUnit(2);
    expect(docket.bodies).toHaveLength(1);
    docket.down = true;
    await user.keyboard("B{Enter}");
    await screen.findByRole("alert");
    docket.down = false;
    await vi.advanceTimersByTimeAsync(6_000);
    await onUnit(3);
    expect(docket.bodies).toHaveLength(2);
  });

  it("shows another's decision beside one's own, which wins only on one's word", async () => {
    await open();
    docket.taken = 1;
    await user.keyboard("B{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("A9 has decided this one in the meantime");
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Put mine in its place" }));
    await onUnit(2);
    expect(last()).toMatchObject({ revision: 1, answers: { claim: "no" } });
  });

  it("keeps a decision that is refused since the codebook is another one by now", async () => {
    await open();
    docket.version = 2;
    await user.keyboard("A{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("went on with version 2");
    expect([bench.case?.unit.id, bench.sheet?.answers["claim"]]).toEqual([1, "yes"]);
    expect(docket.saved.size).toBe(0);
  });

  it("tells who labeled it too, and names the annotators of what is decided", async () => {
    await open((unit) =>
      aCase(unit, {
        labeled_by_you: true,
        changed: true,
        answers: [lettered("A", { claim: "no" }, { annotator: "A2", user: "cleo", changed: true })],
      }),
    );
    expect(screen.getByText(/You labeled this one yourself/)).toBeTruthy();
    expect(screen.getByText("A2 · cleo")).toBeTruthy();
    expect(screen.getByText("changed since")).toBeTruthy();
  });

  it("ends in words, and has its keys one key away", async () => {
    await open();
    await user.keyboard("?");
    expect(screen.getByRole("dialog", { name: "Keys" })).toBeTruthy();
    expect(await violations()).toEqual([]);
    await user.keyboard("?");
    for (const unit of [2, 3]) {
      await user.keyboard("s");
      await onUnit(unit);
    }
    await user.keyboard("s");
    expect(await screen.findByText("Nothing is left to decide here")).toBeTruthy();
  });
});
