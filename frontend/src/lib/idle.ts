/** Calls back when the browser has nothing better to do; gives the way to call it off. */
export function whenIdle(act: () => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const id = requestIdleCallback(act, { timeout: 1_000 });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(act, 16);
  return () => clearTimeout(id);
}
