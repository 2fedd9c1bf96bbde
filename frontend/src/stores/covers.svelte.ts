import type { Comment } from "../api/types";
import type { Surroundings, Warned } from "../api/workplace";
import type { Reading } from "./reading.svelte";

/** What the store of the thread does with a comment that was opened, where it keeps that. */
type Told = Reading & { markOpened?: (comment: number) => void };

/** Which comments with content warnings are covered; each visit of a unit begins anew. */
export class Covers {
  private opened = $state.raw<{ reading: Reading | null; comments: ReadonlySet<number> }>({
    reading: null,
    comments: new Set(),
  });

  constructor(private readonly surroundings: () => Surroundings | null) {}

  /** The categories that the comment carries a warning of, in words. */
  titlesOf(comment: Warned): string[] {
    const known = this.surroundings()?.categories ?? [];
    const titles = new Map(known.map(({ key, title }) => [key, title]));
    return (comment.warnings ?? []).map((key) => titles.get(key) ?? key);
  }

  /** Whether the comment can be covered and opened at all. Until the campaign is known, it can. */
  applies(comment: Warned): boolean {
    const { warnings = [], text } = comment;
    if (warnings.length === 0 || text === "") return false;
    const place = this.surroundings();
    if (place === null || place.campaign.cover_content) return true;
    return warnings.some((key) => place.avoided.includes(key));
  }

  isCovered(comment: Comment, reading: Reading): boolean {
    return this.applies(comment) && !this.openedIn(reading).has(comment.id);
  }

  toggle(comments: Comment[], reading: Reading): void {
    const coverable = comments.filter((comment) => this.applies(comment));
    const covered = coverable.filter((comment) => this.isCovered(comment, reading));
    const next = new Set(this.openedIn(reading));
    if (covered.length === 0) coverable.forEach(({ id }) => next.delete(id));
    covered.forEach(({ id }) => next.add(id));
    this.opened = { reading, comments: next };
    covered.forEach(({ id }) => (reading as Told).markOpened?.(id));
  }

  private openedIn(reading: Reading): ReadonlySet<number> {
    return this.opened.reading === reading ? this.opened.comments : new Set();
  }
}
