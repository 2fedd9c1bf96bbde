import type { Range, TextIndex } from "./offsets";
import { sentences, words } from "./segmenting";

export type Move = "left" | "right" | "up" | "down";

/**
 * A keyboard cursor over a text: it stands on a word and can be stretched, by words (left, right)
 * or by sentences (up, down). Immutable: each move is a new cursor.
 */
export class WordCursor {
  private constructor(
    private readonly words: Range[],
    private readonly sentences: Range[],
    private readonly anchor: Range,
    private readonly head: Range,
  ) {}

  /** On the first word of the text; null where the text has no word. */
  static over(index: TextIndex): WordCursor | null {
    const steps = words(index);
    const first = steps[0];
    return first ? new WordCursor(steps, sentences(index), first, first) : null;
  }

  /** What Enter would mark. */
  get range(): Range {
    return {
      start: Math.min(this.anchor.start, this.head.start),
      end: Math.max(this.anchor.end, this.head.end),
    };
  }

  /** A word or a sentence on; with `stretch` the other end stays where it is. */
  move(move: Move, stretch: boolean): WordCursor {
    const steps = move === "left" || move === "right" ? this.words : this.sentences;
    const back = move === "left" || move === "up";
    const head = back ? before(steps, this.head) : after(steps, this.head);
    return new WordCursor(this.words, this.sentences, stretch ? this.anchor : head, head);
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
