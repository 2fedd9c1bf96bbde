import { getContext, setContext } from "svelte";
import type { Label } from "../api/types";

/** What the foot of the panel tells about the label under the pointer or the focus. */
export type Hint = Pick<Label, "title" | "definition" | "example">;

type Tell = (hint: Hint | null) => void;

const HINT = Symbol("hint");

export function provideHint(tell: Tell): void {
  setContext(HINT, tell);
}

export function useHint(): Tell {
  return getContext<Tell | undefined>(HINT) ?? (() => undefined);
}
