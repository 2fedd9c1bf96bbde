import { local } from "./campaign";
import { request } from "./client";
import type { AnnotationState, Page, PastUnit } from "./types";

/** A kind of content that a comment can carry a warning of. */
export interface Category {
  key: string;
  title: string;
  description: string;
}

/** An addition to the guidelines by those who run the campaign. */
export interface Ruling {
  id: number;
  text_html: string;
  created_at: string;
}

export interface Today {
  units: number;
  seconds: number;
  /** How many comments with a warning of each category were given today. */
  warned: Record<string, number>;
  /** Why no more is given today, as a sentence. */
  enough: string | null;
}

export interface Choices {
  /** Single-key shortcuts can be switched off (WCAG 2.1.4). */
  shortcuts: boolean;
  keys: Record<string, string>;
  theme: "system" | "light" | "dark" | "contrast";
  text_size: "small" | "normal" | "large" | "largest";
  calm: boolean;
  width: "narrow" | "wide";
  language: "" | "en" | "de" | "ar";
}

/** What surrounds the labeling of one annotator in one campaign; asked once. */
export interface Surroundings {
  campaign: {
    slug: string;
    name: string;
    state: string;
    show_suggestions: boolean;
    cover_content: boolean;
    support_text_html: string;
    /** 0 for no reminder. */
    break_minutes: number;
    daily_units: number | null;
    daily_warned: number | null;
  };
  codebook: string;
  categories: Category[];
  /** Keys of the categories that this person is never given. */
  avoided: string[];
  /** Newest first. */
  rulings: Ruling[];
  rulings_seen: number | null;
  codebook_seen: boolean;
  today: Today;
  preferences: Choices;
}

export interface HistoryFilter {
  search: string;
  state: AnnotationState | "";
  flagged: boolean;
}

/** The part of the API that is about the annotator and not about a unit. */
export class WorkplaceApi {
  private readonly root: string;

  constructor(
    private readonly api: string,
    slug: string,
  ) {
    this.root = `${api}campaigns/${slug}/`;
  }

  surroundings(): Promise<Surroundings> {
    return request("GET", `${this.root}workplace/`);
  }

  /** The codebook's version and the rulings up to this one were seen. */
  async see(ruling: number | null): Promise<void> {
    await request("POST", `${this.root}guidelines/seen/`, { ruling });
  }

  /** Stop for today: what is held without a draft is given back. */
  stop(): Promise<{ released: number; today: Today }> {
    return request("POST", `${this.root}stop/`);
  }

  avoid(categories: string[]): Promise<{ categories: string[] }> {
    return request("PUT", `${this.api}me/avoided/`, { categories });
  }

  choose(choices: Choices): Promise<Choices> {
    return request("PUT", `${this.api}me/preferences/`, choices);
  }

  /** Own units, latest first. */
  history({ search, state, flagged }: HistoryFilter): Promise<Page<PastUnit>> {
    const query = new URLSearchParams();
    if (search) query.set("search", search);
    if (state) query.set("state", state);
    if (flagged) query.set("flagged", "true");
    return request("GET", `${this.root}history/?${query}`);
  }

  /** The page after one of the history; `url` is its `next`. */
  older(url: string): Promise<Page<PastUnit>> {
    return request("GET", local(url));
  }
}
