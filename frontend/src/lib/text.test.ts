import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blocksOf } from "./blocks";
import { WordCursor } from "./cursor";
import { type Layer, pieces } from "./layers";
import { TextIndex } from "./offsets";

describe("blocks", () => {
  it("are the comment's own, else its text split at empty lines", () => {
    const text = "😀 one\ntwo\n \n\nthree";
    const index = new TextIndex(text);
    const found = blocksOf({ text, blocks: [] }).map((b) => index.slice(b.start, b.end));
    expect(found).toEqual(["😀 one\ntwo", "three"]);
    const own = [{ kind: "caption" as const, start: 0, end: 1 }];
    expect(blocksOf({ text, blocks: own })).toBe(own);
  });

  it("leave nothing out but white space", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "😀", "\n", " ", "\t")), (parts) => {
        const text = parts.join("");
        const index = new TextIndex(text);
        const kept = blocksOf({ text, blocks: [] }).map((b) => index.slice(b.start, b.end));
        expect(kept.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      }),
    );
  });
});

describe("overlapping layers", () => {
  const layer = (start: number, end: number): Layer => ({ kind: "span", start, end, name: "" });
  const anyLayer = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 20 }));

  it("cut a block into pieces that are all of it, once, each with its layers", () => {
    fc.assert(
      fc.property(fc.array(anyLayer), (found) => {
        const layers = found.map(([start, length]) => layer(start, start + length));
        const cut = pieces({ start: 5, end: 30 }, layers);
        expect(cut[0]?.start).toBe(5);
        expect(cut.at(-1)?.end).toBe(30);
        cut.forEach((piece, i) => {
          if (i > 0) expect(piece.start).toBe(cut[i - 1]?.end);
          for (let at = piece.start; at < piece.end; at += 1) {
            expect(piece.layers).toEqual(layers.filter((l) => l.start <= at && at < l.end));
          }
        });
      }),
    );
  });
});

describe("the keyboard cursor", () => {
  const index = new TextIndex("One two. Three 👍🏽 four!");
  const quote = (cursor: WordCursor | null | undefined): string =>
    cursor ? index.slice(cursor.range.start, cursor.range.end) : "";

  it("steps by words and stretches by words", () => {
    const second = WordCursor.over(index)?.move("right", false);
    expect(quote(second)).toBe("two");
    expect(quote(second?.move("right", true).move("right", true))).toBe("two. Three 👍🏽");
    expect(quote(second?.move("right", true).move("left", true))).toBe("two");
    expect(quote(second?.move("left", true))).toBe("One two");
  });

  it("takes whole sentences up and down, and stays in the text", () => {
    const start = WordCursor.over(index);
    expect(quote(start?.move("down", false))).toBe("One two.");
    expect(quote(start?.move("down", false).move("down", false))).toBe("Three 👍🏽 four!");
    expect(quote(start?.move("down", true).move("down", true))).toBe("One two. Three 👍🏽 four!");
    expect(quote(start?.move("left", false).move("up", false))).not.toBe("");
  });

  it("has no place in a text without words", () => {
    expect(WordCursor.over(new TextIndex(" … \n"))).toBeNull();
  });
});
