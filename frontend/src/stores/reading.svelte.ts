import type { Comment, ShownContext, WorkUnit } from "../api/types";
import { Dwell } from "../lib/dwell";
import type { Layer } from "../lib/layers";
import { isOpening, type Tree } from "../lib/tree";
import type { Place, Thread } from "./thread.svelte";

/** What of the thread is on the screen, and where the reader is; one for all units of a visit. */
export class Reading {
  thread = $state.raw() as Thread;
  /** The comment in question; null for a unit of a thread. */
  focus = $state<number | null>(null);
  /** The comment under the reader's cursor (j, k); not the one being labeled. */
  at = $state<number | null>(null);
  /** The comment that asks for the browser's focus; the thread clears this when it has it. */
  wantsFocus = $state<number | null>(null);
  /** Grows with each unit that is opened: what holds for one unit only is kept by it. */
  visit = $state(0);
  articleOpen = $state(true);
  zoomed = $state(false);

  private policy = "";
  private dwell = new Dwell();
  private readonly opened = new Set<number>();
  private articleSeen = false;
  /** The comment whose quotes are gone through, and the one that came last. */
  private tour: { from: number; place: number } | null = null;

  constructor(thread: Thread, work: WorkUnit) {
    this.open(thread, work);
  }

  /** Another unit is on the screen. */
  open(thread: Thread, work: WorkUnit): void {
    thread.arrive(work);
    if (thread !== this.thread) this.dwell = new Dwell();
    this.thread = thread;
    this.visit += 1;
    this.policy = work.campaign.context;
    this.focus = work.focus;
    this.zoomed &&= work.focus !== null;
    this.articleSeen = false;
    this.opened.clear();
    this.dwell.restart(performance.now());
    this.at = work.focus;
    this.wantsFocus = work.focus;
    this.tour = null;
  }

  get tree(): Tree {
    return this.thread.tree;
  }

  get focusComment(): Comment | undefined {
    return this.thread.card(this.focus)?.comment;
  }

  /** Which revision of the text in question is on the screen; null for a unit of a thread. */
  get textRevision(): number | null {
    return this.focusComment?.text_revision ?? null;
  }

  /** Whether the text of a comment is on the screen, not only its head. */
  isOpen(comment: Comment): boolean {
    return !isOpening(comment) || this.articleOpen || comment.id === this.focus;
  }

  /** The comment in question alone, or the thread again; units of a whole thread have no zoom. */
  toggleZoom(): void {
    this.zoomed = !this.zoomed && this.focus !== null;
    this.goTo(this.focusComment);
  }

  /** Hides or shows the opening, and keeps the reader where they were. */
  toggleArticle(): void {
    for (const { id } of this.settle()) this.dwell.renew(id, performance.now());
    this.articleOpen = !this.articleOpen;
    this.goTo(this.thread.card(this.at)?.comment);
  }

  goTo(comment: Comment | undefined): void {
    if (!comment) return;
    if (comment.id !== this.focus) this.zoomed = false;
    const card = this.thread.card(comment.id);
    if (!card?.mounted) this.thread.mountAround(comment.id);
    this.thread.point(null);
    this.tour = null;
    this.at = comment.id;
    this.wantsFocus = comment.id;
  }

  step(by: number): void {
    this.goTo(this.tree.step(this.at, by));
  }

  /** To what a link leads, which is marked there. */
  follow(place: Place): void {
    this.goTo(this.thread.card(place.comment)?.comment);
    this.thread.point(place);
  }

  /** From quote to quote of the comment that is being read, and back to it after the last. */
  nextQuote(): void {
    const from = this.tour?.from ?? this.at;
    const place = this.tour ? this.tour.place + 1 : 0;
    const links = this.linksOf(from);
    if (links.length === 0 || from === null) return;
    const link = links[place];
    if (!link) {
      this.goTo(this.thread.card(from)?.comment);
      return;
    }
    this.follow({ comment: link.target as number, range: link.targetRange ?? null });
    this.tour = { from, place };
  }

  /** A comment came on the screen, or left it. */
  sees(id: number, visible: boolean): void {
    if (visible) this.dwell.enter(id, performance.now());
    else this.dwell.leave(id, performance.now());
  }

  /** The person lifted the cover of a comment. */
  markOpened(id: number): void {
    this.opened.add(id);
  }

  /** What was on the screen since the unit was opened, in reading order; not what was passed by. */
  context(): Omit<ShownContext, "suggestions"> {
    this.settle();
    const seen = this.dwell.upTo(performance.now());
    const comments = this.tree.comments
      .filter(
        (comment) => comment.id === this.focus || (seen.has(comment.id) && this.read(comment)),
      )
      .map((comment) => comment.id);
    return {
      policy: this.policy,
      comments,
      opened: comments.filter((id) => this.opened.has(id)),
      article_open: this.articleSeen,
      zoomed: this.zoomed,
    };
  }

  /** Remembers whether the article was on the screen, before it is hidden; gives the openings. */
  private settle(): Comment[] {
    const seen = this.dwell.upTo(performance.now());
    const openings = this.tree.comments.filter((comment) => isOpening(comment));
    this.articleSeen ||= openings.some((one) => seen.has(one.id) && this.isOpen(one));
    return openings;
  }

  /** A hidden article shows its head only: that is not read. */
  private read(comment: Comment): boolean {
    return this.isOpen(comment) || this.articleSeen;
  }

  private linksOf(id: number | null): Layer[] {
    const links = this.thread.card(id)?.links ?? [];
    return links.toSorted((a, b) => Number(a.kind === "source") - Number(b.kind === "source"));
  }
}
