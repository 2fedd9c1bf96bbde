import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Unreachable } from "../api/client";
import type { CodebookApi, CodebookPreview } from "../api/codebook";
import { violations } from "../testing/desk";
import { CODEBOOK, label, question, QUESTIONS } from "../testing/examples";
import { Bench } from "./bench.svelte";
import { Draft } from "./draft";
import { Editor } from "./editor";
import Findings from "./Findings.svelte";
import Preview from "./Preview.svelte";

const TEXT = "key: test\nversion: 1\ntitle: A test\n";

function found(more: Partial<CodebookPreview> = {}): CodebookPreview {
  return {
    codebook: CODEBOOK,
    problems: [],
    changes: [],
    newest: null,
    next_version: 1,
    taken: false,
    loaded: false,
    ...more,
  };
}

let user: UserEvent;
let said: (source: string) => CodebookPreview;
let asked: string[];
let bench: Bench;
let field: HTMLTextAreaElement;
let form: HTMLFormElement;

const api = {
  preview(source: string): Promise<CodebookPreview> {
    asked.push(source);
    return Promise.resolve().then(() => said(source));
  },
} as CodebookApi;

async function open(text = TEXT): Promise<void> {
  document.body.innerHTML = `<main><h1>Write</h1><form><label for="id_text">YAML text</label>
    <div><textarea id="id_text"></textarea></div><label>File <input type="file"></label>
    <button data-load>Check and load</button></form></main>`;
  form = document.querySelector("form") as HTMLFormElement;
  form.addEventListener("submit", (event) => event.preventDefault());
  field = document.querySelector("textarea") as HTMLTextAreaElement;
  field.value = text;
  bench = new Bench(api, new Draft("test/1"), text);
  const editor = new Editor(field, (written) => bench.write(written));
  const target = document.querySelector("main") as HTMLElement;
  render(Findings, { target, props: { bench, editor, form } });
  render(Preview, { target, props: { bench } });
  await bench.begin();
}

const group = (): HTMLElement =>
  screen.getByRole("group", { name: "Try the questions and their keys" });
const radio = (name: string, place = 0): HTMLInputElement =>
  screen.getAllByRole("radio", { name })[place] as HTMLInputElement;

beforeEach(() => {
  localStorage.clear();
  asked = [];
  said = () => found();
  user = userEvent.setup();
});

afterEach(() => {
  cleanup();
  document.body.innerHTML = "";
  vi.restoreAllMocks();
});

