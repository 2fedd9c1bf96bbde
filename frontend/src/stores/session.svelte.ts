import type { CampaignApi } from "../api/campaign";
import { ApiError } from "../api/client";
import type { AnnotationState, Codebook, Progress, Saved, SaveBody, WorkUnit } from "../api/types";
import { Activity } from "../lib/activity";
import { type Command, Keymap } from "../lib/keymap";
import { byQuestion } from "../lib/problems";
import { uuid } from "../lib/uuid";
import type { Delivery, Refusal } from "./delivery.svelte";
import { Marking } from "./marking.svelte";
import type { Entry } from "./outbox";
import { Reading } from "./reading.svelte";
import { Sheet } from "./sheet.svelte";
import { Trail } from "./trail";

export type Dialog =
  "help" | "guidelines" | "skip" | "history" | "settings" | "today" | "break" | "support";
type Phase = "loading" | "working" | "finished" | "stopped";

/** A draft is saved so long after the last change, in milliseconds. */
const DRAFT_PAUSE = 500;

/** One annotator at work: which unit is on the screen, and how it is saved and left. */
export class Session {
  phase = $state<Phase>("loading");
  /** Why there is no unit on the screen (phase stopped), as a sentence. */
  reason = $state("");
  work = $state.raw<WorkUnit | null>(null);
  sheet = $state.raw<Sheet | null>(null);
  reading = $state.raw<Reading | null>(null);
  marking = $state.raw<Marking | null>(null);
  codebook = $state.raw<Codebook | null>(null);
  progress = $state.raw<Progress | null>(null);
  dialog = $state<Dialog | null>(null);
  /** A short sentence about what just happened; announced. */
  notice = $state("");
  /** Answers that wait for the pause before they are saved. */
  dirty = $state(false);
  /** The save that the next unit waits for. */
  awaited = $state<string | null>(null);

  /** The next unit is on its way. */
  private moving = $state(false);

  /** The present key of a command, for sentences that name it. */
  shown: (command: Command) => string = (command) => new Keymap().shown(command);

  readonly trail: Trail;
  private activity = new Activity();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private revision = 0;
  private state: AnnotationState = "draft";

  constructor(
    readonly api: CampaignApi,
    readonly delivery: Delivery,
  ) {
    this.trail = new Trail((url) => api.history(url));
    delivery.listen({
      saved: (entry, saved) => this.onSaved(entry, saved),
      refused: (refusal) => void this.onRefused(refusal),
    });
  }

  /** The unit on the screen is done with, and the next one comes as soon as the server answers. */
  get leaving(): boolean {
    return this.moving || (this.awaited !== null && this.delivery.trouble === "none");
  }

  /** A save that the server refused and on which the person has to decide. */
  get decision(): Refusal | undefined {
    return this.delivery.refusals.find((refusal) => refusal.error.code !== "invalid_answers");
  }

  /** Sends what an earlier visit left in the outbox, then opens the unit that is held. */
  async start(): Promise<void> {
    this.phase = "loading";
    try {
      this.codebook ??= await this.api.codebook();
    } catch (error) {
      this.stop(error);
      return;
    }
    await this.delivery.flush();
    await this.next();
  }

  /** Forward: along the trail, and at its end to the unit that the server gives. */
  async next(): Promise<void> {
    const known = this.trail.next;
    const before = this.work?.unit.id;
    await this.go(() => (known === undefined ? this.api.next() : this.api.unit(known)));
    const same = this.phase === "working" && this.work?.unit.id === before;
    if (same)
      this.notice = `This one is still open: submit it, or skip it with ${this.shown("skip")}.`;
  }

  /** Back to the unit before this one, with its answers; from the end, to the last one. */
  async previous(): Promise<void> {
    const ended = this.phase !== "working";
    await this.go(async () => {
      const unit = ended ? await this.trail.current() : await this.trail.previous();
      if (unit !== undefined) return this.api.unit(unit);
      this.notice = "This is the first one of yours.";
      return null;
    });
  }

  async reopen(unit: number): Promise<void> {
    await this.go(() => this.api.unit(unit));
  }

  /** The last change of an answer is taken back; without one, the unit before is reopened. */
  async undo(): Promise<void> {
    const undone = this.phase === "working" && this.sheet?.undo();
    if (!undone) await this.previous();
  }

  /** Submits if all is answered, else says what is missing. */
  async submit(): Promise<void> {
    if (!this.sheet) return;
    if (this.sheet.missing.length > 0) this.sheet.complain();
    else await this.finish("submitted");
  }

  /** `harmful`: it harms the person; nobody asks for a reason. */
  async skip(reason: string, harmful = false): Promise<void> {
    await this.finish("skipped", reason, harmful);
  }

  /** The person stops: a page with this sentence takes the place of the next unit. */
  rest(sentence: string): void {
    this.leave();
    this.reason = sentence;
    this.phase = "stopped";
  }

  /** The person wants the refused answers sent once more, in place of `revision` if it is given. */
  async keepMine(refusal: Refusal, revision?: number): Promise<void> {
    await this.delivery.insist(refusal, revision);
  }

  /** The person gives the refused answers up: what the server has is shown. */
  async dropMine(refusal: Refusal): Promise<void> {
    const { unit } = refusal.entry;
    await this.delivery.discard(refusal);
    if (unit === this.work?.unit.id) await this.reopen(unit);
  }

