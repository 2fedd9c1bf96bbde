import type {
  Annotation,
  Codebook,
  Comment,
  Label,
  Question,
  SaveBody,
  WorkUnit,
} from "../api/types";

/** Examples for tests: small, and whole in every field. */

export function label(key: string, hotkey: string): Label {
  const title = key.replaceAll("_", " ");
  const definition = `What ${title} means.`;
  return { key, title, definition, example: "", hotkey, value: null, off_scale: false };
}

export function question(key: string, more: Partial<Question> = {}): Question {
  return {
    key,
    kind: "single_label",
    unit: "comment",
    title: `About ${key}?`,
    help: "",
    required: true,
    minimum: null,
    maximum: null,
    step: null,
    depends_on: null,
    labels: [label("no", "1"), label("yes", "2")],
    ...more,
  };
}

/** A claim, its spans (asked after yes), whether it misleads, and why (asked after yes). */
export const QUESTIONS: Question[] = [
  question("claim"),
  question("claim_span", {
    kind: "span",
    required: false,
    depends_on: { question: "claim", any_of: ["yes"] },
    labels: [label("part", "1")],
  }),
  question("misleads"),
  question("reasons", {
    kind: "multi_label",
    depends_on: { question: "misleads", any_of: ["yes"] },
    labels: [label("wrong", "1"), label("old", "2"), label("satire", "3")],
  }),
];

export const CODEBOOK: Codebook = {
  key: "test",
  version: 1,
  title: "A test",
  description: "",
  language: "en",
  citations: [],
  guidelines: "Read.",
  confidence: false,
  guidelines_html: "<h2>Read first</h2><p>Then answer.</p>",
  questions: QUESTIONS,
  translations: {},
};

export function comment(id: number, text: string, more: Partial<Comment> = {}): Comment {
  return {
    id,
    kind: "comment",
    author: `P${id}`,
    reply_to: null,
    reply_basis: "given",
    reply_evidence: "",
    position: id,
    depth: 1,
    status: "visible",
    text,
    text_revision: 1,
    blocks: [],
    posted_at: "2024-03-12T09:10:00Z",
    posted_at_estimated: false,
    score: null,
    relations: [],
    links: [],
    language: "en",
    warnings: [],
    ...more,
  };
}

const ARTICLE = comment(1, "The tram opens in May.", { kind: "article", depth: 0, author: null });

export const COMMENTS: Comment[] = [
  ARTICLE,
  comment(2, "Is that so?", { reply_to: 1 }),
  comment(3, "Yes 👩‍👩‍👧‍👦 it is. “The tram opens in May.”\n\nAnd <b>soon</b>.", {
    reply_to: 2,
    depth: 2,
    reply_basis: "inferred",
    reply_evidence: "It answers the question.",
    relations: [
      {
        kind: "quote",
        start: 20,
        end: 42,
        target: 1,
        target_author: null,
        target_start: 0,
        target_end: 22,
      },
    ],
  }),
  comment(4, "", { reply_to: 1, status: "deleted_by_author" }),
];

export function work(unit: number, more: Partial<WorkUnit> = {}): WorkUnit {
  return {
    unit: { id: unit, order: unit, kind: "comment" },
    campaign: {
      slug: "demo",
      name: "Demo",
      state: "open",
      context: "thread",
      show_article: true,
      show_names: true,
      show_scores: false,
      show_times: true,
    },
    codebook: "/api/v1/codebooks/test/1/",
    thread: { id: 1, title: "A tram", url: "", platform: "news", missing: 0 },
    focus: 3,
    window: { before: 0, after: 0, first: 0, last: 4 },
    suggestions: [],
    comments: COMMENTS,
    assignment: { state: "leased" },
    annotation: null,
    stage: null,
    progress: {
      done: unit - 1,
      skipped: 0,
      left: 4 - unit,
      total: 3,
      today: { units: unit - 1, seconds: 30 },
      pace: null,
    },
    ...more,
  };
}

export function annotation(unit: number, revision: number, body: Partial<SaveBody>): Annotation {
  return {
    id: unit,
    unit,
    source: "human",
    annotator: "A1",
    state: body.state ?? "draft",
    revision,
    text_revision: 1,
    answers: body.answers ?? {},
    note: body.note ?? "",
    flagged: body.flagged ?? false,
    skip_reason: body.skip_reason ?? "",
    harmful: body.harmful ?? false,
    seconds: body.seconds ?? 0,
    confidence: body.confidence ?? null,
    saved_at: "2024-03-12T10:00:00Z",
    submitted_at: null,
  };
}
