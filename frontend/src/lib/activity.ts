/** After so many seconds without input a person is taken to be away. */
export const IDLE_SECONDS = 30;

/** Counts active seconds: the time between two signs of life, unless it is longer than the idle. */
export class Activity {
  private total: number;
  private last: number | null = null;

  /** `seconds`: what was counted before, e.g. in an earlier visit. */
  constructor(seconds = 0) {
    this.total = seconds;
  }

  /** A key, a click, a scroll at `now` (milliseconds). */
  touch(now: number): void {
    if (this.last !== null) this.total += Math.min((now - this.last) / 1000, IDLE_SECONDS);
    this.last = now;
  }

  /** The page was hidden at `now`: nothing counts until the next touch. */
  pause(now: number): void {
    if (this.last !== null) this.touch(now);
    this.last = null;
  }

  /** Active seconds up to `now`, to a tenth. */
  seconds(now: number): number {
    const open = this.last === null ? 0 : Math.min((now - this.last) / 1000, IDLE_SECONDS);
    return Math.round((this.total + open) * 10) / 10;
  }
}
