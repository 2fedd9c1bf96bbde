import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Job } from "../api/types";
import { confirmFirst } from "./confirm";
import { offerCopies } from "./copies";
import { acceptDrops } from "./drops";
import { followJobs, inWords } from "./jobs";

const JOB: Job = {
  id: 7,
  state: "running",
  done: 120,
  total: 500,
  measure: "comments",
  error: "",
  worker_alive: true,
  finished: false,
};

function page(html: string): HTMLElement {
  document.body.innerHTML = `<main><h1>Page</h1>${html}</main>`;
  return document.body;
}

const text = (selector: string): string => document.querySelector(selector)?.textContent ?? "";

beforeEach(() => vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a running job", () => {
  const place = `<div data-job-url="/api/v1/exports/7/"><progress></progress>
    <span data-job-state></span><p data-job-text role="status"></p></div>`;

  it("is followed until it has ended; then the page is loaded anew, once", async () => {
    const answers = [JOB, { ...JOB, done: 500, state: "done", finished: true }];
    vi.stubGlobal("fetch", async () => Response.json(answers.shift()));
    const reload = vi.fn();
    followJobs(page(place), reload);
    await vi.advanceTimersByTimeAsync(100);
    expect(document.querySelector("progress")).toMatchObject({ max: 500, value: 120 });
    expect(text("[data-job-text]")).toBe("120 of 500 comments");
    expect(document.querySelector("[data-job-state]")?.className).toBe("badge state-running");
    expect(text("[data-job-state]")).toBe("Running");
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("says so when the server is away, and goes on asking", async () => {
    let down = true;
    vi.stubGlobal("fetch", async () => {
      if (down) throw new TypeError("network");
      return Response.json(JOB);
    });
    followJobs(page(place), vi.fn());
    await vi.advanceTimersByTimeAsync(100);
    expect(text("[data-job-text]")).toMatch(/server does not answer/);
    down = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(text("[data-job-text]")).toBe("120 of 500 comments");
  });

  it("says that no worker runs, and why a job failed", () => {
    expect(inWords({ ...JOB, worker_alive: false })).toMatch(/No worker is running/);
    expect(inWords({ ...JOB, error: "Line 3 is not JSON." })).toBe("Line 3 is not JSON.");
    expect(inWords({ ...JOB, total: null })).toBe("120 comments");
  });
});

describe("a copy button", () => {
  it("copies what it names and says so for a moment", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    offerCopies(page('<pre id="c"> curl x </pre><button data-copy="#c">Copy</button>'));
    document.querySelector("button")?.click();
    await vi.advanceTimersByTimeAsync(10);
    expect(writeText).toHaveBeenCalledWith("curl x");
    expect(text("button")).toBe("Copied");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(text("button")).toBe("Copy");
  });

  it("selects the text where the clipboard is closed", async () => {
    vi.stubGlobal("navigator", {});
    offerCopies(page('<pre>curl y</pre><button data-copy="">Copy</button>'));
    document.querySelector("button")?.click();
    await vi.advanceTimersByTimeAsync(10);
    expect(getSelection()?.toString()).toBe("curl y");
  });
});

describe("a question before a form is sent", () => {
  async function press(answer: string): Promise<number> {
    const sent = vi.fn((event: Event) => event.preventDefault());
    const root = page('<form data-confirm="Delete it?"><button>Delete</button></form>');
    const listening = document.createElement("div");
    listening.append(...root.childNodes);
    root.append(listening);
    confirmFirst(listening);
    listening.addEventListener("submit", (event) => event.defaultPrevented || sent(event));
    document.querySelector<HTMLButtonElement>("form button")?.click();
    const dialog = document.querySelector("dialog") as HTMLDialogElement;
    expect(dialog.textContent).toContain("Delete it?");
    vi.useRealTimers();
    expect((await axe.run(dialog)).violations).toEqual([]);
    dialog.returnValue = answer;
    dialog.dispatchEvent(new Event("close"));
    return sent.mock.calls.length;
  }

  it("sends it after yes", async () => expect(await press("yes")).toBe(1));
  it("does nothing after no", async () => expect(await press("no")).toBe(0));
});

describe("a drop zone", () => {
  it("shows the names of what was chosen", () => {
    acceptDrops(page('<label data-drop><input type="file"><span data-drop-names></span></label>'));
    const input = document.querySelector("input") as HTMLInputElement;
    Object.defineProperty(input, "files", { value: [new File(["a"], "threads.jsonl")] });
    input.dispatchEvent(new Event("change"));
    expect(text("[data-drop-names]")).toBe("threads.jsonl");
  });
});
