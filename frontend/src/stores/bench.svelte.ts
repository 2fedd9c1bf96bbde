import type {
  Adjudication,
  AdjudicationApi,
  Case,
  DecisionBody,
  Wanted,
} from "../api/adjudication";
import { ApiError } from "../api/client";
import type { Answer, Codebook, Span, WorkUnit } from "../api/types";
import { spoken, t } from "../lib/i18n";
import type { Layer } from "../lib/layers";
import { byQuestion } from "../lib/problems";
import { translated } from "../lib/translated";
import { uuid } from "../lib/uuid";
import { isLoggedOut, passes } from "../lib/verdict";
import type { Card } from "./card.svelte";
import { Draft, workOf } from "./draft.svelte";
import { Marking } from "./marking.svelte";
import { Reading } from "./reading.svelte";
import { Thread } from "./thread.svelte";

export type BenchDialog = "help" | "guidelines";
type Phase = "loading" | "working" | "finished" | "stopped";

/** A decision that did not get through is tried again after so many milliseconds. */
const RETRY_PAUSE = 5_000;
/** So many cases that were passed over are named to the server; older ones may come again. */
const MOST_PASSED = 1_000;

/** Somebody else decided the same unit in between. */
export interface Clash {
  theirs: Adjudication;
}

/** One adjudicator at work: which case is on the screen, and how it is decided and left. */
export class Bench {
  phase = $state<Phase>("loading");
  /** Why there is no case on the screen, as a sentence. */
  reason = $state("");
  case = $state.raw<Case | null>(null);
  work = $state.raw<WorkUnit | null>(null);
  sheet = $state.raw<Draft | null>(null);
  reading = $state.raw<Reading | null>(null);
  marking = $state.raw<Marking | null>(null);
  codebook = $state.raw<Codebook | null>(null);
  dialog = $state<BenchDialog | null>(null);
  /** A short sentence about what just happened; announced. */
  notice = $state("");
  /** Why the decision on the screen is not saved yet, as a sentence; it is tried again. */
  problem = $state("");
  clash = $state.raw<Clash | null>(null);
  /** A decision or a case is on its way. */
  busy = $state(false);
  /** Something was decided here that the server does not have yet. */
  dirty = $state(false);
  /** The field for the reason asks for the focus; it clears this when it has it. */
  wantsReason = $state(false);
  /** Whoever is logged out can log in elsewhere and come back. */
  loggedOut = $state(false);

  private passed: number[] = [];
  private decided: number[] = [];
  private revision = 0;
  /** The save that was tried and not acknowledged: sent again, word for word. */
  private pending: DecisionBody | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** The card over which the marks lie now. */
  private laid: Card[] = [];

  constructor(
    readonly api: AdjudicationApi,
    private readonly wanted: Wanted = {},
  ) {}

  /** Opens this unit, or the worst case. */
  async start(unit?: number): Promise<void> {
    await this.load(async () => {
      this.codebook ??= translated(await this.api.codebook(), spoken());
      return unit === undefined ? this.fetchNext() : this.api.case(unit);
    });
  }

  /** Decides if all is answered, else says what is missing. */
  async decide(): Promise<void> {
    const { sheet } = this;
    if (!sheet || this.busy) return;
    if (sheet.missing.length > 0) sheet.complain();
    else await this.send();
  }

  /** Gives the case back for others, and goes on. */
  async skip(): Promise<void> {
    const unit = this.case?.unit.id;
    if (unit === undefined || this.busy) return;
    this.passed.push(unit);
    await this.load(() => this.fetchNext());
  }

  /** Takes the last answer back; where there is none, the last decision is opened again. */
  async undo(): Promise<void> {
    if (this.phase === "working" && this.sheet?.undo()) return;
    await this.back();
  }

  async back(): Promise<void> {
    if (this.busy) return;
    const unit = this.decided.pop();
    if (unit === undefined) this.notice = t("You have decided nothing before this one.");
    else await this.load(() => this.api.case(unit));
  }

  /** Takes over all that one annotator answered. */
  take(letter: string): boolean {
    const found = this.case?.answers.find((one) => one.letter === letter);
    if (!found || !this.sheet) return false;
    this.sheet.takeAll(found.answers);
    this.notice = t("Took all answers of {letter}.", { letter });
    return true;
  }

  cycle(by: number): void {
    const letter = this.sheet?.cycle(by);
    if (letter) this.notice = t("Took the answer of {letter}.", { letter });
  }

  /** Saves what is on the screen in place of the other's decision. */
  async keepMine(): Promise<void> {
    if (!this.clash) return;
    this.revision = this.clash.theirs.revision;
    this.clash = null;
    this.pending = null;
    await this.send();
  }

  /** Leaves the other's decision as it is. */
  async keepTheirs(): Promise<void> {
    this.settle();
    await this.load(() => this.fetchNext());
  }

  /** The decision was changed: what waited to be sent again is not what is meant any more. */
  changed(): void {
    clearTimeout(this.retry);
    this.notice = "";
    this.problem = "";
    this.dirty = true;
  }

