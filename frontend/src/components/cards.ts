import { tick } from "svelte";

/** Tells which cards come on the screen and leave it, also those that are added later. */
export function watchCards(
  pane: HTMLElement,
  list: HTMLElement,
  tell: (id: number, visible: boolean) => void,
): () => void {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        tell(Number((target as HTMLElement).dataset["comment"]), isIntersecting);
      }
    },
    { root: pane },
  );
  const watch = (items: Iterable<Node>): void => {
    for (const item of items) {
      const card = item instanceof HTMLElement && item.querySelector("[data-comment]");
      if (card) seen.observe(card);
    }
  };
  const added = new MutationObserver((changes) => {
    for (const change of changes) {
      watch(change.addedNodes);
      for (const item of change.removedNodes) {
        const card = item instanceof HTMLElement && item.querySelector("[data-comment]");
        if (card) seen.unobserve(card);
      }
    }
  });
  watch(list.children);
  added.observe(list, { childList: true });
  return () => {
    seen.disconnect();
    added.disconnect();
  };
}

/** After the page has changed, the card stands where it stood before. */
export function keepPlace(pane: HTMLElement, card: HTMLElement | null): void {
  const before = card?.getBoundingClientRect().top;
  if (before === undefined) return;
  void tick().then(() => {
    const moved = card?.isConnected ? card.getBoundingClientRect().top - before : 0;
    if (Math.abs(moved) > 1) pane.scrollTop += moved;
  });
}
