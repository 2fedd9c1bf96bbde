import { untrack } from "svelte";
import type { Comment, Have, MoreComments, Stretch, WorkUnit } from "../api/types";
import { Links } from "../lib/links";
import type { Range } from "../lib/offsets";
import { around, joined } from "../lib/stretches";
import { isOpening, Tree } from "../lib/tree";
import { Card } from "./card.svelte";

/** So many comments on either side of the one in question are on the page before it is painted. */
const FIRST = 20;

/** Cards by their position: so many stand in one box, which the browser draws or skips as one. */
const TOGETHER = 20;

/** Neighbours on the page. A new object for each change, the same one while nothing changes. */
export interface Group {
  key: number;
  cards: Card[];
}

/** A place in the thread that a link leads to. */
export interface Place {
  comment: number;
  range: Range | null;
}

/** Whether all of its thread may be seen with a unit, so that its neighbours show the same. */
export function showsAll({ campaign, unit }: WorkUnit): boolean {
  return campaign.context === "thread" || unit.kind === "thread";
}

/**
 * The comments of one thread that are loaded, and those of them that are on the page. It stays
 * while one unit of the thread follows the other: the next one only moves the focus.
 */
export class Thread {
  readonly id: number;
  /** The cards that are on the page, in reading order. */
  shown = $state.raw<Group[]>([]);
  /** How many comments lie after the last one that is loaded. */
  after = $state(0);
  /** Comments are on their way. */
  loading = $state(false);

  readonly open: boolean;
  private readonly numbered: boolean;
  /** Grows with each change of what is loaded. */
  private version = $state(0);
  private exhausted = false;
  private before = 0;
  private cards = new Map<number, Card>();
  private order: Card[] = [];
  private links = new Links();
  private stretches: Stretch[] = [];
  private marked: Card[] = [];
  private gaps: Card[] = [];
  private pointed: Card | undefined;
  private focus: Card | undefined;
  private chosen: ReadonlySet<number> = new Set();
  private ways: Tree | undefined;

  constructor(work: WorkUnit) {
    this.id = work.thread.id;
    this.open = showsAll(work);
    this.numbered = this.open || work.campaign.context === "preceding";
  }

  /** The ways between all that are loaded; whoever reads it is told when there are more. */
  get tree(): Tree {
    void this.version;
    this.ways ??= untrack(() => new Tree(this.order.map((card) => card.comment)));
    return this.ways;
  }

  get size(): number {
    return this.order.length;
  }

  /** How many comments there are, where it is not all on the page; else undefined. */
  get total(): number | undefined {
    const last = this.tree.comments.at(-1);
    return last && this.numbered ? last.position + 1 + this.after : undefined;
  }

  /** What a request for another unit of this thread need not send again. */
  get have(): Have | null {
    const stretch = around(this.stretches, this.focus?.comment.position ?? 0);
    return this.open && stretch ? { thread: this.id, ...stretch } : null;
  }

  card(id: number | null): Card | undefined {
    return id === null ? undefined : this.cards.get(id);
  }

  /** Takes the comments of a unit, gives up those that it may not show, and moves the focus. */
  arrive(work: WorkUnit): void {
    if (!this.open) this.keepOnly(work);
    this.take(work.comments);
    const { before, after, first, last } = work.window;
    this.reach({ first, last }, before, after);
    this.moveFocus(work.focus);
  }

  /** The next request that brings comments nearer to the one in question; none if all are here. */
  missing(): { side: "before" | "after"; position: number } | null {
    if (this.exhausted) return null;
    const center = this.focus?.comment.position ?? 0;
    const here = around(this.stretches, center) ?? this.stretches[0];
    if (!here) return null;
    const up = this.lacksBefore(here) ? center - here.first : Infinity;
    const down = this.lacksAfter(here) ? here.last - center : Infinity;
    if (up === Infinity && down === Infinity) return null;
    return up < down
      ? { side: "before", position: here.first }
      : { side: "after", position: here.last };
  }

  /** The requests for what is missing at each edge of what is loaded, with the card there. */
  get edges(): { card: Card; side: "before" | "after"; position: number }[] {
    if (this.exhausted) return [];
    const found = this.gaps.map((card) => ({
      card,
      side: "before" as const,
      position: card.comment.position,
    }));
    const last = this.order.at(-1);
    if (!last || this.after === 0) return found;
    return [...found, { card: last, side: "after" as const, position: last.comment.position }];
  }

  /** The server has no more comments to give: nobody is told to wait for them. */
  giveUp(): void {
    this.exhausted = true;
  }

  /** Takes the answer to such a request. */
  grow(side: "before" | "after", position: number, more: MoreComments): void {
    this.take(more.comments);
    const positions = more.comments.map((comment) => comment.position);
    const nearest = {
      first: Math.min(position, ...positions),
      last: Math.max(position, ...positions),
    };
    if (side === "before") {
      const first = more.before === 0 ? 0 : nearest.first;
      this.reach({ first, last: position }, more.before, -1);
    } else {
      this.reach({ first: position, last: nearest.last }, -1, more.after);
    }
  }

  /** Puts a comment on the page with its neighbours, so that it can be gone to. */
  mountAround(id: number | null, count = FIRST): void {
    const place = this.tree.place(id) ?? 0;
    const near = this.order.slice(Math.max(place - count, 0), place + count + 1);
    for (const card of [...near, ...this.order.filter((other) => isOpening(other.comment))]) {
      card.mounted = true;
    }
    for (const comment of this.tree.ancestors(id)) this.mount(comment.id);
    this.publish();
  }

  /** The same for the place where comments were asked for. */
  mountAt(position: number): void {
    const near = this.order.findLast(({ comment }) => comment.position <= position);
    if (near) this.mountAround(near.comment.id, FIRST);
  }

