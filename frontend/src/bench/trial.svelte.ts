import type { Answer, Answers, Codebook, Comment, Question, WorkUnit } from "../api/types";
import { t } from "../lib/i18n";
import { Marking } from "../stores/marking.svelte";
import { Reading } from "../stores/reading.svelte";
import type { Session } from "../stores/session.svelte";
import { Sheet } from "../stores/sheet.svelte";
import { Thread } from "../stores/thread.svelte";

const FOCUS = 3;

/** A short thread to try the questions on. */
function comments(): Comment[] {
  const said = [
    t("The old bridge is closed until spring. Repairs cost 2 million, the city says."),
    t("Why was nobody asked? It was safe last year."),
    t("The inspectors found cracks in three beams. I would rather walk than fall."),
  ];
  return said.map((text, place) => ({
    id: place + 1,
    kind: place === 0 ? "article" : "comment",
    author: place === 0 ? null : `P${place}`,
    reply_to: place === 0 ? null : place,
    reply_basis: "given",
    reply_evidence: "",
    position: place,
    depth: place,
    status: "visible",
    text,
    text_revision: 1,
    blocks: [],
    posted_at: null,
    posted_at_estimated: false,
    score: null,
    relations: [],
    links: [],
    language: "",
    warnings: [],
  }));
}

function work(kind: "comment" | "thread"): WorkUnit {
  return {
    unit: { id: 1, order: 1, kind },
    campaign: {
      slug: "",
      name: "",
      state: "open",
      context: "thread",
      show_article: true,
      show_names: true,
      show_scores: false,
      show_times: false,
    },
    codebook: "",
    thread: { id: 1, title: "", url: "", platform: "", missing: 0 },
    focus: kind === "comment" ? FOCUS : null,
    window: { before: 0, after: 0, first: 0, last: 2 },
    suggestions: [],
    comments: comments(),
    assignment: { state: "leased" },
    stage: null,
    annotation: null,
    progress: {
      done: 0,
      skipped: 0,
      left: 1,
      total: 1,
      today: { units: 0, seconds: 0 },
      pace: null,
    },
  };
}

/**
 * One unit on which a codebook is tried: what the panel and the keys of the workspace want of a
 * session, and nothing is sent anywhere.
 */
export class Trial {
  readonly phase = "working";
  readonly decision = undefined;
  readonly leaving = false;
  readonly comments = comments();
  codebook = $state.raw() as Codebook;
  kind = $state.raw<"comment" | "thread">("comment");
  sheet = $state.raw() as Sheet;
  reading = $state.raw() as Reading;
  marking = $state.raw() as Marking;
  notice = $state("");

  constructor(codebook: Codebook) {
    this.take(codebook, codebook);
  }

  /** As the parts of the workspace know it. */
  get session(): Session {
    return this as unknown as Session;
  }

  /** What it has questions about. */
  get kinds(): ("comment" | "thread")[] {
    const asked = new Set(this.codebook.questions.map(({ unit }) => unit));
    return (["comment", "thread"] as const).filter((kind) => asked.has(kind));
  }

  /** Dialogs of the workspace are not here. */
  get dialog(): null {
    return null;
  }

  set dialog(_: unknown) {
    this.notice = t("This is there in a campaign.");
  }

  /** The codebook has changed; what was answered stays where it still can be. */
  take(codebook: Codebook, questions: Codebook): void {
    const before = this.sheet as Sheet | undefined;
    this.codebook = codebook;
    if (!this.kinds.includes(this.kind)) this.kind = this.kinds[0] ?? "comment";
    this.begin(before ? stillValid(questions.questions, before.answers) : {}, before?.active);
  }

  show(kind: "comment" | "thread"): void {
    this.kind = kind;
    this.begin();
  }

  /** From the beginning, or with these answers. */
  begin(answers: Answers = {}, active: string | null = null): void {
    const unit = work(this.kind);
    const sheet = new Sheet(unit, this.codebook.questions, () => undefined);
    sheet.answers = answers;
    if (sheet.asked.some(({ key }) => key === active)) sheet.active = active;
    this.reading = new Reading(new Thread(unit), unit);
    this.sheet = sheet;
    this.marking = new Marking(sheet, this.reading);
    this.notice = "";
  }

  submit(): Promise<void> {
    if (this.sheet.missing.length > 0) {
      this.sheet.complain();
      this.notice = t("Not all required questions are answered.");
    } else {
      this.notice = t("All is answered: it would be submitted now.");
    }
    return Promise.resolve();
  }

  undo(): Promise<void> {
    if (!this.sheet.undo()) this.notice = t("There is nothing to undo.");
    return Promise.resolve();
  }

  changed(): void {
    this.notice = "";
  }

  touch(): void {
    /* Nobody measures the time here. */
  }
}

/** The answers whose questions and labels are still there. */
function stillValid(questions: Question[], answers: Answers): Answers {
  const kept: Answers = {};
  for (const question of questions) {
    const answer = answers[question.key];
    if (answer !== undefined && fits(question, answer)) kept[question.key] = answer;
  }
  return kept;
}

function fits(question: Question, answer: Answer): boolean {
  const known = (label: string | null): boolean => question.labels.some(({ key }) => key === label);
  if (typeof answer === "number") return ["rating", "number"].includes(question.kind);
  if (typeof answer === "string") {
    return question.kind === "text" || (question.kind === "single_label" && known(answer));
  }
  return answer.every((part) => {
    if (typeof part === "string") return question.kind === "multi_label" && known(part);
    return question.kind === ("comment" in part ? "relation" : "span") && known(part.label);
  });
}
