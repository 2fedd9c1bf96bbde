import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blocksOf } from "./blocks";
import { type Move, WordCursor } from "./cursor";
import { type Layer, pieces } from "./layers";
import { TextIndex } from "./offsets";
import { isRightToLeft, snapped } from "./segmenting";

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
  const word: Move = { by: "word", on: true };
  const wordBack: Move = { by: "word", on: false };
  const sentence: Move = { by: "sentence", on: true };
  const sentenceBack: Move = { by: "sentence", on: false };
  const letter: Move = { by: "character", on: true };
  const letterBack: Move = { by: "character", on: false };

  it("steps by words and stretches by words", () => {
    const second = WordCursor.over(index)?.move(word, false);
    expect(quote(second)).toBe("two");
    expect(quote(second?.move(word, true).move(word, true))).toBe("two. Three 👍🏽");
    expect(quote(second?.move(word, true).move(wordBack, true))).toBe("two");
    expect(quote(second?.move(wordBack, true))).toBe("One two");
  });

  it("takes whole sentences up and down, and stays in the text", () => {
    const start = WordCursor.over(index);
    expect(quote(start?.move(sentence, false))).toBe("One two.");
    expect(quote(start?.move(sentence, false).move(sentence, false))).toBe("Three 👍🏽 four!");
    expect(quote(start?.move(sentence, true).move(sentence, true))).toBe("One two. Three 👍🏽 four!");
    expect(quote(start?.move(wordBack, false).move(sentenceBack, false))).not.toBe("");
  });

  it("goes into a word by characters, from either end, and on from there", () => {
    const second = WordCursor.over(index)?.move(word, false);
    expect(quote(second?.move(letter, false))).toBe("t");
    expect(quote(second?.move(letterBack, false))).toBe("o");
    expect(quote(second?.move(letter, false).move(letter, true))).toBe("tw");
    expect(quote(second?.move(letter, true))).toBe("two.");
    expect(quote(second?.move(letter, true).move(letterBack, true))).toBe("two");
  });

  it("takes an emoji with its tone and a letter with its accents for one character", () => {
    const hard = new TextIndex("cafe\u0301 👍🏽");
    const last = WordCursor.over(hard)?.move(letterBack, false);
    expect(last && hard.slice(last.range.start, last.range.end)).toBe("e\u0301");
    const emoji = last?.move(letter, false);
    expect(emoji && hard.slice(emoji.range.start, emoji.range.end)).toBe("👍🏽");
  });

  it("never cuts a character, whatever the moves", () => {
    const parts = fc.array(fc.constantFrom("👩‍👩‍👧‍👦", "e\u0301", "שלום", "a", " ", ".", "𝒳"));
    const by = fc.constantFrom<Move["by"]>("character", "word", "sentence");
    const moves = fc.array(fc.tuple(fc.record({ by, on: fc.boolean() }), fc.boolean()));
    fc.assert(
      fc.property(parts, moves, (found, steps) => {
        const text = new TextIndex(found.join(""));
        let cursor = WordCursor.over(text);
        for (const [move, stretch] of steps) cursor = cursor?.move(move, stretch) ?? null;
        if (cursor) expect(snapped(text, cursor.range)).toEqual(cursor.range);
      }),
    );
  });

  it("has no place in a text without words", () => {
    expect(WordCursor.over(new TextIndex(" … \n"))).toBeNull();
  });
});

describe("the direction of a text", () => {
  it("is that of its first letter", () => {
    expect(["שלום", "12 مرحبا a", "😀 ok שלום", "", "…"].map(isRightToLeft)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