describe("the preview", () => {
  it("asks what the codebook asks, with its conditions and keys", async () => {
    await open();
    await screen.findByText("About claim?");
    expect(screen.queryByText("About claim_span?")).toBeNull();
    group().focus();
    await user.keyboard("2");
    expect(radio("yes").checked).toBe(true);
    expect(screen.getByText("About claim_span?")).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it("says that it would be submitted, and sends nothing", async () => {
    said = () => found({ codebook: { ...CODEBOOK, questions: [question("claim")] } });
    await open();
    await screen.findByText("About claim?");
    group().focus();
    await user.keyboard("{Enter}");
    expect(screen.getByText("This question needs an answer.")).toBeTruthy();
    await user.keyboard("1");
    expect(screen.getByText("All is answered: it would be submitted now.")).toBeTruthy();
    expect(asked).toEqual([TEXT]);
  });

  it("marks words of its comment with the keyboard", async () => {
    const questions = [question("part", { kind: "span", labels: [label("fact", "1")] })];
    said = () => found({ codebook: { ...CODEBOOK, questions } });
    await open();
    await screen.findByText("About part?");
    group().focus();
    await user.keyboard("m{Enter}");
    expect(screen.getByText(/1 mark, listed below the comment/)).toBeTruthy();
  });

  it("keeps what was answered while the text changes, as long as it is there", async () => {
    await open();
    await screen.findByText("About claim?");
    await user.click(radio("yes"));
    const titled = QUESTIONS.map((one) => ({ ...one, title: `${one.title}!` }));
    said = () => found({ codebook: { ...CODEBOOK, questions: titled } });
    await user.type(field, "#");
    await screen.findByText("About claim?!");
    expect(radio("yes").checked).toBe(true);
    const other = [question("claim", { labels: [label("no", "1"), label("maybe", "2")] })];
    said = () => found({ codebook: { ...CODEBOOK, questions: other } });
    await user.type(field, "#");
    await screen.findByRole("radio", { name: "maybe" });
    expect(screen.getAllByRole("radio").some((one) => (one as HTMLInputElement).checked)).toBe(
      false,
    );
  });

  it("speaks the languages of the codebook, and asks about threads too", async () => {
    const questions = [question("claim"), question("topic", { unit: "thread" })];
    const words = { title: "Eine Behauptung?", help: "", labels: {} };
    const translations = { de: { title: "", guidelines_html: "", questions: { claim: words } } };
    said = () => found({ codebook: { ...CODEBOOK, questions, translations } });
    await open();
    await user.selectOptions(await screen.findByLabelText("Language of the questions"), "de");
    expect(await screen.findByText("Eine Behauptung?")).toBeTruthy();
    await user.selectOptions(screen.getByLabelText("What is asked about"), "A thread");
    expect(await screen.findByText("About topic?")).toBeTruthy();
  });

  it("opens no dialog of the workspace and stops nothing", async () => {
    await open();
    await screen.findByText("About claim?");
    group().focus();
    await user.keyboard("?.ST");
    await user.click(within(group()).getByRole("button", { name: /Skip/ }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(screen.getByText("This is there in a campaign.")).toBeTruthy();
    await user.keyboard("1");
    expect(radio("no").checked).toBe(true);
  });
});

describe("what is found", () => {
  it("is told with its line, which a click goes to, while the last preview stays", async () => {
    await open();
    await screen.findByText("About claim?");
    const problems = [{ path: "version", line: 2, sentence: "must be a whole number." }];
    said = () => found({ codebook: null, problems });
    await user.type(field, "x");
    const told = await screen.findByRole("button", { name: /Line 2 version must be/ });
    await user.click(told);
    expect(field.value.slice(field.selectionStart, field.selectionEnd)).toBe("version: 1");
    expect(document.querySelectorAll(".gutter .faulty")).toHaveLength(1);
    expect(screen.getByText("About claim?")).toBeTruthy();
  });

  it("names the free version and raises to it by a key", async () => {
    said = (text) =>
      text.includes("version: 1") ? found({ taken: true, newest: 3, next_version: 4 }) : found();
    await open();
    await screen.findByText("Version 1 is loaded with another text. Version 4 is free.");
    await user.keyboard("{Alt>}v{/Alt}");
    expect(field.value).toBe(TEXT.replace("version: 1", "version: 4"));
    await screen.findByText("Nothing is wrong: it can be loaded.");
  });

  it("shows what changed since the newest version", async () => {
    const change = {
      kind: "changed" as const,
      question: "claim",
      label: "",
      field: "title",
      language: "",
      before: "A claim",
      after: "The claim",
      pieces: [
        { kind: "deleted" as const, text: "A" },
        { kind: "inserted" as const, text: "The" },
        { kind: "same" as const, text: " claim" },
      ],
    };
    said = () => found({ changes: [change], newest: 1 });
    await open();
    await user.click(await screen.findByText("1 change since version 1"));
    expect(document.querySelector("del")?.textContent).toBe("A");
    expect(document.querySelector("ins")?.textContent).toBe("The");
  });

  it("says that the server is away, and goes on when it is back", async () => {
    said = () => {
      throw new Unreachable();
    };
    await open();
    expect(await screen.findByText(/What you type is kept in this browser/)).toBeTruthy();
    said = () => found();
    await user.type(field, "#");
    await screen.findByText("About claim?");
    expect(screen.queryByText(/What you type is kept/)).toBeNull();
  });
});

describe("what is typed", () => {
  it("is asked about once, when the typing pauses", async () => {
    await open();
    await user.type(field, "abc");
    await waitFor(() => expect(asked).toEqual([TEXT, `${TEXT}abc`]));
  });

  it("is offered at the next visit, unless it was loaded since", async () => {
    await open();
    await user.type(field, "# more");
    await waitFor(() => expect(localStorage.length).toBe(1));
    cleanup();
    await open();
    await user.click(await screen.findByRole("button", { name: "Take it up again" }));
    expect(field.value).toBe(`${TEXT}# more`);
    cleanup();
    said = (text) => found({ loaded: text.includes("more") });
    await open();
    await waitFor(() => expect(localStorage.length).toBe(0));
    expect(screen.queryByRole("button", { name: "Take it up again" })).toBeNull();
  });

  it("is not left without a question, except to load it", async () => {
    await open();
    const leave = (): boolean => !dispatchEvent(new Event("beforeunload", { cancelable: true }));
    expect(leave()).toBe(false);
    await user.type(field, "#");
    expect(leave()).toBe(true);
    await user.click(screen.getByRole("button", { name: /Load as version/ }));
    expect(leave()).toBe(false);
  });

  it("comes from a file too", async () => {
    await open();
    const file = new File(["key: other\n"], "other.yaml");
    await user.upload(form.querySelector("input[type=file]") as HTMLInputElement, file);
    await waitFor(() => expect(field.value).toBe("key: other\n"));
  });
});

describe("the field", () => {
  it("indents with Tab, and lets Tab go after Escape", async () => {
    await open("a:\nb: 1");
    field.focus();
    field.setSelectionRange(3, 3);
    await user.keyboard("{Tab}");
    expect(field.value).toBe("a:\n  b: 1");
    field.setSelectionRange(0, field.value.length);
    await user.keyboard("{Tab}");
    expect(field.value).toBe("  a:\n    b: 1");
    await user.keyboard("{Shift>}{Tab}{/Shift}");
    expect(field.value).toBe("a:\n  b: 1");
    await user.keyboard("{Escape}{Tab}");
    expect(document.activeElement).not.toBe(field);
  });

  it("begins a line where the last one began, and deeper after a colon", async () => {
    await open("labels:\n  - key: a");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    await user.keyboard("{Enter}title: A");
    expect(field.value).toBe("labels:\n  - key: a\n    title: A");
    field.setSelectionRange(7, 7);
    await user.keyboard("{Enter}x");
    expect(field.value).toContain("labels:\n  x\n");
  });

  it("numbers its lines", async () => {
    await open("a\nb");
    const numbers = (): string[] =>
      [...document.querySelectorAll(".gutter span")].map((one) => one.textContent);
    expect(numbers()).toEqual(["1", "2"]);
    await user.type(field, "{Enter}c");
    expect(numbers()).toEqual(["1", "2", "3"]);
    await user.clear(field);
    expect(numbers()).toEqual(["1"]);
  });
});
