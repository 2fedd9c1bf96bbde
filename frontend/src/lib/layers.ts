import type { Range } from "./offsets";

/** A stretch of text that something is drawn over: a span, a quote, a link, the word cursor. */
export interface Layer extends Range {
  kind: "span" | "quote" | "mention" | "source" | "link" | "quoted" | "cursor" | "said";
  /** What a screen reader says before the stretch; a link's address; empty for nothing. */
  name: string;
  /** Where a quote, a mention or a quoted sentence leads: to a comment, and a stretch of it. */
  target?: number;
  targetRange?: Range;
  /** Who marked it, where that is told by letters. */
  letter?: string;
}

/** A piece of a block in which the same layers lie throughout. */
export interface Piece extends Range {
  layers: Layer[];
}

/** Cuts a block where a layer begins or ends, so that overlapping layers can all be drawn. */
export function pieces(block: Range, layers: Layer[]): Piece[] {
  const here = layers.filter((layer) => layer.start < block.end && layer.end > block.start);
  const cuts = new Set([block.start, block.end]);
  for (const layer of here) {
    cuts.add(Math.max(layer.start, block.start));
    cuts.add(Math.min(layer.end, block.end));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, i) => {
    const end = sorted[i + 1] as number;
    return { start, end, layers: here.filter((l) => l.start < end && l.end > start) };
  });
}

/** Where the link that an element stands in leads to; it is written there by CommentText. */
export function placeOf(element: Element): { comment: number; range: Range | null } | null {
  const { to, range } = element.closest<HTMLElement>("[data-to]")?.dataset ?? {};
  if (to === undefined) return null;
  const [start, end] = (range ?? "").split("-").map(Number);
  const known = start !== undefined && end !== undefined;
  return { comment: Number(to), range: known ? { start, end } : null };
}
