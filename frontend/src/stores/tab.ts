import { uuid } from "../lib/uuid";

const PREFIX = "threadmark-tab-";

/** The name of this tab, held as a Web Lock for as long as it lives. */
export function takeTabName(): string {
  const name = PREFIX + uuid();
  if ("locks" in navigator) void navigator.locks.request(name, () => new Promise(() => undefined));
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
