import type { Question, RelationAnswer, Span } from "../api/types";
import { blocksOf } from "../lib/blocks";
import { WordCursor } from "../lib/cursor";
import { type Range, TextIndex } from "../lib/offsets";
import { isRightToLeft, snapped, trimmed } from "../lib/segmenting";
import type { Reading } from "./reading.svelte";
import type { Sheet } from "./sheet.svelte";

export type Arrow = "left" | "right" | "up" | "down";

/** Marking text in the focus comment and choosing other comments: spans and relations. */
export class Marking {
  readonly index: TextIndex;
  /** The question that is being answered in the thread; null outside the marking mode. */
  question = $state.raw<Question | null>(null);
  cursor = $state.raw<WordCursor | null>(null);
  private label = $state<string | null>(null);

  constructor(
    private readonly sheet: Sheet,
    private readonly reading: Reading,
  ) {
    this.index = new TextIndex(reading.focusComment?.text ?? "");
  }

  /** The span question that takes a selection: the active one, else the first that is asked. */
  get spanQuestion(): Question | undefined {
    const active = this.sheet.activeQuestion;
    if (active?.kind === "span") return active;
    return this.sheet.asked.find((question) => question.kind === "span");
  }

  /** Enters the mode for the active question, else for the first that is answered by marking. */
  start(label: string | null = null): void {
    const marked = (q: Question): boolean => q.kind === "span" || q.kind === "relation";
    const active = this.sheet.activeQuestion;
    const question = active && marked(active) ? active : this.sheet.asked.find(marked);
    if (!question) return;
    this.sheet.activate(question.key, false);
    this.question = question;
    this.label = label;
    this.cursor = question.kind === "span" ? WordCursor.over(this.index) : null;
    this.reading.goTo(this.reading.focusComment);
    if (question.kind === "span" && !this.cursor) this.leave();
  }

  leave(): void {
    if (this.question) this.sheet.activate(this.question.key);
    this.question = null;
    this.cursor = null;
  }

  /** Left and right are what the eye sees: in a text from right to left, left goes on. */
  move(arrow: Arrow, { stretch, finely }: { stretch: boolean; finely: boolean }): void {
    if (!this.cursor) return;
    const sideways = arrow === "left" || arrow === "right";
    const on = sideways ? (arrow === "right") !== this.runsLeft(this.cursor.at) : arrow === "down";
    const by = !sideways ? "sentence" : finely ? "character" : "word";
    this.cursor = this.cursor.move({ by, on }, stretch);
  }

  /** Marks what the keyboard cursor stands on, or chooses the comment that is being read. */
  take(label: string | null = this.label): void {
    if (this.question?.kind === "span" && this.cursor) this.markRange(this.cursor.range, label);
    if (this.question?.kind === "relation") this.choose(this.reading.at, label);
  }

  /** Marks a range of the focus comment, widened to whole characters; false if none is asked. */
  markRange(range: Range, label: string | null = this.label): boolean {
    const question = this.spanQuestion;
    const { start, end } = trimmed(this.index, snapped(this.index, range));
    if (!question || end <= start) return false;
    const quote = this.index.slice(start, end);
    this.sheet.addSpan(question.key, { start, end, quote, label: label ?? firstLabel(question) });
    this.sheet.activate(question.key, false);
    return true;
  }

  /** Relates the focus comment to another one; with itself there is nothing to relate. */
  choose(comment: number | null, label: string | null = this.label): void {
    const question = this.question;
    if (question?.kind !== "relation" || comment === null || comment === this.reading.focus) return;
    const before = (this.sheet.answers[question.key] ?? []) as RelationAnswer[];
    const relation = { comment, label: label ?? firstLabel(question) };
    const rest = before.filter((other) => other.comment !== comment);
    this.sheet.answer(question.key, [...rest, relation]);
  }

  /** Removes the mark under the cursor, else the last one. */
  unmark(): void {
    const question = this.question ?? this.spanQuestion;
    if (!question) return;
    const before = (this.sheet.answers[question.key] ?? []) as (Span | RelationAnswer)[];
    const under = before.findLastIndex((mark) => this.isUnderCursor(mark));
    this.remove(question, under === -1 ? before.length - 1 : under);
  }

  remove(question: Question, place: number): void {
    const before = (this.sheet.answers[question.key] ?? []) as Span[];
    if (place < 0 || place >= before.length) return;
    const after = before.filter((_, i) => i !== place);
    this.sheet.answer(question.key, after.length > 0 ? after : undefined);
  }

  relabel(question: Question, place: number, label: string): void {
    const before = (this.sheet.answers[question.key] ?? []) as Span[];
    const after = before.map((mark, i) => (i === place ? { ...mark, label } : mark));
    this.sheet.answer(question.key, after);
  }

  private runsLeft(point: number): boolean {
    const comment = this.reading.focusComment;
    const blocks = comment ? blocksOf(comment) : [];
    const block = blocks.find(({ start, end }) => start <= point && point < end);
    return block !== undefined && isRightToLeft(this.index.slice(block.start, block.end));
  }

  private isUnderCursor(mark: Span | RelationAnswer): boolean {
    if ("comment" in mark) return mark.comment === this.reading.at;
    const range = this.cursor?.range;
    return range !== undefined && mark.start < range.end && mark.end > range.start;
  }
}

function firstLabel(question: Question): string | null {
  return question.labels[0]?.key ?? null;
}
