import { t } from "./i18n";
import type { Comment } from "../api/types";

/** The comments of a thread in reading order, with the ways between them. */
export class Tree {
  readonly comments: Comment[];
  private readonly places: Map<number, number>;

  constructor(comments: Comment[]) {
    this.comments = comments;
    this.places = new Map(comments.map((comment, place) => [comment.id, place]));
  }

  get(id: number | null): Comment | undefined {
    const place = this.place(id);
    return place === undefined ? undefined : this.comments[place];
  }

  /** Where in the reading order a comment stands. */
  place(id: number | null): number | undefined {
    return id === null ? undefined : this.places.get(id);
  }

  /** The comment `by` places further on; the first or last one at the ends. */
  step(id: number | null, by: number): Comment | undefined {
    const from = this.place(id);
    const wanted = from === undefined ? 0 : from + by;
    return this.comments[Math.min(Math.max(wanted, 0), this.comments.length - 1)];
  }

  parent(id: number | null): Comment | undefined {
    return this.get(this.get(id)?.reply_to ?? null);
  }

  /** The next comment that answers the same one. */
  nextSibling(id: number | null): Comment | undefined {
    const comment = this.get(id);
    if (!comment) return undefined;
    const later = this.comments.slice((this.places.get(comment.id) as number) + 1);
    return later.find((other) => other.reply_to === comment.reply_to && other.kind === "comment");
  }

  /** The comments that this one answers, nearest first. */
  ancestors(id: number | null): Comment[] {
    const found: Comment[] = [];
    let next = this.parent(id);
    while (next && !found.includes(next)) {
      found.push(next);
      next = this.parent(next.id);
    }
    return found;
  }
}

/** What a comment is called on the screen: its author, else its place in the thread. */
export function nameOf(comment: Comment): string {
  if (comment.author) return comment.author;
  if (comment.kind === "article") return t("the article");
  if (comment.kind === "post") return t("the opening post");
  return t("comment {number}", { number: comment.position });
}

/** Article and opening post: not a comment on anything. */
export function isOpening(comment: Comment): boolean {
  return comment.kind !== "comment";
}
