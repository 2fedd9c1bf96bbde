import type { CampaignApi } from "../api/campaign";
import { ApiError } from "../api/client";
import type { SaveBody, Saved } from "../api/types";
import { uuid } from "../lib/uuid";
import { verdictOn } from "../lib/verdict";
import type { Entry, Kept, Outbox } from "./outbox";
import { livingTabs } from "./tab";

/** A save that the server refused; it stays in the outbox until the person decides. */
export interface Refusal {
  entry: Kept;
  error: ApiError;
}

type Trouble = "none" | "offline" | "login";

interface Listener {
  saved(entry: Kept, saved: Saved): void;
  refused(refusal: Refusal): void;
  /** Nothing can be sent now: no way to the server, or the session is over. */
  failed(error: unknown): void;
}

const LONGEST_PAUSE = 30_000;

/** Sends the outbox in order: one at a time, again and again until the server has each save. */
export class Delivery {
  unsent = $state(0);
  sending = $state(false);
  trouble = $state<Trouble>("none");
  /** Why the last try failed, as a sentence. */
  reason = $state("");
  savedAt = $state<Date | null>(null);
  refusals = $state.raw<Refusal[]>([]);

  private readonly acknowledged = new Map<number, number>();
  private failures = 0;
  /** Something was added while the loop was at its end: look once more. */
  private again = false;
  private closed = false;
  private running: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private listener: Listener | undefined;

  constructor(
    private readonly api: CampaignApi,
    private readonly outbox: Outbox,
    private readonly user: string,
    private readonly tab: string,
  ) {}

  listen(listener: Listener): void {
    this.listener = listener;
  }

  /** Keeps the save in the outbox; from there it is sent while the work goes on. */
  async keep(unit: number, body: SaveBody): Promise<void> {
    const { user, tab: owner } = this;
    this.refusals = this.refusals.filter((refusal) => refusal.entry.unit !== unit);
    this.unsent += 1;
    const campaign = this.api.slug;
    await this.outbox.add({ user, owner, unit, body, campaign, attempted: false });
    void this.flush();
  }

  /** The units whose saves the server does not have yet. */
  async waiting(): Promise<number[]> {
    return (await this.mine()).map((entry) => entry.unit);
  }

  /** The newest save of a unit that the server does not have yet. */
  async pending(unit: number): Promise<Entry | undefined> {
    return (await this.entriesOf(unit)).at(-1);
  }

  /** The revision that a new save of the unit is based on. */
  revisionOf(unit: number, opened: number): number {
    return Math.max(opened, this.acknowledged.get(unit) ?? 0);
  }

  /**
   * Sends now what waits; called at once after a log-in or when the network is back. Ends when all
   * is sent, or as soon as something cannot be sent now.
   */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.again = true;
    if (!this.sending && !this.closed) this.running = this.run();
    await this.running;
  }

  private async run(): Promise<void> {
    this.sending = true;
    try {
      while (this.again) {
        this.again = false;
        while (await this.sendFirst());
      }
    } finally {
      this.sending = false;
      this.unsent = (await this.mine()).length;
    }
  }

  /** Sends nothing more: what waits is sent by the page that is opened next. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** The person gave the unsent saves of the unit up. */
  async discard(refusal: Refusal): Promise<void> {
    for (const entry of await this.entriesOf(refusal.entry.unit)) {
      await this.outbox.remove(entry.place);
    }
    await this.forget(refusal);
  }

  /**
   * Sends the newest unsent save of the unit once more, with what the person decided: the revision
   * that it replaces, or that it is put aside.
   */
  async insist(refusal: Refusal, changes: Partial<SaveBody> = {}): Promise<void> {
    const entries = await this.entriesOf(refusal.entry.unit);
    const newest = entries.at(-1) ?? refusal.entry;
    const body = { ...newest.body, ...changes, save_id: uuid() };
    await this.outbox.put({ ...newest, body, attempted: false });
    for (const entry of entries.slice(0, -1)) await this.outbox.remove(entry.place);
    await this.forget(refusal);
    await this.flush();
  }

  private async forget(refusal: Refusal): Promise<void> {
    this.refusals = this.refusals.filter((other) => other !== refusal);
    this.unsent = (await this.mine()).length;
  }

  private async entriesOf(unit: number): Promise<Kept[]> {
    return (await this.mine()).filter((entry) => entry.unit === unit);
  }

  /** What this tab has to send: its own entries and those of tabs that are closed. */
  private async mine(): Promise<Kept[]> {
    const living = await livingTabs();
    const all = await this.outbox.list(this.user, this.api.slug);
    return all.filter((entry) => entry.owner === this.tab || !living.has(entry.owner));
  }

  private async sendFirst(): Promise<boolean> {
    const entries = await this.mine();
    this.unsent = entries.length;
    const refused = new Set(this.refusals.map((refusal) => refusal.entry.unit));
    const entry = entries.find((candidate) => !refused.has(candidate.unit));
    return entry && !this.closed ? this.send(entry) : false;
  }

  private async send(entry: Kept): Promise<boolean> {
    const revision = this.revisionOf(entry.unit, entry.body.revision);
    const sent = { ...entry, attempted: true, body: { ...entry.body, revision } };
    await this.outbox.put(sent);
    try {
      await this.accept(sent, await this.api.save(sent.unit, sent.body));
      return true;
    } catch (error) {
      return this.fail(sent, error);
    }
  }

  private async accept(entry: Kept, saved: Saved): Promise<void> {
    this.acknowledged.set(entry.unit, saved.annotation.revision);
    await this.outbox.acknowledge(entry, saved.annotation.revision);
    this.failures = 0;
    this.trouble = "none";
    this.savedAt = new Date();
    this.listener?.saved(entry, saved);
  }

  /** True where the next entry may be tried: this one alone was refused. */
  private async fail(entry: Kept, error: unknown): Promise<boolean> {
    const verdict = verdictOn(error);
    if (verdict === "refused" && error instanceof ApiError) {
      await this.refuse({ entry, error });
      return true;
    }
    this.trouble = verdict === "login" ? "login" : "offline";
    this.listener?.failed(error);
    this.reason = error instanceof Error ? error.message : String(error);
    this.failures += 1;
    if (this.closed) return false;
    const pause = Math.min(1000 * 2 ** (this.failures - 1), LONGEST_PAUSE);
    this.timer = setTimeout(() => void this.flush(), pause * (0.75 + Math.random() / 2));
    return false;
  }

  /** A newer save of the unit takes the place of a refused one; else the person is asked. */
  private async refuse(refusal: Refusal): Promise<void> {
    const { unit, place } = refusal.entry;
    const newer = (await this.entriesOf(unit)).some((entry) => entry.place > place);
    if (newer && refusal.error.code === "invalid_answers") {
      await this.outbox.remove(place);
      return;
    }
    this.refusals = [...this.refusals, refusal];
    this.listener?.refused(refusal);
  }
}
