import { ApiError } from "../api/client";
import type { WorkUnit } from "../api/types";

/** So many units are fetched before they are needed. */
const AHEAD = 2;
/** After so long a time, in milliseconds, a unit that waited is asked for anew. */
const FRESH = 10 * 60_000;

interface Source {
  /** A unit that is not among those on the screen, fetched ahead or not saved yet. */
  next(after: number[]): Promise<WorkUnit>;
  /** The unit once more; raises ApiError if it is not this annotator's any longer. */
  again(unit: number): Promise<WorkUnit>;
}

/** The next units, fetched ahead of the one on the screen; in memory only. */
export class Ahead {
  private ready: { work: WorkUnit; since: number }[] = [];
  private fetching: Promise<boolean> | null = null;
  /** The server gives the same unit until it is done: nothing can be fetched ahead from it. */
  private oneByOne = false;
  /** The unit that was handed out last; it may not be on the screen yet. */
  private given: number | undefined;
  private closed = false;

  constructor(private readonly source: Source) {}

  /** The next unit if it is here already. */
  async shift(): Promise<WorkUnit | undefined> {
    for (let next = this.ready.shift(); next; next = this.ready.shift()) {
      const fresh = Date.now() - next.since < FRESH;
      this.given = next.work.unit.id;
      const work = fresh ? next.work : await this.renewed(next.work);
      if (work) return work;
    }
    return undefined;
  }

  /** The next unit, fetched now if it must be. `busy`: units that are not to come. */
  async take(busy: () => Promise<number[]>): Promise<WorkUnit> {
    for (;;) {
      const ready = await this.shift();
      if (ready) return ready;
      if (!this.fetching) break;
      await this.fetching;
    }
    const coming = busy().then((after) => this.source.next(after));
    const none = (): boolean => false;
    this.fetching = coming.then(none, none);
    try {
      const work = await coming;
      this.given = work.unit.id;
      return work;
    } finally {
      this.fetching = null;
    }
  }

  /** Gives up what was fetched: the server gives it again when it is asked. */
  clear(): void {
    this.ready = [];
  }

  close(): void {
    this.closed = true;
  }

  /** Fetches until enough are ready, or until there is a reason not to: the next call tries again. */
  async fill(busy: () => Promise<number[]>): Promise<void> {
    if (this.fetching) return;
    while (this.ready.length < AHEAD) {
      this.fetching = this.fetchOne(busy);
      const more = await this.fetching;
      this.fetching = null;
      if (!more) return;
    }
  }

  private async fetchOne(busy: () => Promise<number[]>): Promise<boolean> {
    try {
      const here = await busy();
      if (this.closed || this.oneByOne) return false;
      const mine = [...here, ...this.ready.map(({ work }) => work.unit.id)];
      const after = [...new Set(this.given === undefined ? mine : [...mine, this.given])];
      const work = await this.source.next(after);
      this.oneByOne = after.includes(work.unit.id);
      if (!this.oneByOne) this.ready.push({ work, since: Date.now() });
      return true;
    } catch {
      // Whatever it is, it is said when the unit is needed, and not before.
      return false;
    }
  }

  /** Offline an old one is better than none: what became of it shows when it is saved. */
  private async renewed(work: WorkUnit): Promise<WorkUnit | undefined> {
    try {
      return await this.source.again(work.unit.id);
    } catch (error) {
      return error instanceof ApiError ? undefined : work;
    }
  }
}
