import { CampaignApi } from "./campaign";
import { request } from "./client";
import type { components } from "./schema";
import type { Answers, MoreComments, Suggestion } from "./types";

type Schemas = components["schemas"];

/** What one annotator said, under a letter; who that is, is told once the unit is decided. */
export type Lettered = Omit<Schemas["LetteredAnswers"], "answers"> & { answers: Answers };

export type Adjudication = Omit<Schemas["Adjudication"], "answers"> & { answers: Answers };

/** A disputed unit with its thread and all answers. */
export type Case = Omit<Schemas["Case"], "answers" | "decision" | "suggestions"> & {
  answers: Lettered[];
  decision: Adjudication | null;
  suggestions: Suggestion[];
};

export interface Wanted {
  question?: string;
  thread?: number;
}

export type DecisionBody = Omit<Schemas["Decision"], "answers"> & { answers: Answers };

/** The part of the API that one adjudicator of one campaign uses. */
export class AdjudicationApi extends CampaignApi {
  private readonly place: string;

  constructor(api: string, slug: string, codebookUrl: string) {
    super(api, slug, codebookUrl);
    this.place = `${api}campaigns/${slug}/`;
  }

  /** The worst case that nobody else decides, without those that were passed over. */
  nextCase(wanted: Wanted, after: number[]): Promise<Case> {
    return request("POST", `${this.place}adjudication/next/`, { ...wanted, after });
  }

  case(unit: number): Promise<Case> {
    return request("GET", `${this.place}units/${unit}/adjudication/`);
  }

  /** Raises ApiError `revision_conflict` with both versions where somebody decided meanwhile. */
  decide(unit: number, body: DecisionBody): Promise<Adjudication> {
    return request("PUT", `${this.place}units/${unit}/adjudication/`, body);
  }

  override comments(
    unit: number,
    side: "before" | "after",
    position: number,
  ): Promise<MoreComments> {
    const place = `${this.place}units/${unit}/adjudication/comments/`;
    return request("GET", `${place}?${side}=${position}`);
  }
}
