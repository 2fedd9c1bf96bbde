/** Words, sentences and graphemes of a text, as ranges of code points. */

import type { Range, TextIndex } from "./offsets";

/** What the word cursor steps over: words and emoji, without spaces and lone punctuation. */
export function words(index: TextIndex): Range[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
  return ranges(index, segmenter, (segment) => Boolean(segment.isWordLike) || isSymbol(segment));
}

/** Sentences, without the white space around them. */
export function sentences(index: TextIndex): Range[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "sentence" });
  return ranges(index, segmenter, (segment) => segment.segment.trim() !== "").map((range) =>
    trimmed(index, range),
  );
}

/** What a reader takes for one character each: an emoji with its tone, a letter with its accents. */
export function graphemes(index: TextIndex): Range[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return ranges(index, segmenter, (segment) => segment.segment.trim() !== "");
}

/** Whether a text runs from right to left, as `dir="auto"` finds it: by its first letter. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0] ?? "";
  return RIGHT_TO_LEFT.test(letter);
}

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** The range widened so that it cuts no grapheme: an emoji of five code points stays whole. */
export function snapped(index: TextIndex, range: Range): Range {
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(index.text);
  const first = segments.containing(index.toUnits(range.start));
  const last = segments.containing(index.toUnits(range.end) - 1);
  return {
    start: first ? index.toPoints(first.index) : range.start,
    end: last && range.end > range.start ? endOf(index, last) : range.end,
  };
}

/** The range without white space at its ends; empty at its start if there is nothing else. */
export function trimmed(index: TextIndex, range: Range): Range {
  const quote = index.slice(range.start, range.end);
  const inner = quote.trim();
  if (inner === "") return { start: range.start, end: range.start };
  const lead = quote.length - quote.trimStart().length;
  const from = index.toUnits(range.start) + lead;
  return { start: index.toPoints(from), end: index.toPoints(from + inner.length) };
}

function ranges(
  index: TextIndex,
  segmenter: Intl.Segmenter,
  wanted: (segment: Intl.SegmentData) => boolean,
): Range[] {
  return [...segmenter.segment(index.text)].filter(wanted).map((segment) => ({
    start: index.toPoints(segment.index),
    end: endOf(index, segment),
  }));
}

function endOf(index: TextIndex, segment: Intl.SegmentData): number {
  return index.toPoints(segment.index + segment.segment.length);
}

function isSymbol(segment: Intl.SegmentData): boolean {
  return /\p{Extended_Pictographic}/u.test(segment.segment);
}
