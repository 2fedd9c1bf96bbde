import type { PastUnit, Page } from "../api/types";

type LoadPage = (url: string | null) => Promise<Page<PastUnit>>;

/**
 * The way back through one's own units. It is kept apart from the history, which changes its
 * order with each save; the history only says what lies before this visit.
 */
export class Trail {
  private units: number[] = [];
  private place = -1;
  private older: string | null = null;
  private reachedStart = false;

  constructor(private readonly load: LoadPage) {}

  /** The unit on the screen; a unit that is on the trail already is found again there. */
  visit(unit: number): void {
    if (!this.units.includes(unit)) this.units.push(unit);
    this.place = this.units.indexOf(unit);
  }

  /** The unit that was visited last, in this visit or an earlier one; undefined if none was. */
  async current(): Promise<number | undefined> {
    while (this.place < 0 && !this.reachedStart) await this.loadOlder();
    return this.units[this.place];
  }

  /** The unit before this one; undefined at the very first. */
  async previous(): Promise<number | undefined> {
    while (this.place <= 0 && !this.reachedStart) await this.loadOlder();
    return this.units[this.place - 1];
  }

  /** The unit after this one; undefined at the end, where the server gives the next. */
  get next(): number | undefined {
    return this.units[this.place + 1];
  }

  /** To the end of the trail: the next unit is the one that the server gives. */
  toEnd(): void {
    this.place = Math.max(this.place, this.units.length - 1);
  }

  private async loadOlder(): Promise<void> {
    const page = await this.load(this.older);
    const found = page.results.map((row) => row.unit).filter((unit) => !this.units.includes(unit));
    this.units = [...found.reverse(), ...this.units];
    this.place += found.length;
    this.older = page.next;
    this.reachedStart = page.next === null;
  }
}
