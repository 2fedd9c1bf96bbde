/**
 * The objects of /api/v1/ that the front end reads and writes, by the words that it uses.
 *
 * schema.d.ts is made from the API's document by `make schema`. Said more exactly here is only
 * what OpenAPI leaves open: the answers, and what this page puts into a save's context.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type QuestionKind = Schemas["QuestionKind"];
export type Label = Schemas["Label"];
export type Question = Schemas["Question"];
export type Codebook = Omit<Schemas["Codebook"], "licence" | "sha256" | "created_at">;
export type Block = Omit<Schemas["Block"], "gap_before">;
export type Relation = Schemas["Relation"];
export type Comment = Schemas["WorkComment"];
export type AnnotationState = Schemas["AnnotationState"];
export type Progress = Schemas["Progress"];
export type PastUnit = Schemas["PastUnit"];

/** `start` and `end` count code points of the comment's text, end-exclusive. */
export interface Span {
  start: number;
  end: number;
  quote: string;
  label: string | null;
}

export interface RelationAnswer {
  comment: number;
  label: string | null;
}

export type Answer = string | string[] | number | Span[] | RelationAnswer[];

/** By question key; a question that was not answered is absent. */
export type Answers = Record<string, Answer>;

/** How sure the annotator is: 1 unsure, 2 fairly sure, 3 sure. */
export type Confidence = 1 | 2 | 3;

/** `text_revision` is null until the server has seen the annotation. */
export type Annotation = Omit<
  Schemas["OwnAnnotation"],
  "answers" | "text_revision" | "confidence"
> & {
  answers: Answers;
  text_revision: number | null;
  confidence: Confidence | null;
};

/** A model's answers, shown only where the campaign says so. */
export interface Suggestion {
  id: number;
  model: string;
  answers: Answers;
}

/** Positions, both inclusive. */
export interface Stretch {
  first: number;
  last: number;
}

/** Which comments were sent without a gap, and how many allowed ones lie beyond. */
export type Window = Schemas["Window"];

export type WorkUnit = Omit<Schemas["WorkUnit"], "annotation" | "suggestions"> & {
  annotation: Annotation | null;
  suggestions: Suggestion[];
};

/** What the page has already: the server need not send these comments again. */
export type Have = Stretch & { thread: number };

/** Comments next to those that are loaded, and how many lie beyond them. */
export interface MoreComments {
  comments: Comment[];
  before: number;
  after: number;
}

/** What was on the screen while the answers were given. */
export interface ShownContext {
  policy: string;
  comments: number[];
  /** Covered ones that were opened. */
  opened: number[];
  article_open: boolean;
  zoomed: boolean;
  /** The ids of the suggestions shown, and the questions whose answer was taken from one. */
  suggestions: { shown: number[]; accepted: string[] };
}

/** The optional fields are sent where they say something. */
export type SaveBody = Omit<
  Schemas["Save"],
  "answers" | "context" | "text_revision" | "confidence" | "aside" | "harmful"
> & {
  answers: Answers;
  text_revision: number | null;
  context: ShownContext;
  confidence?: Confidence | null;
  /** Kept as a revision beside the present answers. */
  aside?: boolean;
  /** Only with a skip. */
  harmful?: boolean;
};

export type Saved = Omit<Schemas["Saved"], "annotation"> & { annotation: Annotation };

export interface Page<Row> {
  next: string | null;
  previous: string | null;
  results: Row[];
}

/** A long job, an import or an export, as far as its progress is concerned. */
export type Job = Pick<
  Schemas["Export"] & Schemas["Import"],
  "id" | "state" | "done" | "total" | "measure" | "error" | "worker_alive" | "finished"
>;
