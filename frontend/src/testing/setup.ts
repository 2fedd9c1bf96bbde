import "fake-indexeddb/auto";
import { beforeAll } from "vitest";
import { later } from "../components/later.svelte";

/* What the page fetches after its first comment is here from the start. */
beforeAll(() => later.load());

/* What jsdom has no layout for; the browser tests see the real thing. */
globalThis.IntersectionObserver = class implements Partial<IntersectionObserver> {
  constructor(private readonly tell: IntersectionObserverCallback) {}
  observe(target: Element): void {
    const entry = { target, isIntersecting: true } as unknown as IntersectionObserverEntry;
    this.tell([entry], this as unknown as IntersectionObserver);
  }
  unobserve = (): void => undefined;
  disconnect = (): void => undefined;
} as unknown as typeof IntersectionObserver;
Element.prototype.scrollIntoView = () => undefined;
HTMLDialogElement.prototype.showModal ??= function open(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};
