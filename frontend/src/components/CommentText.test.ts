import { cleanup, render } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import { TextIndex } from "../lib/offsets";
import { selectedRange } from "../lib/selection";
import CommentText from "./CommentText.svelte";

const TEXT = "You said 🚢 so.\n\nSee the report 🚢 here.";
const BLOCKS = [
  { kind: "quote" as const, start: 0, end: 14 },
  { kind: "paragraph" as const, start: 16, end: 37 },
];
const LINKS = [{ start: 20, end: 32, url: "https://news.example/a" }];

afterEach(cleanup);

function show(): HTMLElement {
  const layers = [{ kind: "span" as const, start: 24, end: 37, name: "" }];
  return render(CommentText, { text: TEXT, blocks: BLOCKS, links: LINKS, layers }).container;
}

describe("a comment's text", () => {
  it("shows quoted paragraphs as quotations, and nothing else as one", () => {
    const quoted = show().querySelectorAll("blockquote");
    expect([...quoted].map((block) => block.textContent)).toEqual(["You said 🚢 so."]);
    expect(quoted[0]?.classList.contains("quote")).toBe(false);
  });

  it("shows where links lead without being followed", () => {
    const root = show();
    expect(root.querySelector("a, [role=button]")).toBeNull();
    const parts = [...root.querySelectorAll(".link")];
    expect(parts.map((part) => part.textContent).join("")).toBe("the report 🚢");
    expect(parts.every((part) => part.getAttribute("title") === LINKS[0]?.url)).toBe(true);
  });

  it("keeps offsets exact under links, spans and quotations", () => {
    const root = show();
    const index = new TextIndex(TEXT);
    for (const block of root.querySelectorAll<HTMLElement>("[data-start]")) {
      const { start, end } = block.dataset;
      expect(block.textContent).toBe(index.slice(Number(start), Number(end)));
    }
    const marked = root.querySelector("mark.span.link")?.firstChild as Node;
    const range = document.createRange();
    range.setStart(marked, 0);
    range.setEnd(root.querySelectorAll("mark.span")[1]?.firstChild as Node, 5);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
    const selected = selectedRange(root, index);
    expect(selected).toEqual({ start: 24, end: 37 });
  });

  it("does without links, as work kept from before they were known", () => {
    const { container } = render(CommentText, { text: "Plain.", blocks: [] });
    expect(container.textContent).toBe("Plain.");
  });
});
