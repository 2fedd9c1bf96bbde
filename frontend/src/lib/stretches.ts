import type { Stretch } from "../api/types";

/** The stretches with one more, in order; those that overlap or touch are one. */
export function joined(stretches: Stretch[], more: Stretch): Stretch[] {
  const found: Stretch[] = [];
  for (const next of [...stretches, more].sort((a, b) => a.first - b.first)) {
    const last = found.at(-1);
    if (last && next.first <= last.last + 1) last.last = Math.max(last.last, next.last);
    else found.push({ ...next });
  }
  return found;
}

/** The one in which a position lies. */
export function around(stretches: Stretch[], position: number): Stretch | undefined {
  return stretches.find(({ first, last }) => first <= position && position <= last);
}

/** What follows without a gap on either side of a position, in positions that are in order. */
export function unbroken(positions: number[], position: number): Stretch {
  let first = position;
  let last = position;
  for (const next of positions) if (next === last + 1) last = next;
  for (const before of positions.toReversed()) if (before === first - 1) first = before;
  return { first, last };
}
