import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Job } from "../api/types";
import { confirmFirst } from "./confirm";
import { offerCopies } from "./copies";
import { acceptDrops, inWords as filesInWords, sizeInWords } from "./drops";
import { followJobs, inWords } from "./jobs";
import { followProgress } from "./progress";
import { showUploads } from "./uploads";

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

  it("does not load the page anew while a form is filled in", async () => {
    vi.stubGlobal("fetch", async () => Response.json({ ...JOB, finished: true }));
    const reload = vi.fn();
    const root = page(`${place}<form><label>Name <input></label></form>`);
    root.querySelector("input")?.focus();
    followJobs(root, reload);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(reload).not.toHaveBeenCalled();
    root.querySelector("input")?.blur();
    await vi.advanceTimersByTimeAsync(2_000);
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
  const zone = `<form><div data-drop data-most="3"><input type="file" name="file" multiple>
    <span data-drop-names></span></div><input type="hidden" name="paths"></form>`;
  const file = (name: string, size = 1): File => new File(["a".repeat(size)], name);

  function choose(...files: File[]): HTMLInputElement {
    acceptDrops(page(zone));
    const input = document.querySelector<HTMLInputElement>("[name=file]") as HTMLInputElement;
    Object.defineProperty(input, "files", { value: files });
    input.dispatchEvent(new Event("change"));
    return input;
  }

  it("shows the names and sizes of what was chosen", () => {
    choose(file("threads.jsonl", 2_500_000));
    expect(text("[data-drop-names]")).toBe("threads.jsonl (2.5 MB)");
    choose(file("a"), file("b"));
    expect(text("[data-drop-names]")).toBe("2 files (1 kB): a, b");
  });

  it("tells the server where in their folder the files stood", () => {
    const inFolder = file("1.json");
    Object.defineProperty(inFolder, "webkitRelativePath", { value: "rumours/1.json" });
    choose(inFolder, file("2.json"));
    const paths = document.querySelector<HTMLInputElement>("[name=paths]");
    expect(JSON.parse(paths?.value ?? "")).toEqual(["rumours/1.json", "2.json"]);
  });

  it("does not send more files than the server takes, and says what to do", () => {
    const input = choose(...["a", "b", "c", "d"].map((name) => file(name)));
    expect(input.checkValidity()).toBe(false);
    expect(text("[data-drop-names]")).toMatch(/at most 3 .* ZIP/);
  });

  it("names the first few of many", () => {
    const many = Array.from({ length: 8 }, (_, n) => ({ file: file(`${n}`), path: `f/${n}` }));
    expect(filesInWords(many)).toBe("8 files (1 kB): f/0, f/1, f/2, f/3, f/4 and 3 more");
    expect(filesInWords([])).toBe("");
    expect([0, 999, 1_500_000, 31_400_000].map(sizeInWords)).toEqual([
      "0 kB",
      "1 kB",
      "1.5 MB",
      "31 MB",
    ]);
  });
});

describe("an upload", () => {
  const form = `<form data-upload action="/imports/new/"><div data-drop>
    <input type="file" name="file"></div><input name="name" value="Old"><button class="primary">
    Upload</button><div data-upload-progress hidden><progress></progress><span data-upload-text>
    </span></div></form>`;
  const requests: FakeRequest[] = [];
  const latest = (): FakeRequest => requests.at(-1) as FakeRequest;

  class FakeRequest extends EventTarget {
    readonly upload = new EventTarget();
    readonly headers: Record<string, string> = {};
    status = 0;
    responseText = "";
    location: string | null = null;
    readonly open = vi.fn();
    readonly send = vi.fn();
    constructor() {
      super();
      requests.push(this);
    }
    setRequestHeader(name: string, value: string): void {
      this.headers[name] = value;
    }
    getResponseHeader(): string | null {
      return this.location;
    }
    answer(status: number, body: string, location: string | null = null): void {
      Object.assign(this, { status, responseText: body, location });
      this.dispatchEvent(new Event("load"));
    }
  }

  function submit(): ReturnType<typeof vi.fn> {
    vi.stubGlobal("XMLHttpRequest", FakeRequest);
    const goTo = vi.fn();
    showUploads(page(form), goTo);
    document.querySelector("form")?.requestSubmit();
    return goTo;
  }

  it("shows how far it is, and goes where the server says", () => {
    const goTo = submit();
    expect(latest().open).toHaveBeenCalledWith("POST", expect.stringMatching(/\/imports\/new\/$/));
    expect(latest().headers).toEqual({ "X-Requested-With": "XMLHttpRequest" });
    expect(document.querySelector("button")?.disabled).toBe(true);
    const half = { lengthComputable: true, loaded: 5_000_000, total: 20_000_000 };
    latest().upload.dispatchEvent(new ProgressEvent("progress", half));
    expect(document.querySelector("progress")).toMatchObject({ max: 20_000_000, value: 5_000_000 });
    expect(text("[data-upload-text]")).toBe("5.0 MB of 20 MB sent");
    latest().answer(201, "", "/imports/7/");
    expect(goTo).toHaveBeenCalledWith("/imports/7/");
  });

  it("keeps the chosen files where the form is refused", () => {
    submit();
    const chosen = document.querySelector("[name=file]");
    const refused = form.replace("</form>", '<ul class="errorlist"><li>No.</li></ul></form>');
    latest().answer(200, `<main>${refused.replace("Old", "New")}</main>`);
    expect(document.querySelector("[name=file]")).toBe(chosen);
    expect(text(".errorlist")).toBe("No.");
    expect(document.querySelector<HTMLInputElement>("[name=name]")?.value).toBe("New");
    const first = latest();
    document.querySelector("form")?.requestSubmit();
    expect(latest()).not.toBe(first);
  });

  it("says that it broke off, and can be sent again", () => {
    submit();
    latest().dispatchEvent(new Event("error"));
    expect(text("[data-upload-text]")).toMatch(/Nothing is lost/);
    expect(document.querySelector("button")?.disabled).toBe(false);
  });
});

describe("the progress of an import", () => {
  const place = `<div data-progress-url="/imports/7/progress/">before</div>
    <p data-progress-trouble></p>`;
  const answer = (html: string, more: object = {}): object => ({
    ok: true,
    redirected: false,
    text: async () => html,
    ...more,
  });

  it("is shown as the server tells it, until it has ended", async () => {
    const answers = [answer("<p>10 records</p>"), answer("<p data-finished>Done</p>")];
    vi.stubGlobal("fetch", async () => answers.shift());
    const reload = vi.fn();
    followProgress(page(place), reload);
    await vi.advanceTimersByTimeAsync(100);
    expect(text("[data-progress-url]")).toBe("10 records");
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("brings nobody back who is just following a link", async () => {
    vi.stubGlobal("fetch", async () => answer("<p data-finished>Done</p>"));
    const reload = vi.fn();
    dispatchEvent(new Event("beforeunload"));
    followProgress(page(place), reload);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(text("[data-progress-url]")).toBe("Done");
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("stays as it was while the server is away or asks for a login", async () => {
    const answers = [answer("<form>Log in</form>", { redirected: true }), answer("<p>11</p>")];
    vi.stubGlobal("fetch", async () => answers.shift());
    followProgress(page(place), vi.fn());
    await vi.advanceTimersByTimeAsync(100);
    expect(text("[data-progress-url]")).toBe("before");
    expect(text("[data-progress-trouble]")).toMatch(/does not answer/);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(text("[data-progress-url]")).toBe("11");
    expect(text("[data-progress-trouble]")).toBe("");
  });
});
