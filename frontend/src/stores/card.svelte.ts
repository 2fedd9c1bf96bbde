import type { Comment } from "../api/types";
import type { Layer } from "../lib/layers";
import type { Range } from "../lib/offsets";

/**
 * A comment of the thread with what may change about it while it stands on the screen. Each card
 * has its own signals: what changes for one of 5,000 cards must not be looked at in all of them.
 */
export class Card {
  comment = $state.raw() as Comment;
  role = $state.raw<"focus" | "ancestor" | null>(null);
  /** It is an answer to a question about relations. */
  chosen = $state.raw(false);
  /** The comment that it answers, once that is loaded. */
  parent = $state.raw<Comment | undefined>();
  /** Its quotes and mentions, and the sentences of it that others quote. */
  links = $state.raw<Layer[]>([]);
  /** What annotators marked in it, where their marks are laid over each other. */
  said = $state.raw<Layer[]>([]);
  /** Somebody points at it, or at a stretch of it. */
  pointed = $state.raw<{ range: Range | null } | null>(null);
  /** So many comments that would stand before it are not loaded. */
  gap = $state.raw(0);
  /** It is on the page; the thread makes it so a slice at a time. */
  mounted = false;

  constructor(comment: Comment) {
    this.comment = comment;
  }
}
