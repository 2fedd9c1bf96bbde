import { cleanup, render } from "@testing-library/svelte";
import { afterEach, expect, it } from "vitest";
import CommentText from "../components/CommentText.svelte";
import type { Layer } from "./layers";
import { TextIndex } from "./offsets";
import { selectedRange } from "./selection";

const TEXT = "😀 one two\n\nthree 👍🏽 four";
const index = new TextIndex(TEXT);

afterEach(cleanup);

/** Shows the text, cut by layers, and selects between two of its text nodes. */
function select(from: [string, number], to: [string, number], layers: Layer[] = []): string | null {
  const { container } = render(CommentText, { text: TEXT, blocks: [], layers });
  const nodeOf = (part: string): Node => {
    const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (walker.currentNode.textContent?.includes(part)) return walker.currentNode;
    }
    throw new Error(`No text “${part}”.`);
  };
  const place = ([part, offset]: [string, number]): [Node, number] => {
    const node = nodeOf(part);
    return [node, (node.textContent ?? "").indexOf(part) + offset];
  };
  getSelection()?.setBaseAndExtent(...place(from), ...place(to));
  const range = selectedRange(container, index);
  return range && index.slice(range.start, range.end);
}

it("is what was selected, in code points", () => {
  expect(select(["one", 0], ["one", 3])).toBe("one");
});

it("is the same when it was drawn from right to left", () => {
  expect(select(["two", 3], ["one", 0])).toBe("one two");
});

it("goes across pieces and blocks, with what lies between them", () => {
  const layers: Layer[] = [
    { kind: "span", start: 2, end: 5, name: "" },
    { kind: "span", start: 4, end: 8, name: "" },
  ];
  expect(select([" tw", 1], ["three", 5], layers)).toBe("two\n\nthree");
});

it("takes a whole emoji where it ends inside of one", () => {
  expect(select(["👍🏽", 0], ["👍🏽", 1])).toBe("👍");
});

it("is nothing where nothing of the text is selected", () => {
  expect(select(["one", 1], ["one", 1])).toBeNull();
  const { container } = render(CommentText, { text: TEXT, blocks: [] });
  const other = document.createElement("p");
  other.textContent = "elsewhere";
  document.body.append(other);
  getSelection()?.selectAllChildren(other);
  expect(selectedRange(container, index)).toBeNull();
});
