import { flushSync } from "svelte";
import type { CampaignApi } from "../api/campaign";
import { ApiError } from "../api/client";
import { whenIdle } from "../lib/idle";
import type { Thread } from "./thread.svelte";

/** So many comments are fetched without being asked for. */
const FETCHED = 5_000;
/** A slice of cards may take so long, in milliseconds: a key press does not wait longer. */
const SLICE = 12;
const SMALLEST = 4;
const LARGEST = 60;

/**
 * Puts the rest of a thread on the page while nobody presses a key: first what is loaded, a slice
 * at a time, then what is fetched in pieces, from the comment in question outwards.
 */
export class Filling {
  private size = 2 * SMALLEST;
  private cancel: () => void = () => undefined;
  private stopped = false;

  constructor(
    private readonly api: CampaignApi,
    private readonly thread: Thread,
    /** The unit on the screen, which says what may be fetched. */
    private readonly unit: () => number | undefined,
  ) {}

  /** Begins, or goes on where it gave up. */
  start(): void {
    this.cancel();
    this.cancel = whenIdle(() => void this.step());
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  /** The next piece on one side, because somebody wants to read on there. */
  async fetch(side: "before" | "after", position: number): Promise<boolean> {
    const unit = this.unit();
    if (unit === undefined || this.thread.loading) return false;
    this.thread.loading = true;
    try {
      const more = await this.api.comments(unit, side, position);
      if (this.thread.open || unit === this.unit()) this.thread.grow(side, position, more);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.thread.giveUp();
      return false;
    } finally {
      this.thread.loading = false;
    }
  }

  /** What somebody asked for is on the page as soon as it is here. */
  async fetchNow(side: "before" | "after", position: number): Promise<void> {
    if (await this.fetch(side, position)) this.thread.mountAt(position);
    if (!this.stopped) this.start();
  }

  private async step(): Promise<void> {
    if (this.stopped) return;
    const more = this.slice() || (await this.fetchMore());
    if (more && !this.stopped) this.start();
  }

  private slice(): boolean {
    const begun = performance.now();
    const more = this.thread.mountMore(this.size);
    flushSync();
    const factor = SLICE / Math.max(performance.now() - begun, 1);
    const wanted = this.size * Math.min(Math.max(factor, 0.5), 2);
    this.size = Math.round(Math.min(Math.max(wanted, SMALLEST), LARGEST));
    return more;
  }

  private async fetchMore(): Promise<boolean> {
    const wanted = this.thread.size < FETCHED ? this.thread.missing() : null;
    return wanted !== null && this.fetch(wanted.side, wanted.position);
  }
}