  /** The page is gone. */
  close(): void {
    clearTimeout(this.retry);
  }

  private async send(): Promise<void> {
    clearTimeout(this.retry);
    const { case: of, sheet } = this;
    if (!of || !sheet) return;
    this.busy = true;
    this.dirty = true;
    this.pending = this.bodyOf(sheet);
    try {
      await this.api.decide(of.unit.id, this.pending);
    } catch (error) {
      this.busy = false;
      this.refused(error);
      return;
    }
    this.settle();
    this.decided.push(of.unit.id);
    await this.load(() => this.fetchNext());
    if (this.phase === "working") this.notice = t("Decided.");
  }

  /** The same save again where nothing was changed since it was tried. */
  private bodyOf(sheet: Draft): DecisionBody {
    const body = {
      revision: this.revision,
      answers: sheet.sendable,
      reason: sheet.reason,
      text_revision: this.reading?.textRevision ?? null,
      codebook_version: this.codebook?.version ?? null,
    };
    const { save_id, ...before } = this.pending ?? { save_id: "" };
    const same = save_id !== "" && JSON.stringify(before) === JSON.stringify(body);
    return { save_id: same ? save_id : uuid(), ...body };
  }

  private refused(error: unknown): void {
    this.problem = said(error);
    this.loggedOut = isLoggedOut(error);
    if (passes(error)) {
      this.problem = `${t("Not saved yet; it stays here and is tried again.")} ${offline(error)}`;
      this.retry = setTimeout(() => void this.send(), RETRY_PAUSE);
    } else if (error instanceof ApiError && error.code === "revision_conflict") {
      this.problem = "";
      this.clash = { theirs: error.body["current"] as Adjudication };
    } else if (error instanceof ApiError && this.sheet) {
      this.sheet.problems = byQuestion(error.fields);
    }
  }

  private settle(): void {
    clearTimeout(this.retry);
    this.pending = null;
    this.clash = null;
    this.dirty = false;
    this.problem = "";
    this.loggedOut = false;
  }

  private fetchNext(): Promise<Case> {
    return this.api.nextCase(this.wanted, this.passed.slice(-MOST_PASSED));
  }

  private async load(fetch: () => Promise<Case>): Promise<void> {
    this.busy = true;
    try {
      this.show(await fetch());
    } catch (error) {
      this.stop(error);
    } finally {
      this.busy = false;
    }
  }

  private show(of: Case): void {
    const work = workOf(of, this.codebook?.questions ?? []);
    const thread =
      this.reading?.thread.id === of.thread.id ? this.reading.thread : new Thread(work);
    if (this.reading) this.reading.open(thread, work);
    this.reading ??= new Reading(thread, work);
    this.settle();
    this.case = of;
    this.work = work;
    this.revision = of.decision?.revision ?? 0;
    this.sheet = new Draft(of, work, this.codebook?.questions ?? [], () => this.changed());
    this.marking = new Marking(this.sheet, this.reading);
    this.notice = "";
    this.lay(of);
    this.phase = "working";
  }

  /** Everybody's marks over the text; those of an earlier text would lie wrong. */
  private lay(of: Case): void {
    for (const card of this.laid) card.said = [];
    const card = this.reading?.thread.card(of.focus);
    this.laid = card ? [card] : [];
    if (!card) return;
    const fitting = of.answers.filter((one) => one.text_revision === card.comment.text_revision);
    card.said = fitting.flatMap(({ letter, answers }) =>
      Object.values(answers)
        .flatMap(spansIn)
        .map((span): Layer => {
          const name = span.label ? `${letter}: ${this.titleOf(span.label)}` : letter;
          return { kind: "said", start: span.start, end: span.end, name, letter };
        }),
    );
  }

  private titleOf(label: string): string {
    const labels = this.codebook?.questions.flatMap((question) => question.labels) ?? [];
    return labels.find(({ key }) => key === label)?.title ?? label;
  }

  /** No case came. One that is open stays on the screen with the sentence. */
  private stop(error: unknown): void {
    const code = error instanceof ApiError ? error.code : "";
    this.reason = said(error);
    if (code === "nothing_left") this.phase = "finished";
    else if (this.phase === "working" && !this.isDone) this.notice = this.reason;
    else this.phase = "stopped";
  }

  /** The case on the screen was decided or passed over. */
  private get isDone(): boolean {
    const unit = this.case?.unit.id ?? -1;
    return this.decided.includes(unit) || this.passed.includes(unit);
  }
}

function spansIn(answer: Answer): Span[] {
  const parts: unknown[] = Array.isArray(answer) ? answer : [];
  return parts.filter(
    (part): part is Span => typeof part === "object" && part !== null && "quote" in part,
  );
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Nothing waits in the browser here: its own sentence about that would be wrong. */
function offline(error: unknown): string {
  return error instanceof ApiError ? error.message : t("The server cannot be reached.");
}
