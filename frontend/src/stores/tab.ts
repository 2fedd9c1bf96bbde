import { uuid } from "../lib/uuid";

const PREFIX = "threadmark-tab-";

/**
 * The name of this tab, held as a Web Lock while its page is there. It is given back as soon as
 * the page is left: the page that is opened next sends what this one could not.
 */
export function takeTabName(): string {
  const name = PREFIX + uuid();
  if (!("locks" in navigator)) return name;
  const left = (): Promise<void> =>
    new Promise((resolve) => addEventListener("pagehide", () => resolve(), { once: true }));
  const hold = (): void => void navigator.locks.request(name, left);
  hold();
  // Gone back to: the browser had kept the page whole.
  addEventListener("pageshow", (event) => event.persisted && hold());
  return name;
}

/**
 * The tabs that are open now: their entries are theirs to send. Without Web Locks (plain http in
 * a local network) nobody is known, and a repeated save does no harm.
 */
export async function livingTabs(): Promise<Set<string>> {
  if (!("locks" in navigator)) return new Set();
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name ?? "").filter((name) => name.startsWith(PREFIX)));
}
