import type { Range, TextIndex } from "./offsets";
import { graphemes, sentences, words } from "./segmenting";

/** On or back, by what is stepped over. */
export interface Move {
  by: "character" | "word" | "sentence";
  on: boolean;
}

const SEGMENTS = { character: graphemes, word: words, sentence: sentences };

/**
 * A keyboard cursor over a text: it stands on a word and can be stretched, by characters, words or
 * sentences. Immutable: each move is a new cursor.
 */
export class WordCursor {
  private constructor(
    private readonly index: TextIndex,
    private readonly steps: Map<Move["by"], Range[]>,
    private readonly anchor: Range,
    private readonly head: Range,
  ) {}

  /** On the first word of the text; null where the text has no word. */
  static over(index: TextIndex): WordCursor | null {
    const steps = words(index);
    const first = steps[0];
    return first ? new WordCursor(index, new Map([["word", steps]]), first, first) : null;
  }

  /** What Enter would mark. */
  get range(): Range {
    return {
      start: Math.min(this.anchor.start, this.head.start),
      end: Math.max(this.anchor.end, this.head.end),
    };
  }

  /** Where the moving end is: what is read there says which way the arrows go. */
  get at(): number {
    return this.head.start;
  }

  /** A step on or back; with `stretch` the other end stays where it is. */
  move({ by, on }: Move, stretch: boolean): WordCursor {
    const steps = this.segments(by);
    const narrowed = by === "character" && !stretch ? this.within(steps, on) : undefined;
    const head = narrowed ?? (on ? after(steps, this.head) : before(steps, this.head));
    return new WordCursor(this.index, this.steps, stretch ? this.anchor : head, head);
  }

  /** From a whole word into it: to its first character going on, to its last one going back. */
  private within(characters: Range[], on: boolean): Range | undefined {
    const { start, end } = this.range;
    const inside = characters.filter((one) => one.start >= start && one.end <= end);
    return inside.length > 1 ? inside.at(on ? 0 : -1) : undefined;
  }

  /** Cut when it is first asked for: few ever need the characters of a long article. */
  private segments(by: Move["by"]): Range[] {
    const known = this.steps.get(by) ?? SEGMENTS[by](this.index);
    this.steps.set(by, known);
    return known;
  }
}

function before(steps: Range[], from: Range): Range {
  return steps.findLast((step) => step.start < from.start) ?? steps[0] ?? from;
}

/** From a word into its own sentence first, then from sentence to sentence. */
function after(steps: Range[], from: Range): Range {
  const next = steps.find((step) => step.end > from.end);
  return next ?? steps.at(-1) ?? from;
}
