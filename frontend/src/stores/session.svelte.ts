import type { CampaignApi } from "../api/campaign";
import { ApiError } from "../api/client";
import type { AnnotationState, Codebook, Progress, SaveBody, Saved, WorkUnit } from "../api/types";
import { spoken, t } from "../lib/i18n";
import { type Command, Keymap } from "../lib/keymap";
import { byQuestion, sentenceOf } from "../lib/problems";
import { translated } from "../lib/translated";
import { isLoggedOut, passes } from "../lib/verdict";
import type { Delivery, Refusal } from "./delivery.svelte";
import type { Dialog, Phase } from "./dialog";
import { Marking } from "./marking.svelte";
import type { Entry } from "./outbox";
import { Reading } from "./reading.svelte";
import type { Sheet } from "./sheet.svelte";
import { Supply } from "./supply";
import { Trail } from "./trail";
import type { Visit } from "./visit";

/** A draft is saved so long after the last change, in milliseconds. */
const DRAFT_PAUSE = 500;
/** While no unit can be fetched, it is tried again after so many milliseconds. */
const RETRY_PAUSE = 5_000;

/** One annotator at work: which unit is on the screen, and how it is saved and left. */
export class Session {
  phase = $state<Phase>("loading");
  /** Why there is no unit on the screen, as a sentence. */
  reason = $state("");
  work = $state.raw<WorkUnit | null>(null);
  sheet = $state.raw<Sheet | null>(null);
  /** One for all units: the thread stays on the screen from one to the next. */
  reading = $state.raw<Reading | null>(null);
  marking = $state.raw<Marking | null>(null);
  codebook = $state.raw<Codebook | null>(null);
  progress = $state.raw<Progress | null>(null);
  dialog = $state<Dialog | null>(null);
  /** The save of a training unit whose feedback is on the screen; the unit stays until it is read. */
  lesson = $state.raw<Saved | null>(null);
  /** A short sentence about what just happened; announced. */
  notice = $state("");
  /** Answers that wait for the pause before they are saved. */
  dirty = $state(false);
  /** The unit on the screen is done with, and another one is on its way. */
  leaving = $state(false);

  /** The present key of a command, for sentences that name it. */
  shown: (command: Command) => string = (command) => new Keymap().shown(command);

