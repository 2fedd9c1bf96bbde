import type { Choices } from "../api/workplace";
import { type Command, COMMANDS, isAssignable, Keymap, type OwnKeys } from "../lib/keymap";

export const DEFAULTS: Choices = {
  shortcuts: true,
  keys: {},
  theme: "system",
  text_size: "normal",
  calm: false,
  width: "narrow",
  language: "",
};

/** What may be chosen among few values; the first is the default. */
export const OFFERED = {
  theme: ["system", "light", "dark", "contrast"],
  text_size: ["normal", "small", "large", "largest"],
  width: ["narrow", "wide"],
  language: ["", "en", "de", "ar"],
} as const;

type Send = (choices: Choices) => Promise<unknown>;

/** The last change is sent so long after it was made, in milliseconds. */
const SEND_PAUSE = 400;

/**
 * What a person chose for the page. The server keeps it; a copy in the browser (each of its users
 * has their own) holds it while the server cannot be reached.
 */
export class Preferences {
  chosen = $state.raw<Choices>(DEFAULTS);
  /** Pace and time in the bar: the person's choice for this browser; null follows calm mode. */
  private figures = $state<boolean | null>(null);
  /** Why the server did not take the last change, as a sentence. */
  problem = $state("");
  readonly keymap = $derived.by(() => new Keymap(this.chosen.keys as OwnKeys));

  private readonly key: string;
  /** A change that the server does not have yet. */
  private unsent: boolean;
  /** The server's word was heard. Until then the page keeps the look that it came with. */
  private settled = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    user: string,
    private readonly send: Send = () => Promise.resolve(),
  ) {
    this.key = `threadmark:${user}:`;
    const kept = parsed(read(`${this.key}preferences`));
    this.chosen = cleaned(kept);
    this.unsent = kept["unsent"] === true;
    const figures = read(`${this.key}figures`);
    this.figures = figures === null ? null : figures === "on";
  }

  get shortcuts(): boolean {
    return this.chosen.shortcuts;
  }

  /** Whether pace and time stand in the bar; in calm mode they do not unless they are asked for. */
  get showsFigures(): boolean {
    return this.figures ?? !this.chosen.calm;
  }

  showFigures(on: boolean): void {
    this.figures = on;
    write(`${this.key}figures`, on ? "on" : "off");
  }

  /** What the server has; a change that it does not have yet is newer. */
  take(choices: unknown): void {
    this.settled = true;
    if (this.unsent) {
      this.sendSoon();
      return;
    }
    this.chosen = cleaned(choices);
    this.keep();
  }

  /** Holds at once, and is sent after a short pause. */
  change(part: Partial<Choices>): void {
    this.chosen = { ...this.chosen, ...part };
    this.unsent = true;
    this.keep();
    this.sendSoon();
  }

  /** Gives a command its own key; undefined gives the table's back. */
  assign(command: Command, key?: string): void {
    const others = Object.entries(this.chosen.keys).filter(([other]) => other !== command);
    const keys = Object.fromEntries(key === undefined ? others : [...others, [command, key]]);
    this.change({ keys });
  }

  /** The look goes to the root of the page, where the style sheets of every page read it. */
  applyTo(root: HTMLElement): void {
    const { theme, text_size, calm, width } = this.chosen;
    if (!this.settled && !this.unsent) return;
    root.dataset["theme"] = theme;
    root.dataset["textSize"] = text_size;
    root.dataset["calm"] = String(calm);
    root.dataset["width"] = width;
  }

  private sendSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.sendNow(), SEND_PAUSE);
  }

  private async sendNow(): Promise<void> {
    const sent = this.chosen;
    try {
      await this.send(sent);
      this.problem = "";
      if (sent !== this.chosen) return;
      this.unsent = false;
      this.keep();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private keep(): void {
    const kept = this.unsent ? { ...this.chosen, unsent: true } : this.chosen;
    write(`${this.key}preferences`, JSON.stringify(kept));
  }
}

/** Only what the page knows how to follow: settings are input, also from one's own server. */
export function cleaned(data: unknown): Choices {
  const given = isRecord(data) ? data : {};
  const one = <Value>(key: string, values: readonly Value[]): Value =>
    values.find((value) => value === given[key]) ?? (values[0] as Value);
  return {
    shortcuts: given["shortcuts"] !== false,
    keys: cleanedKeys(given["keys"]),
    theme: one("theme", OFFERED.theme),
    text_size: one("text_size", OFFERED.text_size),
    calm: given["calm"] === true,
    width: one("width", OFFERED.width),
    language: one("language", OFFERED.language),
  };
}

/** Known commands with assignable keys; of two commands with one key the first keeps it. */
function cleanedKeys(keys: unknown): Record<string, string> {
  if (!isRecord(keys)) return {};
  const taken = new Set<string>();
  const found = COMMANDS.flatMap((command) => {
    const key = Object.hasOwn(keys, command) ? keys[command] : undefined;
    if (typeof key !== "string" || !isAssignable(key) || taken.has(key)) return [];
    taken.add(key);
    return [[command, key] as const];
  });
  return Object.fromEntries(found);
}

function parsed(text: string | null): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(text ?? "{}");
    return isRecord(data) ? data : {};
  } catch {
    return {};
  }
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Without storage the choice holds until the page is closed. */
function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}
