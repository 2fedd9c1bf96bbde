import type { Case } from "../api/adjudication";
import type { Answers, Question, WorkUnit } from "../api/types";
import { agreedOf } from "../lib/agreement";
import { Sheet } from "./sheet.svelte";

/** The decision on one case while it is on the screen. */
export class Draft extends Sheet {
  reason = $state("");
  /** The question whose answers are gone through, and the one that came last. */
  private cursor: { key: string | null; place: number } = { key: null, place: -1 };

  constructor(
    readonly of: Case,
    work: WorkUnit,
    questions: Question[],
    changed: () => void,
  ) {
    super(work, questions, changed);
    this.reason = of.decision?.rule ? "" : (of.decision?.reason ?? "");
  }

  /** One annotator's whole answers; one undo takes them back. */
  takeAll(answers: Answers): void {
    this.past.push({ answers: this.answers, active: this.active });
    this.answers = answers;
    this.problems = {};
    const here = this.asked.find((question) => question.key === this.active);
    this.activate((here ?? this.nextOpen() ?? this.asked.at(-1))?.key ?? null);
    this.changed();
  }

  /** The next annotator's answer to the active question, from the one that stands there on. */
  cycle(by: number): string | null {
    const key = this.active;
    const given = this.of.answers.filter(({ answers }) => key !== null && key in answers);
    if (key === null || given.length === 0) return null;
    const at = this.cursor.key === key ? this.cursor.place : by > 0 ? -1 : 0;
    const place = (at + by + given.length) % given.length;
    this.cursor = { key, place };
    this.answer(key, given[place]?.answers[key]);
    return given[place]?.letter ?? null;
  }
}

/** The case in the shape of a unit: what stands already is the decision, or what all agree on. */
export function workOf(of: Case, questions: Question[]): WorkUnit {
  const { answers, decision, shares, changed, left, ...rest } = of;
  void [shares, changed, left];
  const here = questions.filter((question) => question.unit === of.unit.kind);
  const agreed = decision ?? { answers: agreedOf(here, answers), revision: 0 };
  return {
    ...rest,
    unit: { ...of.unit, order: 0 },
    assignment: { state: "leased" },
    stage: null,
    progress: NO_PROGRESS,
    annotation: {
      id: 0,
      unit: of.unit.id,
      source: "adjudication",
      annotator: null,
      state: decision ? "submitted" : "draft",
      revision: agreed.revision,
      text_revision: null,
      answers: agreed.answers,
      note: "",
      flagged: false,
      confidence: null,
      skip_reason: "",
      harmful: false,
      seconds: 0,
      saved_at: decision?.saved_at ?? "",
      submitted_at: null,
    },
  };
}

const NO_PROGRESS: WorkUnit["progress"] = {
  done: 0,
  skipped: 0,
  left: 0,
  total: 0,
  today: { units: 0, seconds: 0 },
  pace: null,
};