  readonly trail: Trail;
  private readonly supply: Supply;
  private visit: Visit | null = null;
  /** One after the other: what came first is on the screen before the next one is looked for. */
  private moves: Promise<void> = Promise.resolve();
  /** What was submitted or skipped in this visit, the latest last: the way of undo. */
  private done: number[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private loginOffered = false;
  private resting = false;
  private goOn = (): void => undefined;

  constructor(
    readonly api: CampaignApi,
    readonly delivery: Delivery,
  ) {
    this.trail = new Trail((url) => api.history(url));
    this.supply = new Supply(api, delivery, {
      questions: () => this.codebook?.questions ?? [],
      have: () => this.reading?.thread.have ?? null,
      changed: () => this.changed(),
      progressed: (progress) => (this.progress = progress),
    });
    delivery.listen({
      saved: (entry, saved) => this.onSaved(entry, saved),
      refused: (refusal) => void this.onRefused(refusal),
      failed: (error) => this.offerLogin(error),
    });
  }

  /** A save that the server refused and on which the person has to decide. */
  get decision(): Refusal | undefined {
    return this.delivery.refusals.find((refusal) => refusal.error.code !== "invalid_answers");
  }

  /** Sends what an earlier visit left, then opens the unit that is held, not before `before`. */
  async start(before?: Promise<void>): Promise<void> {
    this.phase = "loading";
    this.resting = false;
    this.supply.clear();
    await this.go(async () => {
      const codebook = this.codebook ?? this.api.codebook();
      const [known, first] = await Promise.all([codebook, this.supply.next(), before]);
      this.codebook = translated(known, spoken());
      return this.supply.visitTo(first);
    }, true);
  }

  /** Forward: along the trail, and at its end to the next unit, which is mostly here already. */
  async next(): Promise<void> {
    const known = this.trail.next;
    const open = this.phase === "working" && this.visit?.state === "draft";
    if (known === undefined && open) {
      const key = this.shown("skip");
      this.notice = t("This one is still open: submit it, or skip it with {key}.", { key });
      return;
    }
    const load = async (): Promise<Visit> =>
      known === undefined
        ? this.supply.visitTo(await this.supply.next())
        : this.supply.recall(known);
    await this.go(load, !open);
  }

  /** Back to the unit before this one, with its answers; from the end, to the last one. */
  async previous(): Promise<void> {
    const ended = this.phase !== "working";
    await this.go(async () => {
      const unit = ended ? await this.trail.current() : await this.trail.previous();
      if (unit !== undefined) return this.supply.recall(unit);
      this.notice = t("This is the first one of yours.");
      return null;
    });
  }

  async reopen(unit: number): Promise<void> {
    await this.go(() => this.supply.recall(unit));
  }

  /**
   * Takes the last change of an answer back. Where this unit has none, the one that was done
   * before it is reopened with its answers, and the next undo takes the last of those back.
   */
  async undo(): Promise<void> {
    const working = this.phase === "working";
    if (working && this.sheet?.undo()) return;
    const here = working ? this.visit?.unit : undefined;
    let unit = this.done.pop();
    while (unit !== undefined && unit === here) unit = this.done.pop();
    if (unit === undefined) await this.previous();
    else await this.reopen(unit);
  }

  /** Submits if all is answered, else says what is missing. */
  async submit(): Promise<void> {
    if (!this.sheet) return;
    if (this.sheet.missing.length > 0) this.sheet.complain();
    else await this.finish("submitted");
  }

  /** Without answers; `harmful`: because it does harm, which costs nothing. */
  async skip(reason: string, harmful = false): Promise<void> {
    await this.finish("skipped", reason, harmful ? { harmful } : {});
  }

  /** The person stops: a page with this sentence takes the place of the next unit. */
  rest(sentence: string): void {
    this.leave();
    this.reason = sentence;
    this.phase = "stopped";
  }

  /** The person stops for today: no unit is fetched any more until the next start. */
  pauseFetching(): void {
    this.resting = true;
    this.supply.clear();
  }

  /** The person wants the refused answers in place of the saved ones. */
  async keepMine(refusal: Refusal, revision: number): Promise<void> {
    await this.delivery.insist(refusal, { revision });
  }

  /** The person takes the saved answers; the refused ones are kept as a revision beside them. */
  async setAside(refusal: Refusal, revision: number): Promise<void> {
    const { unit } = refusal.entry;
    this.supply.forget(unit);
    await this.delivery.insist(refusal, { revision, aside: true });
    if (unit === this.work?.unit.id) await this.reopen(unit);
  }

  /** Sends refused answers again; where the text has changed, it is to be read again first. */
  async tryAgain(refusal: Refusal): Promise<void> {
    const { unit, body } = refusal.entry;
    const work = await this.api.unit(unit).catch(() => null);
    const text = work?.comments.find((comment) => comment.id === work.focus);
    if (!work || !text || text.text_revision === body.text_revision) {
      await this.delivery.insist(refusal);
      return;
    }
    await this.delivery.discard(refusal);
    const visit = this.supply.fresh(work, refusal.entry);
    visit.state = "draft";
    await this.go(() => Promise.resolve(visit));
    this.changed();
    this.notice = t("The text has changed. Here are your answers: read it, then submit them.");
  }

  /** The person gives the refused answers up: what the server has is shown. */
  async dropMine(refusal: Refusal): Promise<void> {
    const { unit } = refusal.entry;
    this.supply.forget(unit);
    await this.delivery.discard(refusal);
    if (unit === this.work?.unit.id) await this.reopen(unit);
  }

  /** The network may be back: what waits is sent, and the work goes on. */
  async resume(): Promise<void> {
    clearTimeout(this.retry);
    await this.delivery.flush();
    if (this.phase !== "waiting") this.fill();
    else if (this.leaving) return;
    else if (this.visit) await this.next();
    else await this.start();
  }

  /** Feedback that was read lets the next unit come. */
  closeDialog(): void {
    this.dialog = this.lesson = null;
    this.goOn();
  }

  /** Somebody logged in on this page. */
  async loggedIn(): Promise<void> {
    this.closeDialog();
    this.loginOffered = false;
    await this.resume();
  }

  /** The page is gone: nothing is sent or fetched any more. */
  close(): void {
    for (const timer of [this.timer, this.retry]) clearTimeout(timer);
    this.delivery.close();
    this.supply.close();
  }

  /** A sign of life: the seconds count on. */
  touch(): void {
    this.visit?.activity.touch(Date.now());
  }

  /** The page is hidden or left: what waits is put into the outbox at once. */
  leave(): void {
    this.visit?.activity.pause(Date.now());
    if (this.dirty) void this.saveDraft();
  }

  /** An answer, the note or the flag changed: it is saved after a short pause. */
  changed(): void {
    this.touch();
    this.notice = "";
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.saveDraft(), DRAFT_PAUSE);
  }

  /** Saves without leaving; what was submitted and is still whole stays submitted. */
  async saveDraft(): Promise<void> {
    if (this.visit) await this.keep(this.visit.stateNow);
  }

