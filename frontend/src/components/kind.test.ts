import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WorkUnit } from "../api/types";
import { openPage, type OpenPage, violations } from "../testing/desk";
import { work } from "../testing/examples";
import { surroundings } from "../testing/workplace";

let user: UserEvent;
let server: OpenPage["server"];
let surrounding: OpenPage["surrounding"];
let session: OpenPage["session"];
let preferences: OpenPage["preferences"];
let workplace: OpenPage["workplace"];

async function open(...what: Parameters<typeof openPage>): Promise<void> {
  ({ server, surrounding, session, preferences, workplace } = await openPage(...what));
}

const unit = (): number | undefined => session.work?.unit.id;
const onUnit = (wanted: number): Promise<void> => waitFor(() => expect(unit()).toBe(wanted));
const page = (): string => document.body.textContent;
const dialog = (): HTMLElement => screen.getByRole("dialog");

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  user = userEvent.setup();
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe("a covered comment", () => {
  it("has its categories in words and not its text in the page, and is answered all the same", async () => {
    await open();
    expect(screen.getByText("Hate, Death")).toBeTruthy();
    expect(page()).not.toContain("And <b>soon</b>.");
    expect(page()).not.toContain("Is that so?");
    expect(page()).toContain("The tram opens in May.");
    expect(screen.getByText(/A cover does not make a text harmless/)).toBeTruthy();
    expect(await violations()).toEqual([]);
    await user.keyboard("11");
    await onUnit(2);
    await waitFor(() => expect(server.saved.get(1)?.state).toBe("submitted"));
  });

  it("is opened and covered by b where one reads, and its ancestors by B", async () => {
    await open();
    const told: number[] = [];
    Object.assign(session.reading as object, { markOpened: (id: number) => told.push(id) });
    await user.keyboard("b");
    expect(page()).toContain("And <b>soon</b>.");
    await user.keyboard("B");
    expect(page()).toContain("Is that so?");
    await user.keyboard("kb");
    expect(page()).not.toContain("Is that so?");
    expect(told).toEqual([3, 2]);
    expect(await violations()).toEqual([]);
  });

  it("is covered anew at the next visit", async () => {
    await open();
    await user.click(screen.getAllByRole("button", { name: "Show" })[1] as HTMLElement);
    expect(page()).toContain("And <b>soon</b>.");
    await user.keyboard("11");
    await onUnit(2);
    expect(page()).not.toContain("And <b>soon</b>.");
  });

  it("cannot have words marked in it unseen, and does not tell those that were", async () => {
    await open();
    await user.keyboard("2m");
    expect(session.marking?.question).toBeNull();
    expect(screen.getByText(/The text is covered: show it/)).toBeTruthy();
    await user.keyboard("bm{Enter}{Escape}");
    expect(screen.getByText("Yes", { selector: "q" })).toBeTruthy();
    await user.keyboard("b");
    expect(screen.queryByText("Yes", { selector: "q" })).toBeNull();
  });

  it("is open where neither the campaign nor the person wants it covered", async () => {
    const { campaign } = surroundings();
    await open({ campaign: { ...campaign, cover_content: false }, avoided: ["death"] });
    expect(page()).toContain("Is that so?");
    expect(page()).not.toContain("And <b>soon</b>.");
  });

  it("stays covered while the campaign is not known", async () => {
    await open();
    workplace.surroundings = null;
    await waitFor(() => expect(page()).toContain("hate, death"));
    expect(page()).not.toContain("And <b>soon</b>.");
  });
});

describe("stop for today", () => {
  it("sends everything, gives back what is held, thanks, and lets one go on after all", async () => {
    await open();
    await user.keyboard("1.");
    await screen.findByText(/You labeled 3 comments today/);
    expect(server.saved.get(1)).toMatchObject({ state: "draft", answers: { claim: "no" } });
    expect(surrounding.sent).toEqual([["stop", null]]);
    expect(await violations()).toEqual([]);
    await user.keyboard("1");
    expect(session.sheet?.answers).toEqual({ claim: "no" });
    await user.click(screen.getByRole("button", { name: "Go on after all" }));
    await screen.findByText("About misleads?");
  });

  it("keeps what cannot be sent, and says so", async () => {
    await open();
    server.way = "down";
    await user.keyboard("1.");
    await screen.findByText(/1 answer is not sent yet/);
    expect(surrounding.last("stop")).toBeUndefined();
  });
});

describe("a break", () => {
  const { campaign } = surroundings();
  const short = { campaign: { ...campaign, break_minutes: 1 } };

  function workTwoMinutes(): void {
    const start = Date.now();
    const clock = vi.spyOn(Date, "now");
    for (let second = 0; second <= 120; second += 10) {
      clock.mockReturnValue(start + second * 1000);
      workplace.touch(session);
    }
  }

  it("is proposed between two comments, and leaves the choice", async () => {
    await open(short);
    workTwoMinutes();
    expect(session.dialog).toBeNull();
    await user.keyboard("11");
    await screen.findByText("Time for a break?");
    await waitFor(() => expect(server.saved.get(1)?.state).toBe("submitted"));
    expect(await violations()).toEqual([]);
    await user.keyboard("1");
    expect(session.sheet?.answers).toEqual({});
    await user.keyboard("S");
    await within(dialog()).findByText("Mo");
    await user.keyboard(".");
    await screen.findByText("That is it for today");
  });

  it("waits for who is typing", async () => {
    await open(short);
    workTwoMinutes();
    await user.keyboard("c");
    workplace.proposeBreak(session);
    expect(session.dialog).toBeNull();
    (document.activeElement as HTMLElement).blur();
    workplace.proposeBreak(session);
    expect(session.dialog).toBe("break");
  });
});

describe("a skip", () => {
  const skipped = (): unknown => server.bodies.findLast((body) => body.state === "skipped");

  it("for harm has its own key and asks for no reason", async () => {
    await open();
    await user.keyboard("s4");
    await onUnit(2);
    await waitFor(() => expect(skipped()).toMatchObject({ harmful: true, skip_reason: "" }));
  });

  it("takes a reason by digit, or in words that may have digits in them", async () => {
    await open();
    await user.keyboard("s2");
    await onUnit(2);
    const why = "It has nothing to do with the topic";
    await waitFor(() => expect(skipped()).toMatchObject({ skip_reason: why }));
    expect(skipped()).not.toHaveProperty("harmful");
    await user.keyboard("s");
    await user.keyboard("page 4{Enter}");
    await onUnit(3);
    await waitFor(() => expect(skipped()).toMatchObject({ skip_reason: "page 4" }));
  });
});

describe("the day", () => {
  const paced = (id: number): WorkUnit =>
    work(id, {
      progress: {
        ...{ done: 12, skipped: 1, left: 7, total: 20 },
        ...{ today: { units: 4, seconds: 720 }, pace: 6.2 },
      },
    });

  it("stands in the bar in short, and not in calm mode", async () => {
    await open({}, paced);
    const share = screen.getByRole("button", { name: /13 of 20/ });
    expect(share.textContent).toMatch(/about 6 s each.*12 minutes.*2 content warnings/s);
    preferences.change({ calm: true });
    await waitFor(() => expect(share.textContent).not.toMatch(/each/));
  });

  it("is told in full, with what was read today and what is left", async () => {
    await open({}, paced);
    await user.keyboard("T");
    expect(dialog().textContent).toMatch(/Left\s*7.*4 comments.*Hate: 2.*at most 20 comments/s);
  });
});
