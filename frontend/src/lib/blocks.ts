import type { Block, Comment } from "../api/types";
import type { Layer } from "./layers";
import { TextIndex } from "./offsets";

/** The blocks of a comment; where it has none, its text split at empty lines. */
export function blocksOf(comment: { text: string; blocks: Block[] }): Block[] {
  return comment.blocks.length > 0 ? comment.blocks : paragraphs(comment.text);
}

function paragraphs(text: string): Block[] {
  const index = new TextIndex(text);
  const found: Block[] = [];
  let start = 0;
  for (const gap of text.matchAll(/\n[^\S\n]*\n\s*/g)) {
    if (gap.index > start) found.push(paragraph(index, start, gap.index));
    start = gap.index + gap[0].length;
  }
  if (start < text.length) found.push(paragraph(index, start, text.length));
  return found;
}

function paragraph(index: TextIndex, from: number, to: number): Block {
  return { kind: "paragraph", start: index.toPoints(from), end: index.toPoints(to) };
}

/** The links of a comment as layers: drawn, never followed, because a click here selects text. */
export function linkLayers(links: Comment["links"] | undefined): Layer[] {
  return (links ?? []).map(({ start, end, url }) => ({ kind: "link", start, end, name: url }));
}
