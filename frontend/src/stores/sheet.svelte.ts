import { t } from "../lib/i18n";
import type {
  Answer,
  Answers,
  Confidence,
  Question,
  Span,
  Suggestion,
  WorkUnit,
} from "../api/types";
import { answered, asked, missing, sendable } from "../lib/answers";
import type { Problems } from "../lib/problems";

/** The answers to one unit while it is on the screen, and the question that takes the keys. */
export class Sheet {
  readonly questions: Question[];
  /** What models said, where the campaign shows it. */
  readonly suggestions: Suggestion[];
  /** It was submitted before: answering does not send it off by itself, Enter does. */
  reopened = $state(false);
  answers = $state.raw<Answers>({});
  note = $state("");
  flagged = $state(false);
  confidence = $state<Confidence | null>(null);
  active = $state<string | null>(null);
  /** The question whose field asks for the browser's focus; it clears this when it has it. */
  wantsFocus = $state<string | null>(null);
  problems = $state.raw<Problems>({});

  readonly asked = $derived.by(() => asked(this.questions, this.answers));
  readonly missing = $derived.by(() => missing(this.questions, this.answers));

  /** The questions whose answer was taken from a suggestion. */
  private accepted = new Map<string, Answer>();
  private passed = new Set<string>();
  protected past: { answers: Answers; active: string | null }[] = [];

  constructor(
    work: WorkUnit,
    questions: Question[],
    protected readonly changed: () => void,
  ) {
    this.questions = questions.filter((question) => question.unit === work.unit.kind);
    const annotation = work.annotation;
    this.reopened = annotation !== null && annotation.state !== "draft";
    this.suggestions = work.suggestions;
    this.confidence = annotation?.confidence ?? null;
    this.answers = annotation?.answers ?? {};
    this.note = annotation?.note ?? "";
    this.flagged = annotation?.flagged ?? false;
    this.active = (this.nextOpen() ?? this.asked.at(-1))?.key ?? null;
  }

  get activeQuestion(): Question | undefined {
    return this.asked.find((question) => question.key === this.active);
  }

  get sendable(): Answers {
    return sendable(this.questions, this.answers);
  }

  /** Takes an answer (undefined takes it back) and tells whoever saves. */
  answer(key: string, value: Answer | undefined): void {
    this.past.push({ answers: this.answers, active: this.active });
    const rest = Object.fromEntries(
      Object.entries(this.answers).filter(([other]) => other !== key),
    );
    this.answers = value === undefined ? rest : { ...rest, [key]: value };
    this.problems = { ...this.problems, [key]: [] };
    this.changed();
  }

  /** Adds a span; the same stretch twice with one label is one span. */
  addSpan(key: string, span: Span): void {
    const before = (this.answers[key] ?? []) as Span[];
    const same = (other: Span): boolean =>
      other.start === span.start && other.end === span.end && other.label === span.label;
    if (before.some(same)) return;
    const after = [...before, span].sort((a, b) => a.start - b.start || a.end - b.end);
    this.answer(key, after);
  }

  /** The first suggestion for a question. */
  suggested(key: string): Suggestion | undefined {
    return this.suggestions.find((suggestion) => answered(suggestion.answers, key));
  }

  /** Takes a model's answer over; false where there is none. */
  accept(key: string, suggestion = this.suggested(key)): boolean {
    const answer = suggestion?.answers[key];
    if (answer === undefined) return false;
    this.accepted.set(key, answer);
    this.answer(key, answer);
    return true;
  }

  /** Takes over what is suggested for open questions, also for those asked because of it. */
  acceptAll(): boolean {
    const open = this.asked.find((q) => !answered(this.answers, q.key) && this.suggested(q.key));
    if (!open) return false;
    this.accept(open.key);
    this.acceptAll();
    return true;
  }

  /** What was shown of models, and which answers are theirs still. */
  get taken(): { shown: number[]; accepted: string[] } {
    const kept = [...this.accepted].filter(([key, answer]) => this.answers[key] === answer);
    return {
      shown: this.suggestions.map((suggestion) => suggestion.id),
      accepted: kept.map(([key]) => key),
    };
  }

  /** How sure the person is; the same once more takes it back. */
  rate(confidence: Confidence): void {
    this.confidence = this.confidence === confidence ? null : confidence;
    this.changed();
  }

  /**
   * Takes the last change back; false where there is none in this visit. Where that leaves an
   * answer missing, the next answer submits again.
   */
  undo(): boolean {
    const before = this.past.pop();
    if (!before) return false;
    this.answers = before.answers;
    if (this.missing.length > 0) this.reopened = false;
    this.activate(before.active);
    this.changed();
    return true;
  }

  /** Gives the keys to a question. An optional one that is left counts as passed over. */
  activate(key: string | null, focus = true): void {
    const left = this.activeQuestion;
    if (left && left.key !== key) this.pass(left);
    this.active = key;
    if (focus) this.wantsFocus = key;
  }

  step(by: number): void {
    const place = this.asked.findIndex((question) => question.key === this.active);
    const wanted = Math.min(Math.max(place + by, 0), this.asked.length - 1);
    this.activate(this.asked[wanted]?.key ?? null);
  }

  /** The first question without an answer that was not passed over, from the active one on. */
  nextOpen(): Question | undefined {
    const open = (q: Question): boolean =>
      !answered(this.answers, q.key) && !this.passed.has(q.key);
    const place = this.asked.findIndex((question) => question.key === this.active);
    return this.asked.slice(place + 1).find(open) ?? this.asked.find(open);
  }

  /** Leaves an optional question without an answer. */
  pass(question: Question): void {
    if (!question.required) this.passed.add(question.key);
  }

  /** Says at each missing question that it needs an answer, and goes to the first. */
  complain(): void {
    const sentences = this.missing.map((q) => [q.key, [t("This question needs an answer.")]]);
    this.problems = { ...this.problems, ...Object.fromEntries(sentences) };
    this.activate(this.missing[0]?.key ?? this.active);
  }
}
