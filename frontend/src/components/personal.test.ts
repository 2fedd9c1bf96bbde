import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Dialog } from "../stores/dialog";
import { openPage, type OpenPage, violations } from "../testing/desk";

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

describe("keys", () => {
  const key = (name: RegExp): HTMLElement => screen.getByRole("button", { name });

  it("are changed by pressing the new one, work at once, and go to the server", async () => {
    await open();
    await user.keyboard("?");
    await user.click(key(/^flag: f/));
    await user.keyboard("w");
    expect(screen.getByText("w is the key for “flag” now.")).toBeTruthy();
    expect(await violations()).toEqual([]);
    await user.keyboard("?");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.keyboard("f");
    expect(session.sheet?.flagged).toBe(false);
    await user.keyboard("w");
    expect(session.sheet?.flagged).toBe(true);
    await waitFor(() =>
      expect(surrounding.last("me/preferences")).toMatchObject({ keys: { flag: "w" } }),
    );
  });

  it("that are taken are refused with a word, and come back as they were", async () => {
    await open();
    await user.keyboard("?");
    await user.click(key(/^flag: f/));
    await user.keyboard("s");
    expect(
      screen.getByText(/s is the key for “skip, with a reason if you like” already/),
    ).toBeTruthy();
    await user.keyboard("{F5}");
    expect(screen.getByText(/F5 belongs to the browser/)).toBeTruthy();
    await user.keyboard("1");
    expect(screen.getByText(/While it answers “About claim\?.*”, the answer wins/)).toBeTruthy();
    await user.click(key(/^flag: 1/));
    await user.keyboard("f");
    expect(preferences.chosen.keys).toEqual({});
    await user.click(key(/^flag: f/));
    await user.keyboard("w");
    await user.click(key(/^All keys as they came/));
    expect(preferences.chosen.keys).toEqual({});
    expect(session.dialog).toBe("help");
  });

  it("of answers win over those of commands", async () => {
    await open();
    preferences.assign("flag", "1");
    await user.keyboard("1");
    expect([session.sheet?.answers, session.sheet?.flagged]).toEqual([{ claim: "no" }, false]);
  });

  it("jump to the next comment without answers from wherever one is", async () => {
    await open();
    await user.keyboard("11");
    await onUnit(2);
    await user.keyboard("11");
    await onUnit(3);
    await user.keyboard("pp");
    await onUnit(1);
    await user.keyboard("N");
    await onUnit(3);
  });

  it("show the definitions of the active question in place", async () => {
    await open();
    expect(screen.getByText("What yes means.", { selector: "#claim-yes-definition" }).hidden).toBe(
      true,
    );
    await user.keyboard("d");
    const shown = [...document.querySelectorAll<HTMLElement>(".definition[id]:not([hidden])")];
    expect(shown.map(({ id }) => id)).toEqual(["claim-no-definition", "claim-yes-definition"]);
  });
});

describe("the guidelines", () => {
  const rulings = [
    { id: 12, text_html: "<p>Irony is a claim.</p>", created_at: "2024-03-12T10:00:00Z" },
    { id: 11, text_html: "<p>Old words.</p>", created_at: "2024-03-01T10:00:00Z" },
  ];

  it("say what is new in them, and that it was seen", async () => {
    await open({ rulings, rulings_seen: 11 });
    expect(screen.getByText(/There is 1 new ruling/)).toBeTruthy();
    await user.keyboard("g");
    expect(within(dialog()).getAllByText("new")).toHaveLength(1);
    await waitFor(() => expect(surrounding.last("guidelines/seen")).toEqual({ ruling: 12 }));
    expect(await violations()).toEqual([]);
    await user.keyboard("g");
    await waitFor(() => expect(screen.queryByText(/There is 1 new ruling/)).toBeNull());
  });

  it("are searched", async () => {
    await open({ rulings });
    await user.keyboard("g");
    await user.type(within(dialog()).getByRole("searchbox"), "IRONY");
    expect(screen.getByText("1 place")).toBeTruthy();
    expect(within(dialog()).getByText("Old words.").closest("[hidden]")).toBeTruthy();
    expect(within(dialog()).getByText("Irony is a claim.").closest("[hidden]")).toBeNull();
  });

  it("stay open beside the thread where there is room, and leave the keys to the questions", async () => {
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    await open({ codebook_seen: false });
    await user.keyboard("g");
    expect(screen.getByRole("complementary", { name: "Guidelines" })).toBeTruthy();
    expect(await violations()).toEqual([]);
    await user.keyboard("1");
    expect(session.sheet?.answers).toEqual({ claim: "no" });
    await user.keyboard("g");
    expect(screen.queryByRole("complementary")).toBeNull();
    expect(surrounding.last("guidelines/seen")).toEqual({ ruling: null });
    vi.unstubAllGlobals();
  });
});

describe("the history", () => {
  it("is searched on the server, goes by arrows, and reopens", async () => {
    await open();
    await user.keyboard("11");
    await onUnit(2);
    await user.keyboard("H");
    await user.type(screen.getByRole("searchbox"), "Zug ä");
    await user.selectOptions(within(dialog()).getByRole("combobox"), "submitted");
    await user.click(within(dialog()).getByRole("checkbox"));
    await waitFor(() =>
      expect(surrounding.searched.at(-1)).toMatch(
        /history\/\?search=Zug\+%C3%A4&state=submitted&flagged=true$/,
      ),
    );
    screen.getByRole("searchbox").focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toContain("Comment 1");
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(screen.getByRole("searchbox"));
    await user.keyboard("{ArrowDown}{Enter}");
    await onUnit(1);
  });
});

describe("what is covered", () => {
  it("is not told by the history either", async () => {
    await open();
    const beside = server.beside;
    const row = { unit: 9, order: 9, thread_title: "A tram", state: "submitted", flagged: false };
    const text = { excerpt: "Vile words", warnings: ["hate"], saved_at: "2024-03-12T10:00:00Z" };
    server.beside = (url, options) =>
      url.includes("/history/")
        ? Response.json({ next: null, previous: null, results: [{ ...row, ...text }] })
        : beside(url, options);
    await user.keyboard("H");
    await within(dialog()).findByText("Covered: Hate");
    expect(dialog().textContent).not.toContain("Vile words");
  });
});

describe("settings", () => {
  it("hold at once and are sent", async () => {
    await open();
    await user.keyboard(",");
    await user.click(screen.getByLabelText("High contrast"));
    await user.click(screen.getByLabelText("Largest"));
    await user.click(screen.getByLabelText(/^Calm/));
    expect({ ...document.documentElement.dataset }).toMatchObject({
      theme: "contrast",
      textSize: "largest",
      calm: "true",
    });
    await waitFor(() =>
      expect(surrounding.last("me/preferences")).toMatchObject({ theme: "contrast", calm: true }),
    );
  });

  it("keep categories away from a person", async () => {
    await open();
    await user.keyboard(",");
    await user.click(screen.getByLabelText(/^Hate/));
    await waitFor(() => expect(surrounding.last("me/avoided")).toEqual({ categories: ["hate"] }));
    expect(workplace.surroundings?.avoided).toEqual(["hate"]);
  });
});

describe("for everybody", () => {
  it("no dialog has an axe violation", async () => {
    await open();
    const dialogs: Dialog[] = ["help", "settings", "today", "break", "support", "skip", "history"];
    for (const name of dialogs) {
      session.dialog = name;
      await screen.findByRole("dialog");
      expect([name, await violations()]).toEqual([name, []]);
      session.dialog = null;
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    }
  });
});
