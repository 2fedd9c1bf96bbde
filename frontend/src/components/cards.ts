import { tick } from "svelte";

type Tell = (id: number, visible: boolean) => void;

/**
 * Tells which cards come on the screen and leave it. The groups are watched, and the cards of
 * those groups only that are near: to watch 5,000 of them would cost time in each frame.
 */
export function watchCards(pane: HTMLElement, list: HTMLElement, tell: Tell): () => void {
  const cards = observer(pane, (card, visible) => tell(idOf(card), visible));
  const groups = observer(pane, (group, visible) => {
    for (const card of cardsIn(group)) {
      if (visible) cards.observe(card);
      else cards.unobserve(card);
      if (!visible) tell(idOf(card), false);
    }
    if (visible) changes.observe(group, { childList: true });
  });
  const changes = new MutationObserver((all) => {
    for (const { target, addedNodes } of all) {
      for (const node of addedNodes) {
        if (!(node instanceof HTMLElement)) continue;
        if (target === list) groups.observe(node);
        else for (const card of cardsIn(node)) cards.observe(card);
      }
    }
  });
  for (const group of list.children) groups.observe(group);
  changes.observe(list, { childList: true });
  return () => {
    for (const one of [cards, groups, changes]) one.disconnect();
  };
}

function observer(root: Element, act: (target: HTMLElement, visible: boolean) => void) {
  return new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) act(target as HTMLElement, isIntersecting);
    },
    { root },
  );
}

function cardsIn(element: Element): NodeListOf<HTMLElement> {
  return element.querySelectorAll("[data-comment]");
}

function idOf(card: HTMLElement): number {
  return Number(card.dataset["comment"]);
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
