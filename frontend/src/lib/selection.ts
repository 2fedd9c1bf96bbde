import type { Range, TextIndex } from "./offsets";

/**
 * The browser's selection inside `root` as code points of its text, or null where nothing of it
 * is selected. Blocks carry `data-start` and `data-end`; what a selection has outside of `root`
 * is cut off.
 */
export function selectedRange(root: HTMLElement, index: TextIndex): Range | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const parts = [...root.querySelectorAll<HTMLElement>("[data-start]")]
    .map((block) => within(block, selection.getRangeAt(0), index))
    .filter((part) => part !== null);
  const first = parts[0];
  const last = parts.at(-1);
  return first && last ? { start: first.start, end: last.end } : null;
}

function within(block: HTMLElement, selected: globalThis.Range, index: TextIndex): Range | null {
  if (!selected.intersectsNode(block)) return null;
  const inner = document.createRange();
  inner.selectNodeContents(block);
  const before = selected.compareBoundaryPoints(globalThis.Range.START_TO_START, inner) <= 0;
  const after = selected.compareBoundaryPoints(globalThis.Range.END_TO_END, inner) >= 0;
  const offset = index.toUnits(Number(block.dataset["start"]));
  const from = before ? 0 : unitsBefore(block, selected.startContainer, selected.startOffset);
  const to = after
    ? (block.textContent?.length ?? 0)
    : unitsBefore(block, selected.endContainer, selected.endOffset);
  if (to <= from) return null;
  return { start: index.toPoints(offset + from), end: endPoint(index, offset + to) };
}

/** The length of the block's text before a place in the document. */
function unitsBefore(block: HTMLElement, container: Node, offset: number): number {
  const lead = document.createRange();
  lead.selectNodeContents(block);
  lead.setEnd(container, offset);
  return lead.toString().length;
}

/** An end inside a surrogate pair takes the whole pair in. */
function endPoint(index: TextIndex, unit: number): number {
  const point = index.toPoints(unit);
  return index.toUnits(point) < unit ? point + 1 : point;
}
