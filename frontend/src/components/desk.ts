import { getContext, setContext } from "svelte";
import type { Preferences } from "../stores/preferences.svelte";
import type { Workplace } from "../stores/workplace.svelte";

/** What every part of the workspace may ask for: the person's choices, and what surrounds them. */
export interface Desk {
  preferences: Preferences;
  workplace: Workplace;
}

const DESK = Symbol("desk");

export function provideDesk(desk: Desk): void {
  setContext(DESK, desk);
}

export function useDesk(): Desk {
  return getContext<Desk>(DESK);
}
