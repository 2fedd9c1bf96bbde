import { request } from "./client";
import type {
  Codebook,
  Have,
  MoreComments,
  Page,
  PastUnit,
  SaveBody,
  Saved,
  WorkUnit,
} from "./types";

/** The part of the API that one annotator of one campaign uses. */
export class CampaignApi {
  private readonly root: string;

  constructor(
    api: string,
    readonly slug: string,
    private readonly codebookUrl: string,
  ) {
    this.root = `${api}campaigns/${slug}/`;
  }

  codebook(): Promise<Codebook> {
    return request("GET", this.codebookUrl);
  }

  /**
   * The first unit that is held and not in `after`, else a new one. Raises ApiError
   * `nothing_left`, `enough_for_today`, `conflict`.
   */
  next(after: number[] = [], have: Have | null = null): Promise<WorkUnit> {
    return request("POST", `${this.root}next/`, have ? { after, have } : { after });
  }

  unit(id: number): Promise<WorkUnit> {
    return request("GET", `${this.root}units/${id}/`);
  }

  /** Comments of the unit's thread on one side of a position, which is not among them. */
  comments(unit: number, side: "before" | "after", position: number): Promise<MoreComments> {
    return request("GET", `${this.root}units/${unit}/comments/?${side}=${position}`);
  }

  save(unit: number, body: SaveBody): Promise<Saved> {
    return request("PUT", `${this.root}units/${unit}/annotation/`, body);
  }

  /** Own units, latest first; `url` is the `next` of an earlier page. */
  history(url: string | null = null): Promise<Page<PastUnit>> {
    return request("GET", url === null ? `${this.root}history/` : local(url));
  }
}

/** Without scheme and host: behind a proxy the server may name itself differently. */
export function local(url: string): string {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}
