import type { Comment, ShownContext, WorkUnit } from "../api/types";
import type { Range } from "../lib/offsets";
import { Tree } from "../lib/tree";

/** What of the thread is on the screen, and where the reader is. */
export class Reading {
  readonly tree: Tree;
  readonly focus: number | null;
  readonly ancestors: Set<number>;
  /** The comment under the reader's cursor (j, k); not the one being labeled. */
  at = $state<number | null>(null);
  /** The comment that asks for the browser's focus; the thread clears this when it has it. */
  wantsFocus = $state<number | null>(null);
  articleOpen = $state(true);
  zoomed = $state(false);
  /** The stretch of another comment that a quote leads to. */
  quoted = $state.raw<{ comment: number; range: Range | null } | null>(null);

  private readonly seen = new Set<number>();
  private articleSeen = false;

  constructor(
    private readonly work: WorkUnit,
    before?: Reading,
  ) {
    this.tree = new Tree(work.comments);
    this.focus = work.focus;
    this.at = work.focus;
    this.wantsFocus = work.focus;
    this.ancestors = new Set(this.tree.ancestors(work.focus).map((comment) => comment.id));
    this.articleOpen = before?.articleOpen ?? true;
    this.zoomed = before?.zoomed ?? false;
  }

  get focusComment(): Comment | undefined {
    return this.tree.get(this.focus);
  }

  /** Which revision of the text in question is on the screen; null for a unit of a thread. */
  get textRevision(): number | null {
    return this.focusComment?.text_revision ?? null;
  }

  isOpening(comment: Comment): boolean {
    return comment.kind !== "comment";
  }

  /** Whether the text of a comment is on the screen, not only its head. */
  isOpen(comment: Comment): boolean {
    return !this.isOpening(comment) || this.articleOpen || comment.id === this.focus;
  }

  /** Whether a comment is on the screen at all. */
  private shows(comment: Comment): boolean {
    return !this.zoomed || comment.id === this.focus;
  }

  /** The comment in question alone, or the thread again; units of a whole thread have no zoom. */
  toggleZoom(): void {
    this.zoomed = !this.zoomed && this.focus !== null;
    this.goTo(this.focusComment);
  }

  /** Hides or shows the opening, and keeps the reader where they were. */
  toggleArticle(): void {
    this.articleOpen = !this.articleOpen;
    this.goTo(this.tree.get(this.at));
  }

  goTo(comment: Comment | undefined): void {
    if (!comment) return;
    if (!this.shows(comment)) this.zoomed = false;
    this.at = comment.id;
    this.wantsFocus = comment.id;
  }

  step(by: number): void {
    this.goTo(this.tree.step(this.at, by));
  }

  /** Remembers what is on the screen now; called whenever that changes. */
  remember(): void {
    const shown = this.tree.comments.filter((c) => this.shows(c) && this.isOpen(c));
    for (const comment of shown) {
      this.seen.add(comment.id);
      if (this.isOpening(comment)) this.articleSeen = true;
    }
  }

  /** All that was shown since the unit was opened, in reading order. */
  context(): ShownContext {
    this.remember();
    const ids = this.tree.comments.map((comment) => comment.id);
    return {
      policy: this.work.campaign.context,
      comments: ids.filter((id) => this.seen.has(id)),
      article_open: this.articleSeen,
      zoomed: this.zoomed,
    };
  }
}
