import type { Surroundings, Today, WorkplaceApi } from "../api/workplace";
import { t } from "../lib/i18n";
import { isField } from "../lib/keymap";
import { Covers } from "./covers.svelte";
import type { Delivery } from "./delivery.svelte";
import { Pause } from "./pause.svelte";
import type { Preferences } from "./preferences.svelte";
import type { Session } from "./session.svelte";

/** A break is proposed between two comments, or after so many milliseconds without a key. */
const QUIET = 10_000;

/** The day is over by the person's own decision. */
export interface Stopped {
  /** The figures of the day; null where the server could not be told. */
  today: Today | null;
}

/** What surrounds the labeling: covers, breaks, support, guidelines, and the person's own day. */
export class Workplace {
  surroundings = $state.raw<Surroundings | null>(null);
  stopped = $state.raw<Stopped | null>(null);
  /** The guidelines stay open beside the thread. */
  panel = $state(false);
  /** On a narrow screen the questions are let down; they stay so from unit to unit. */
  down = $state(false);
  /** The definitions of the active question's labels are shown in place. */
  definitions = $state(false);
  readonly covers = new Covers(() => this.surroundings);
  readonly pause: Pause;

  private quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly api: WorkplaceApi,
    private readonly preferences: Preferences,
    name: string,
  ) {
    const minutes = (): number => this.surroundings?.campaign.break_minutes ?? 0;
    this.pause = new Pause(`threadmark:${name}:active`, minutes);
  }

  /** Asked once; without an answer everything works, and what carries a warning is covered. */
  async load(): Promise<void> {
    try {
      this.surroundings = await this.api.surroundings();
    } catch (error) {
      console.error(error);
      return;
    }
    this.preferences.take(this.surroundings.preferences);
  }

  /** The figures of the day may be old by now. */
  async refresh(): Promise<void> {
    const { today } = await this.api.surroundings();
    if (this.surroundings) this.surroundings = { ...this.surroundings, today };
  }

  /** How many rulings were made since the last visit; the codebook itself may be new too. */
  get unseenRulings(): number {
    const { rulings = [], rulings_seen } = this.surroundings ?? {};
    return rulings.filter(({ id }) => id > (rulings_seen ?? 0)).length;
  }

  get unseenCodebook(): boolean {
    return this.surroundings?.codebook_seen === false;
  }

  /** Something in the guidelines that this person has not read. */
  get news(): boolean {
    return this.unseenCodebook || this.unseenRulings > 0;
  }

  /** The guidelines are on the screen: what was new in them is not new at the next visit. */
  async seeGuidelines(): Promise<void> {
    if (!this.surroundings || !this.news) return;
    const newest = Math.max(0, ...this.surroundings.rulings.map(({ id }) => id)) || null;
    try {
      await this.api.see(newest);
    } catch {
      return;
    }
    this.surroundings = { ...this.surroundings, codebook_seen: true, rulings_seen: newest };
  }

  /** The categories that this person is never given. Raises what the request raises. */
  async avoid(categories: string[]): Promise<void> {
    const answer = await this.api.avoid(categories);
    if (this.surroundings) this.surroundings = { ...this.surroundings, avoided: answer.categories };
  }

  /** A key, a click, a scroll. */
  touch(session: Session): void {
    if (this.stopped) return;
    this.pause.touch(Date.now());
    clearTimeout(this.quiet);
    if (this.pause.due) this.quiet = setTimeout(() => this.proposeBreak(session), QUIET);
  }

  leave(): void {
    clearTimeout(this.quiet);
    if (!this.stopped) this.pause.leave(Date.now());
  }

  /** Never while somebody types, decides, or waits for the next comment. */
  proposeBreak(session: Session): void {
    const busy = session.dialog !== null || session.decision || session.dirty || session.leaving;
    if (!this.pause.due || this.stopped || busy || session.phase !== "working") return;
    if (isField(document.activeElement)) return;
    this.pause.rest(Date.now());
    session.dialog = "break";
  }

  /**
   * Stop for today. Every answer goes out first: what is held without one is given back, and what
   * still waits here must not be. Without a server the leases end by themselves.
   */
  async stop(session: Session): Promise<void> {
    clearTimeout(this.quiet);
    session.dialog = null;
    this.stopped = { today: null };
    this.pause.rest(Date.now());
    if (session.dirty) await session.saveDraft();
    session.pauseFetching();
    session.rest(t("You stopped for today."));
    try {
      if (!(await isSent(session.delivery))) return;
      const { today } = await this.api.stop();
      if (this.stopped) this.stopped = { today };
    } catch (error) {
      console.error(error);
    }
  }

  async goOn(session: Session): Promise<void> {
    this.stopped = null;
    await session.start();
  }
}

/** Waits until the server has every answer; false where there is trouble on the way. */
async function isSent(delivery: Delivery): Promise<boolean> {
  await delivery.flush();
  while (delivery.unsent > 0 && delivery.sending) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return delivery.unsent === 0;
}
