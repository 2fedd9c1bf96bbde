/**
 * Code points (what the server counts) and UTF-16 units (what JavaScript and the DOM count).
 */

export interface Range {
  start: number;
  end: number;
}

const HIGH_SURROGATE = /[\uD800-\uDBFF][\uDC00-\uDFFF]/;

/** Translates between the two counts of one text; a text without surrogate pairs costs nothing. */
export class TextIndex {
  readonly text: string;
  private readonly starts: number[] | null;

  constructor(text: string) {
    this.text = text;
    this.starts = HIGH_SURROGATE.test(text) ? unitStarts(text) : null;
  }

  /** The number of code points. */
  get length(): number {
    return this.starts ? this.starts.length - 1 : this.text.length;
  }

  /** The UTF-16 index at which code point `point` starts; beyond the text, the nearest end. */
  toUnits(point: number): number {
    const within = Math.min(Math.max(point, 0), this.length);
    return this.starts ? (this.starts[within] as number) : within;
  }

  /** The code point that UTF-16 index `unit` lies in: inside a pair it is the pair's own. */
  toPoints(unit: number): number {
    const within = Math.min(Math.max(unit, 0), this.text.length);
    return this.starts ? lastAtMost(this.starts, within) : within;
  }

  /** The text between two code points, end-exclusive. */
  slice(start: number, end: number): string {
    return this.text.slice(this.toUnits(start), this.toUnits(end));
  }
}

function unitStarts(text: string): number[] {
  const starts: number[] = [];
  let unit = 0;
  for (const point of text) {
    starts.push(unit);
    unit += point.length;
  }
  return [...starts, unit];
}

function lastAtMost(sorted: number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] as number) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