  /** The save goes into the outbox, and the next unit comes without waiting for the server. */
  private async finish(
    state: AnnotationState,
    reason = "",
    more: Partial<SaveBody> = {},
  ): Promise<void> {
    const { visit } = this;
    if (!visit || this.leaving) return;
    this.leaving = true;
    if (!(await this.keep(state, reason, more))) return;
    visit.sheet.reopened = true;
    this.done.push(visit.unit);
    await this.next();
    if (this.visit === visit) return;
    const said = { order: visit.work.unit.order, key: this.shown("undo") };
    this.notice =
      state === "skipped"
        ? t("Skipped {order}. Back with {key}.", said)
        : t("Submitted {order}. Back with {key}.", said);
  }

  /** False where the browser could not keep the save: the unit stays on the screen. */
  private async keep(
    state: AnnotationState,
    reason = "",
    more: Partial<SaveBody> = {},
  ): Promise<boolean> {
    clearTimeout(this.timer);
    this.dirty = false;
    const { visit, reading } = this;
    if (!visit || !reading) return false;
    const revision = this.delivery.revisionOf(visit.unit, visit.revision);
    const codebook_version = this.codebook?.version ?? null;
    const body = { ...visit.body(state, revision, reading, reason), codebook_version, ...more };
    const before = visit.state;
    visit.state = state;
    try {
      await this.delivery.keep(visit.unit, body);
      return true;
    } catch (error) {
      visit.state = before;
      this.leaving = false;
      this.dirty = true;
      this.notice = sentenceOf(error);
      return false;
    }
  }

  /** Leaves the unit (its draft is kept first) for the one that `load` gives; null stays. */
  private go(load: () => Promise<Visit | null>, onward = false): Promise<void> {
    this.leaving = true;
    this.moves = this.moves.then(() => this.move(load, onward));
    return this.moves;
  }

  private async move(load: () => Promise<Visit | null>, onward: boolean): Promise<void> {
    this.leaving = true;
    try {
      if (this.dirty && this.visit && !(await this.keep(this.visit.stateNow))) return;
      const visit = await load();
      if (this.lesson) await new Promise<void>((read) => (this.goOn = read));
      if (visit) this.show(visit);
    } catch (error) {
      this.stop(error, onward);
    } finally {
      this.leaving = false;
    }
  }

  private show(visit: Visit): void {
    const { sheet } = visit;
    const { thread, work } = this.supply.open(visit);
    if (this.visit !== visit) this.visit?.activity.pause(Date.now());
    if (this.reading) this.reading.open(thread, work);
    this.reading ??= new Reading(thread, work);
    this.visit = visit;
    this.work = visit.work;
    this.sheet = sheet;
    this.marking = new Marking(sheet, this.reading);
    this.progress ??= work.progress;
    this.notice = "";
    if (this.dialog !== "login") this.dialog = null;
    this.phase = "working";
    this.trail.visit(visit.unit);
    this.touch();
    this.fill();
  }

  private fill(): void {
    if (!this.resting) this.supply.fill(this.visit?.unit);
  }

  private onSaved(entry: Entry, saved: Saved): void {
    this.progress = saved.progress;
    this.loginOffered = false;
    const waits = this.leaving || this.phase !== "working"; // else they go on changing answers
    if (saved.feedback && waits) [this.lesson, this.dialog] = [saved, "feedback"];
    const visit = this.supply.known(entry.unit);
    if (visit) visit.revision = Math.max(visit.revision, saved.annotation.revision);
    if (this.phase === "waiting") void this.resume();
    else this.fill();
  }

  /** Answers that the server does not take come back, and are shown at their questions. */
  private async onRefused(refusal: Refusal): Promise<void> {
    if (refusal.error.code !== "invalid_answers") return;
    const { unit } = refusal.entry;
    const here = this.phase === "working" && unit === this.visit?.unit;
    if (!here) await this.reopen(unit);
    if (this.visit?.unit !== unit) return;
    this.visit.state = "draft";
    this.visit.sheet.problems = byQuestion(refusal.error.fields);
    if (!here) this.notice = t("This one came back: its answers could not be saved as they are.");
  }

  /** No unit came. One that is open stays on the screen; else the page says what to expect. */
  private stop(error: unknown, onward: boolean): void {
    this.reason = sentenceOf(error);
    this.offerLogin(error);
    const code = error instanceof ApiError ? error.code : "";
    if (this.phase === "working" && !onward) this.notice = this.reason;
    else if (code === "nothing_left") this.phase = "finished";
    else if (code === "enough_for_today") this.phase = "enough";
    else if (passes(error)) this.wait();
    else this.phase = "stopped";
  }

  private wait(): void {
    this.phase = "waiting";
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.resume(), RETRY_PAUSE);
  }

  /** Once: who closes the dialog has it at the save state. */
  private offerLogin(error: unknown): void {
    if (this.loginOffered || !isLoggedOut(error)) return;
    this.loginOffered = true;
    this.dialog = "login";
  }
}
