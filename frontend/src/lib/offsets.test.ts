import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextIndex } from "./offsets";
import { sentences, snapped, trimmed, words } from "./segmenting";

const HARD = [
  "👩‍👩‍👧‍👦",
  "🇩🇪",
  "e\u0301",
  "שלום",
  "مرحبا",
  "n\u0303",
  "👍🏽",
  "\u00a0",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u200d",
  "\ufeff",
  "\ufe0f",
  "\u0600",
  "\u{e0001}",
  "\u{10ffff}",
  "𝒳",
  "a",
  " ",
  ".",
  "\n",
];
const hardText = fc
  .array(fc.constantFrom(...HARD), { maxLength: 30 })
  .map((parts) => parts.join(""));
const anyText = fc.oneof(hardText, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
/** In the long run (`CHAOS=1`), ten thousand texts. */
const runs = { numRuns: process.env["CHAOS"] ? 10_000 : 200 };
const textAndRange = anyText.chain((text) => {
  const length = [...text].length;
  return fc.tuple(fc.constant(text), fc.nat(length), fc.nat(length)).map(([t, a, b]) => ({
    index: new TextIndex(t),
    range: { start: Math.min(a, b), end: Math.max(a, b) },
  }));
});

describe("offsets", () => {
  it("count code points as Python does", () => {
    fc.assert(
      fc.property(textAndRange, ({ index, range }) => {
        const points = [...index.text];
        expect(index.length).toBe(points.length);
        const slice = points.slice(range.start, range.end).join("");
        expect(index.slice(range.start, range.end)).toBe(slice);
      }),
      runs,
    );
  });

  it("come back from UTF-16 as they went", () => {
    fc.assert(
      fc.property(textAndRange, ({ index, range }) => {
        expect(index.toPoints(index.toUnits(range.start))).toBe(range.start);
      }),
      runs,
    );
  });

  it("put an index inside a surrogate pair to the pair's own start", () => {
    expect(new TextIndex("a😀b").toPoints(2)).toBe(1);
  });
});

describe("a snapped selection", () => {
  it("contains the selection and cuts no grapheme", () => {
    fc.assert(
      fc.property(textAndRange, ({ index, range }) => {
        const wide = snapped(index, range);
        expect(wide.start).toBeLessThanOrEqual(range.start);
        expect(wide.end).toBeGreaterThanOrEqual(range.end);
        const whole = graphemes(index.text);
        const inner = graphemes(index.slice(wide.start, wide.end));
        if (range.end > range.start) expect(whole.join("\0")).toContain(inner.join("\0"));
      }),
    );
  });

  it("takes in a whole family and a whole accented letter", () => {
    const family = new TextIndex("ab 👩‍👩‍👧‍👦 cd");
    expect(snapped(family, { start: 4, end: 5 })).toEqual({ start: 3, end: 10 });
    const accent = new TextIndex("cafe\u0301!");
    expect(snapped(accent, { start: 0, end: 4 })).toEqual({ start: 0, end: 5 });
  });
});

describe("words and sentences", () => {
  it("are in order, apart, inside the text and not blank", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const index = new TextIndex(text);
        for (const found of [words(index), sentences(index)]) {
          let before = 0;
          for (const range of found) {
            expect(range.start).toBeGreaterThanOrEqual(before);
            expect(range.end).toBeGreaterThan(range.start);
            expect(index.slice(range.start, range.end).trim()).not.toBe("");
            before = range.end;
          }
          expect(before).toBeLessThanOrEqual(index.length);
        }
      }),
    );
  });

  it("know right-to-left words and emoji", () => {
    const index = new TextIndex("שלום עולם 🙂 ok.");
    const found = words(index).map((range) => index.slice(range.start, range.end));
    expect(found).toEqual(["שלום", "עולם", "🙂", "ok"]);
  });

  it("leave the space between sentences out", () => {
    const index = new TextIndex("One 😀 here. Two there!  ");
    const found = sentences(index).map((range) => index.slice(range.start, range.end));
    expect(found).toEqual(["One 😀 here.", "Two there!"]);
  });
});

describe("a trimmed range", () => {
  it("loses the blanks at its ends only", () => {
    const index = new TextIndex("a 😀  b ");
    expect(trimmed(index, { start: 1, end: 7 })).toEqual({ start: 2, end: 6 });
    expect(trimmed(index, { start: 3, end: 5 })).toEqual({ start: 3, end: 3 });
  });
});

function graphemes(text: string): string[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return [...segmenter.segment(text)].map((part) => part.segment);
}
