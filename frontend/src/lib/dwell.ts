/** What has been on the screen for so long, in milliseconds, may have been read. */
export const GLANCE = 500;

/** Which things were on the screen, and not only scrolled past. Times are milliseconds. */
export class Dwell {
  private readonly since = new Map<number, number>();
  private readonly seen = new Set<number>();

  enter(id: number, now: number): void {
    if (!this.since.has(id)) this.since.set(id, now);
  }

  leave(id: number, now: number): void {
    this.settle(id, now);
    this.since.delete(id);
  }

  /** All that were on the screen long enough up to `now`. */
  upTo(now: number): ReadonlySet<number> {
    for (const id of this.since.keys()) this.settle(id, now);
    return this.seen;
  }

  /** Something else is shown in its place: what was seen of it does not count. */
  renew(id: number, now: number): void {
    this.seen.delete(id);
    if (this.since.has(id)) this.since.set(id, now);
  }

  /** Counts anew; what is on the screen stays there. */
  restart(now: number): void {
    this.seen.clear();
    for (const id of this.since.keys()) this.since.set(id, now);
  }

  private settle(id: number, now: number): void {
    const since = this.since.get(id);
    if (since !== undefined && now - since >= GLANCE) this.seen.add(id);
  }
}
