/** Every key of the page in one table: the key handler and the help read the same. */

export type Command =
  | "next-comment"
  | "previous-comment"
  | "parent"
  | "next-sibling"
  | "next-question"
  | "previous-question"
  | "continue"
  | "submit"
  | "mark"
  | "unmark"
  | "undo"
  | "quote"
  | "accept"
  | "accept-all"
  | "next-unit"
  | "previous-unit"
  | "skip"
  | "flag"
  | "note"
  | "guidelines"
  | "article"
  | "zoom"
  | "help"
  | "out";

interface Entry {
  keys: string[];
  shown: string;
  says: string;
}

export const KEYMAP: Record<Command, Entry> = {
  "next-question": { keys: ["ArrowDown"], shown: "↓", says: "next question" },
  "previous-question": { keys: ["ArrowUp"], shown: "↑", says: "previous question" },
  continue: { keys: ["Enter"], shown: "Enter", says: "go on; submit when all is answered" },
  submit: { keys: ["Ctrl+Enter"], shown: "Ctrl Enter", says: "submit at once" },
  undo: { keys: ["u"], shown: "u", says: "undo the last answer, then reopen the last comment" },
  mark: { keys: ["m"], shown: "m", says: "mark text, or choose a comment, with the keyboard" },
  unmark: { keys: ["x", "Delete"], shown: "x", says: "remove the last mark" },
  "next-comment": { keys: ["j"], shown: "j", says: "read the comment below" },
  "previous-comment": { keys: ["k"], shown: "k", says: "read the comment above" },
  parent: { keys: ["["], shown: "[", says: "read the comment that this one answers" },
  "next-sibling": { keys: ["]"], shown: "]", says: "read the next answer to the same comment" },
  quote: { keys: ["q"], shown: "q", says: "go to what this comment quotes, and back" },
  accept: { keys: ["a"], shown: "a", says: "take what a model suggests for this question" },
  "accept-all": { keys: ["A"], shown: "A", says: "take what a model suggests for all open ones" },
  "next-unit": { keys: ["n"], shown: "n", says: "next comment to label" },
  "previous-unit": { keys: ["p"], shown: "p", says: "previous comment of yours" },
  skip: { keys: ["s"], shown: "s", says: "skip, with a reason if you like" },
  flag: { keys: ["f"], shown: "f", says: "flag" },
  note: { keys: ["c"], shown: "c", says: "write a note" },
  guidelines: { keys: ["g"], shown: "g", says: "guidelines" },
  article: { keys: ["h"], shown: "h", says: "hide or show the article" },
  zoom: { keys: ["z"], shown: "z", says: "this comment alone, or the whole thread" },
  help: { keys: ["?"], shown: "?", says: "this list" },
  out: { keys: ["Escape"], shown: "Esc", says: "out of a field, a dialog or marking" },
};

const BY_KEY = new Map(
  Object.entries(KEYMAP).flatMap(([command, entry]) =>
    entry.keys.map((key) => [key, command as Command] as const),
  ),
);

/** The command of a key press; undefined for keys that belong to the browser. */
export function commandOf(event: KeyboardEvent): Command | undefined {
  if (event.altKey) return undefined;
  const held = event.ctrlKey || event.metaKey;
  return BY_KEY.get(held ? `Ctrl+${event.key}` : event.key);
}

/** True for keys that WCAG 2.1.4 speaks of: one printed character, nothing held. */
export function isSingleKey(event: KeyboardEvent): boolean {
  return [...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
}

/** True while the key belongs to a field: somebody types, or composes a character. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox"].includes(target.type);
  return target.matches("textarea, select, [contenteditable]");
}
