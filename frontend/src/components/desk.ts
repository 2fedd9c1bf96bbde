import { getContext, setContext } from "svelte";
import type { Preferences } from "../stores/preferences.svelte";
import type { Session } from "../stores/session.svelte";
import type { Workplace } from "../stores/workplace.svelte";

/** What every part of the workspace may ask for: the person's choices, and what surrounds them. */
export interface Desk {
  preferences: Preferences;
  workplace: Workplace;
}

/** Whoever answers one unit at a time: an annotator, or who decides between several. */
export type Worker = Pick<Session, "api" | "work" | "sheet" | "marking">;

const DESK = Symbol("desk");

export function provideDesk(desk: Desk): void {
  setContext(DESK, desk);
}

export function useDesk(): Desk {
  return getContext<Desk>(DESK);
}
