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
