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
  | "next-unlabeled"
  | "previous-unit"
  | "skip"
  | "flag"
  | "note"
  | "definitions"
  | "guidelines"
  | "article"
  | "zoom"
  | "cover"
  | "uncover-ancestors"
  | "stop"
  | "support"
  | "today"
  | "history"
  | "settings"
  | "help"
  | "out";

/** The keys that a person chose in place of the table's, by command. */
export type OwnKeys = Partial<Record<Command, string>>;

/**
 * Every key of the page, the first of a command is shown: the key handler, the help and the buttons
 * read the same, and meanings.ts says what they do. Lower-case letters may be the keys of answers
 * too; new commands have capitals and signs.
 */
const KEYS: Record<Command, string[]> = {
  "next-question": ["ArrowDown"],
  "previous-question": ["ArrowUp"],
  continue: ["Enter"],
  submit: ["Ctrl+Enter"],
  undo: ["u"],
  mark: ["m"],
  unmark: ["x", "Delete"],
  flag: ["f"],
  note: ["c"],
  definitions: ["d"],
  accept: ["a"],
  "accept-all": ["A"],
  "next-unit": ["n"],
  "next-unlabeled": ["N"],
  "previous-unit": ["p"],
  skip: ["s"],
  "next-comment": ["j"],
  "previous-comment": ["k"],
  parent: ["["],
  "next-sibling": ["]"],
  quote: ["q"],
  article: ["h"],
  zoom: ["z"],
  cover: ["b"],
  "uncover-ancestors": ["B"],
  stop: ["."],
  support: ["S"],
  today: ["T"],
  guidelines: ["g"],
  history: ["H"],
  settings: [","],
  help: ["?"],
  out: ["Escape"],
};

export const COMMANDS = Object.keys(KEYS) as Command[];

/** Of a command, as `KeyboardEvent.key` names them. */
export function usualKeys(command: Command): string[] {
  return KEYS[command];
}

/** The ways on and out, which a field has too, stay whatever is chosen beside them. */
const FIXED = ["Enter", "Ctrl+Enter", "Escape"];

const NAMED: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Backspace: "⌫",
  Delete: "Del",
  End: "End",
  Home: "Home",
  Insert: "Ins",
  PageDown: "PgDn",
  PageUp: "PgUp",
};

/** Whether a key may be given to a command: a printed character, or a named key that is free. */
export function isAssignable(key: string): boolean {
  return Object.hasOwn(NAMED, key) || /^[^\p{C}\p{Z}]$/u.test(key);
}

/** A key as it stands on the keyboard. */
export function shownKey(key: string): string {
  return NAMED[key] ?? { Escape: "Esc", "Ctrl+Enter": "Ctrl Enter" }[key] ?? key;
}

/** The table with a person's own keys in it. Immutable. */
export class Keymap {
  private readonly byKey = new Map<string, Command>();

  constructor(private readonly own: OwnKeys = {}) {
    const chosen = COMMANDS.filter((command) => own[command] !== undefined);
    const rest = COMMANDS.filter((command) => own[command] === undefined);
    for (const command of [...rest, ...chosen]) {
      for (const key of this.keysOf(command)) this.byKey.set(key, command);
    }
  }

  keysOf(command: Command): string[] {
    const keys = usualKeys(command);
    const own = this.own[command];
    return own === undefined ? keys : [own, ...keys.filter((key) => FIXED.includes(key))];
  }

  /** The key of a command, for a button that does the same. */
  shown(command: Command): string {
    return shownKey(this.keysOf(command)[0] as string);
  }

  /** The command that a key belongs to. */
  holder(key: string): Command | undefined {
    return this.byKey.get(key);
  }

  /** The command of a key press; undefined for keys that belong to the browser. */
  commandOf(event: KeyboardEvent): Command | undefined {
    if (event.altKey) return undefined;
    const held = event.ctrlKey || event.metaKey;
    return this.byKey.get(held ? `Ctrl+${event.key}` : event.key);
  }
}

/** True for keys that WCAG 2.1.4 speaks of: one printed character, nothing held. */
export function isSingleKey(event: KeyboardEvent): boolean {
  return [...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
}

/** True while the key belongs to a field: somebody types, or composes a character. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229) return true;
  return isField(event.target);
}

/** A place where keys are text. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox"].includes(target.type);
  return target.matches("textarea, select, [contenteditable]");
}
