import type { Comment } from "../api/types";
import type { Surroundings } from "../api/workplace";

/** What is told that a comment was opened; the reading keeps it for the save. */
export interface Reader {
  markOpened(comment: number): void;
}

/** A text with warnings: a comment, or a stretch of one. */
type Text = Pick<Comment, "warnings" | "text">;

const NONE: ReadonlySet<number> = new Set();

/** Which comments with content warnings are covered; each visit of a unit begins anew. */
export class Covers {
  private opened = $state.raw(NONE);

  constructor(private readonly surroundings: () => Surroundings | null) {}

  /** Another unit is on the screen: what was opened for the last one is covered again. */
  begin(): void {
    this.opened = NONE;
  }

  /** The categories that the comment carries a warning of, in words. */
  titlesOf(comment: Pick<Comment, "warnings">): string[] {
    const known = this.surroundings()?.categories ?? [];
    const titles = new Map(known.map(({ key, title }) => [key, title]));
    return comment.warnings.map((key) => titles.get(key) ?? key);
  }

  /** Whether the comment can be covered and opened at all. Until the campaign is known, it can. */
  applies(comment: Text): boolean {
    const { warnings, text } = comment;
    if (warnings.length === 0 || text === "") return false;
    const place = this.surroundings();
    if (place === null || place.campaign.cover_content) return true;
    return warnings.some((key) => place.avoided.includes(key));
  }

  isCovered(comment: Comment): boolean {
    return this.applies(comment) && !this.opened.has(comment.id);
  }

  /** Opens those of them that are covered; where none is, covers all. */
  toggle(comments: Comment[], reader: Reader): void {
    const coverable = comments.filter((comment) => this.applies(comment));
    const covered = coverable.filter((comment) => this.isCovered(comment));
    const next = new Set(this.opened);
    if (covered.length === 0) coverable.forEach(({ id }) => next.delete(id));
    covered.forEach(({ id }) => next.add(id));
    this.opened = next;
    covered.forEach(({ id }) => reader.markOpened(id));
  }
}