  /** Puts some more cards on the page, from the focus outwards; false if all are there. */
  mountMore(count: number): boolean {
    const place = this.tree.place(this.focus?.comment.id ?? null) ?? 0;
    let left = count;
    for (let far = 0; far < this.order.length && left > 0; far += 1) {
      for (const card of [this.order[place + far], this.order[place - far]]) {
        if (!card || card.mounted) continue;
        card.mounted = true;
        left -= 1;
      }
    }
    if (left < count) this.publish();
    return left <= 0;
  }

  /** Shows to what somebody points; null for nothing. */
  point(to: Place | null): void {
    if (this.pointed) this.pointed.pointed = null;
    this.pointed = to ? this.card(to.comment) : undefined;
    if (this.pointed && to) this.pointed.pointed = { range: to.range };
  }

  /** Marks the comments that answer a question about relations. */
  choose(ids: ReadonlySet<number>): void {
    for (const id of new Set([...this.chosen, ...ids])) {
      const card = this.card(id);
      if (card) card.chosen = ids.has(id);
    }
    this.chosen = ids;
  }

  private lacksBefore(stretch: Stretch): boolean {
    return stretch !== this.stretches[0] || this.before > 0;
  }

  private lacksAfter(stretch: Stretch): boolean {
    return stretch !== this.stretches.at(-1) || this.after > 0;
  }

  private mount(id: number): void {
    const card = this.card(id);
    if (card) card.mounted = true;
  }

  private publish(): void {
    const before = new Map(this.shown.map((group) => [group.key, group]));
    const groups = new Map<number, Card[]>();
    for (const card of this.order) {
      if (!card.mounted) continue;
      const key = Math.floor(card.comment.position / TOGETHER);
      const group = groups.get(key);
      if (group) group.push(card);
      else groups.set(key, [card]);
    }
    this.shown = [...groups].map(([key, cards]) => {
      const known = before.get(key);
      return known && sameCards(known.cards, cards) ? known : { key, cards };
    });
  }

  private take(comments: Comment[]): void {
    const fresh = comments.filter((comment) => !this.cards.has(comment.id));
    const changed = comments.filter((comment) => {
      const known = this.cards.get(comment.id)?.comment;
      return known && known.text_revision !== comment.text_revision;
    });
    for (const comment of changed) (this.cards.get(comment.id) as Card).comment = comment;
    for (const comment of fresh) this.cards.set(comment.id, new Card(comment));
    if (changed.length > 0) this.linkAnew();
    else if (fresh.length > 0) this.link(fresh);
  }

  /** What the context of another unit allows: all before it, or only what was sent with it. */
  private keepOnly(work: WorkUnit): void {
    const sent = new Set(work.comments.map((comment) => comment.id));
    const until = work.comments.find((comment) => comment.id === work.focus)?.position ?? 0;
    const preceding = work.campaign.context === "preceding";
    const kept = this.order.filter(
      ({ comment }) => sent.has(comment.id) || (preceding && comment.position <= until),
    );
    if (kept.length === this.order.length) return;
    this.cards = new Map(kept.map((card) => [card.comment.id, card]));
    this.stretches = this.stretches
      .filter(({ first }) => first <= until)
      .map(({ first, last }) => ({ first, last: Math.min(last, until) }));
    if (!preceding) this.stretches = [];
    this.linkAnew();
  }

  private linkAnew(): void {
    this.links = new Links();
    this.link([...this.cards.values()].map((card) => card.comment));
  }

  private link(comments: Comment[]): void {
    this.order = [...this.cards.values()].sort(inReadingOrder);
    this.ways = undefined;
    this.version += 1;
    const find = (id: number | null): Comment | undefined => this.card(id)?.comment;
    for (const id of new Set(comments.flatMap((comment) => this.links.add(comment)))) {
      const card = this.card(id);
      const links = card ? this.links.of(card.comment, find) : [];
      if (card && links.length + card.links.length > 0) card.links = links;
    }
    for (const card of this.order) {
      const parent = find(card.comment.reply_to);
      if (card.parent !== parent) card.parent = parent;
    }
  }

  /** A stretch is loaded. Counts of what lies beyond it hold at the ends of all; -1: not known. */
  private reach(stretch: Stretch, before: number, after: number): void {
    this.stretches = joined(this.stretches, stretch);
    const [lowest, highest] = [this.stretches[0], this.stretches.at(-1)];
    if (before >= 0 && lowest && lowest.first >= stretch.first) this.before = before;
    if (after >= 0 && highest && highest.last <= stretch.last) this.after = after;
    this.tellGaps();
  }

  private tellGaps(): void {
    for (const card of this.gaps) card.gap = 0;
    this.gaps = [];
    let end = 0;
    for (const [i, { first, last }] of this.stretches.entries()) {
      const lacking = i === 0 ? this.before : first - end - 1;
      const card = this.order.find(({ comment }) => comment.position >= first);
      end = last;
      if (!card || lacking <= 0) continue;
      card.gap = lacking;
      this.gaps.push(card);
    }
  }

  private moveFocus(id: number | null): void {
    for (const card of this.marked) card.role = null;
    this.focus = this.card(id);
    const above = this.tree.ancestors(id).map((comment) => this.card(comment.id) as Card);
    for (const card of above) card.role = "ancestor";
    if (this.focus) this.focus.role = "focus";
    this.marked = this.focus ? [this.focus, ...above] : above;
    this.point(null);
    this.mountAround(id);
  }
}

function sameCards(some: Card[], others: Card[]): boolean {
  return some.length === others.length && some.every((card, i) => card === others[i]);
}

function inReadingOrder(a: Card, b: Card): number {
  return a.comment.position - b.comment.position || a.comment.id - b.comment.id;
}