  /** A sign of life: the seconds count on. */
  touch(): void {
    this.activity.touch(Date.now());
  }

  /** The page is hidden or left: what waits is put into the outbox at once. */
  leave(): void {
    this.activity.pause(Date.now());
    if (this.dirty) void this.saveDraft();
  }

  /** An answer, the note or the flag changed: it is saved after a short pause. */
  changed(): void {
    this.touch();
    this.notice = "";
    this.dirty = true;
    this.awaited = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.saveDraft(), DRAFT_PAUSE);
  }

  /** Saves without leaving; what was submitted and is still whole stays submitted. */
  async saveDraft(): Promise<void> {
    const whole = this.state === "submitted" && this.sheet?.missing.length === 0;
    await this.save(this.body(whole ? "submitted" : "draft"));
  }

  private async finish(state: AnnotationState, reason = "", harmful = false): Promise<void> {
    const body = this.body(state, reason, harmful);
    this.awaited = body?.save_id ?? null;
    await this.save(body);
  }

  private async save(body: SaveBody | null): Promise<void> {
    clearTimeout(this.timer);
    this.dirty = false;
    if (!body || !this.work) return;
    try {
      await this.delivery.save(this.work.unit.id, body);
    } catch (error) {
      this.stop(error);
    }
  }

  private body(state: AnnotationState, reason = "", harmful = false): SaveBody | null {
    const { work, sheet, reading } = this;
    if (!work || !sheet || !reading) return null;
    return {
      save_id: uuid(),
      revision: this.delivery.revisionOf(work.unit.id, this.revision),
      state,
      answers: sheet.sendable,
      text_revision: reading.textRevision,
      note: sheet.note,
      flagged: sheet.flagged,
      skip_reason: reason,
      ...(harmful ? { harmful } : {}),
      seconds: this.activity.seconds(Date.now()),
      context: reading.context(),
    };
  }

  /** Leaves the unit (its draft is saved first) for the one that `load` gives; null stays. */
  private async go(load: () => Promise<WorkUnit | null>): Promise<void> {
    this.moving = true;
    try {
      if (this.dirty) await this.saveDraft();
      this.awaited = null;
      const work = await load();
      if (work) this.open(work, await this.delivery.pending(work.unit.id));
    } catch (error) {
      this.stop(error);
    } finally {
      this.moving = false;
    }
  }

  /** `pending`: a save of this unit that the server does not have yet; it is the newer one. */
  private open(work: WorkUnit, pending: Entry | undefined): void {
    const annotation = work.annotation;
    const shown = pending ? { ...work, annotation: overlaid(work, pending.body) } : work;
    this.work = shown;
    this.revision = pending?.body.revision ?? annotation?.revision ?? 0;
    this.state = shown.annotation?.state ?? "draft";
    this.activity = new Activity(shown.annotation?.seconds ?? 0);
    this.sheet = new Sheet(shown, this.codebook?.questions ?? [], () => this.changed());
    this.reading = new Reading(shown, this.reading ?? undefined);
    this.marking = new Marking(this.sheet, this.reading);
    this.progress = work.progress;
    this.notice = "";
    this.dialog = null;
    this.phase = "working";
    this.trail.visit(work.unit.id);
    this.touch();
  }

  private onSaved(entry: Entry, saved: Saved): void {
    this.progress = saved.progress;
    if (entry.unit !== this.work?.unit.id) return;
    this.revision = saved.annotation.revision;
    this.state = saved.annotation.state;
    if (entry.body.save_id === this.awaited) void this.advance(saved.annotation.state);
  }

  private async advance(state: AnnotationState): Promise<void> {
    const order = this.work?.unit.order;
    await this.next();
    if (this.work?.unit.order === order) return;
    const done = state === "skipped" ? "Skipped" : "Submitted";
    this.notice = `${done} ${order}. Back with ${this.shown("undo")}.`;
  }

  /** Answers that the server does not take are shown at their questions. */
  private async onRefused(refusal: Refusal): Promise<void> {
    this.awaited = null;
    if (refusal.error.code !== "invalid_answers") return;
    if (refusal.entry.unit !== this.work?.unit.id) await this.reopen(refusal.entry.unit);
    if (this.sheet) this.sheet.problems = byQuestion(refusal.error.fields);
  }

  /** No unit came. One that is on the screen stays there, unless the server has no more of them. */
  private stop(error: unknown): void {
    const refusal = error instanceof ApiError ? error : null;
    this.reason = error instanceof Error ? error.message : String(error);
    if (refusal?.code === "nothing_left") {
      this.phase = "finished";
    } else if (this.work && refusal?.status !== 409) {
      this.notice = `${this.reason} Then press ${this.shown("next-unit")}.`;
    } else {
      this.phase = "stopped";
    }
  }
}

function overlaid(work: WorkUnit, body: SaveBody): WorkUnit["annotation"] {
  const now = new Date().toISOString();
  const base = work.annotation ?? {
    id: 0,
    unit: work.unit.id,
    source: "human",
    annotator: null,
    text_revision: null,
    saved_at: now,
    submitted_at: null,
  };
  const { revision, state, answers, note, flagged, skip_reason, seconds } = body;
  return { ...base, revision, state, answers, note, flagged, skip_reason, seconds };
}
