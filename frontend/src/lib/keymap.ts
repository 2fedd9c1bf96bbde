import { t } from "./i18n";

/** Every key of the page in one table: the key handler, the help and the buttons read the same. */

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

export type Group = "answer" | "go" | "read" | "care" | "page";

interface Entry {
  /** As `KeyboardEvent.key` names them, the first one is shown. */
  keys: string[];
  group: Group;
  says: () => string;
}

/** The keys that a person chose in place of the table's, by command. */
export type OwnKeys = Partial<Record<Command, string>>;

/* Lower-case letters may be the keys of answers too; new commands have capitals and signs. */
export const KEYMAP: Record<Command, Entry> = {
  "next-question": { keys: ["ArrowDown"], group: "answer", says: () => t("next question") },
  "previous-question": { keys: ["ArrowUp"], group: "answer", says: () => t("previous question") },
  continue: {
    keys: ["Enter"],
    group: "answer",
    says: () => t("go on; submit when all is answered"),
  },
  submit: { keys: ["Ctrl+Enter"], group: "answer", says: () => t("submit at once") },
  undo: {
    keys: ["u"],
    group: "answer",
    says: () => t("undo the last answer, then reopen the last comment"),
  },
  mark: {
    keys: ["m"],
    group: "answer",
    says: () => t("mark text, or choose a comment, with the keyboard"),
  },
  unmark: { keys: ["x", "Delete"], group: "answer", says: () => t("remove the last mark") },
  flag: { keys: ["f"], group: "answer", says: () => t("flag") },
  note: { keys: ["c"], group: "answer", says: () => t("write a note") },
  definitions: {
    keys: ["d"],
    group: "answer",
    says: () => t("show or hide what the labels of the question mean"),
  },
  accept: {
    keys: ["a"],
    group: "answer",
    says: () => t("take what a model suggests for this question"),
  },
  "accept-all": {
    keys: ["A"],
    group: "answer",
    says: () => t("take what a model suggests for all open ones"),
  },
  "next-unit": { keys: ["n"], group: "go", says: () => t("next comment of yours") },
  "next-unlabeled": { keys: ["N"], group: "go", says: () => t("next comment to label") },
  "previous-unit": { keys: ["p"], group: "go", says: () => t("previous comment of yours") },
  skip: { keys: ["s"], group: "go", says: () => t("skip, with a reason if you like") },
  "next-comment": { keys: ["j"], group: "read", says: () => t("read the comment below") },
  "previous-comment": { keys: ["k"], group: "read", says: () => t("read the comment above") },
  parent: { keys: ["["], group: "read", says: () => t("read the comment that this one answers") },
  "next-sibling": {
    keys: ["]"],
    group: "read",
    says: () => t("read the next answer to the same comment"),
  },
  quote: {
    keys: ["q"],
    group: "read",
    says: () => t("go to what this comment quotes, and back"),
  },
  article: { keys: ["h"], group: "read", says: () => t("hide or show the article") },
  zoom: { keys: ["z"], group: "read", says: () => t("this comment alone, or the whole thread") },
  cover: {
    keys: ["b"],
    group: "care",
    says: () => t("show or cover the text of the comment you read"),
  },
  "uncover-ancestors": {
    keys: ["B"],
    group: "care",
    says: () => t("show or cover all that the comment in question answers"),
  },
  stop: { keys: ["."], group: "care", says: () => t("stop for today") },
  support: { keys: ["S"], group: "care", says: () => t("support") },
  today: { keys: ["T"], group: "care", says: () => t("your progress and your day") },
  guidelines: { keys: ["g"], group: "page", says: () => t("guidelines") },
  history: { keys: ["H"], group: "page", says: () => t("what you did") },
  settings: { keys: [","], group: "page", says: () => t("settings") },
  help: { keys: ["?"], group: "page", says: () => t("all keys") },
  out: { keys: ["Escape"], group: "page", says: () => t("out of a field, a dialog or marking") },
};

export const COMMANDS = Object.keys(KEYMAP) as Command[];

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
    const { keys } = KEYMAP[command];
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
