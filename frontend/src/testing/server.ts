import type { Annotation, Codebook, MoreComments, SaveBody, Saved, WorkUnit } from "../api/types";
import { annotation, CODEBOOK, work } from "./examples";

type Way = "open" | "down" | "logged out" | "answer lost";

interface Asked {
  after: number[];
  have?: unknown;
}

/** The network is what tests replace: this keeps the API's contract in memory. */
export class Server {
  way: Way = "open";
  readonly saved = new Map<number, Annotation>();
  readonly bodies: SaveBody[] = [];
  /** What next/ was asked. */
  readonly asked: Asked[] = [];
  codebook: Codebook = CODEBOOK;
  password = "harbour";
  /** A reason why no further unit is given. */
  enough = "";
  more: (side: string, position: number) => MoreComments = () => ({
    comments: [],
    before: 0,
    after: 0,
  });
  /** Told after each submitted unit, as in a training, where none is given ahead. */
  feedback: Saved["feedback"] = null;
  /** Sentences for the next saves of drafts, by field: they are refused while there are any. */
  refuses: Record<string, string[]> | null = null;
  /** Answers what is not about units; null leaves the request to this server. */
  beside: (url: string, options: RequestInit) => Response | null = () => null;
  private readonly done = new Set<string>();

  constructor(
    readonly units = 3,
    private readonly shape: (unit: number) => WorkUnit = work,
  ) {
    globalThis.fetch = (url, options) => this.answer(String(url), options ?? {});
  }

  /** Another tab saved in the meantime. */
  saveElsewhere(unit: number, answers: Annotation["answers"]): void {
    const revision = (this.saved.get(unit)?.revision ?? 0) + 1;
    this.saved.set(unit, annotation(unit, revision, { answers }));
  }

  private async answer(url: string, options: RequestInit): Promise<Response> {
    if (this.way === "down") throw new TypeError("network");
    if (url === "/login/") return this.logIn(options);
    if (this.way === "logged out")
      return refusal(403, "not_authenticated", "You are not logged in.");
    const response = this.route(url, options);
    if (this.way === "answer lost") throw new TypeError("network");
    return response;
  }

  private route(url: string, options: RequestInit): Response {
    const beside = this.beside(url, options);
    if (beside) return beside;
    const unit = Number(/units\/(\d+)\//.exec(url)?.[1]);
    if (url.includes("/codebooks/")) return Response.json(this.codebook);
    if (url.endsWith("/next/")) return this.next(JSON.parse(String(options.body)) as Asked);
    if (url.endsWith("/me/")) return Response.json({ username: "ann" });
    if (url.includes("/comments/?")) return this.comments(url);
    if (url.includes("/history/")) return this.history();
    if (options.method !== "PUT") return Response.json(this.unit(unit));
    return this.save(unit, JSON.parse(String(options.body)) as SaveBody);
  }

  private unit(unit: number): WorkUnit {
    return { ...this.shape(unit), annotation: this.saved.get(unit) ?? null };
  }

  /** The site's own log-in page: a form, and the same form again with what is wrong. */
  private logIn({ method, body }: RequestInit): Response {
    const right = new URLSearchParams(String(body)).get("password") === this.password;
    if (method === "POST" && right) this.way = "open";
    const problem = '<ul class="errorlist"><li>Please enter a correct password.</li></ul>';
    const form = '<input name="csrfmiddlewaretoken" value="x"><input name="password">';
    return new Response(method === "POST" ? problem + form : form);
  }

  private comments(url: string): Response {
    const [, side = "", position] = /\?(before|after)=(\d+)/.exec(url) ?? [];
    return Response.json(this.more(side, Number(position)));
  }

  private next(asked: Asked): Response {
    this.asked.push(asked);
    if (this.enough) return refusal(409, "enough_for_today", this.enough);
    if (this.feedback && asked.after.length > 0)
      return refusal(409, "conflict", "Submit this one first.");
    for (let unit = 1; unit <= this.units; unit += 1) {
      const state = this.saved.get(unit)?.state ?? "draft";
      if (state === "draft" && !asked.after.includes(unit)) return Response.json(this.unit(unit));
    }
    return refusal(409, "nothing_left", "There is no comment left for you.");
  }

  private history(): Response {
    const results = [...this.saved.values()].reverse().map((row) => ({
      unit: row.unit,
      order: row.unit,
      thread_title: "A tram",
      excerpt: `Comment ${row.unit}`,
      warnings: [],
      state: row.state,
      flagged: row.flagged,
      saved_at: row.saved_at,
    }));
    return Response.json({ next: null, previous: null, results });
  }

  private save(unit: number, body: SaveBody): Response {
    const current = this.saved.get(unit);
    if (!this.done.has(body.save_id)) {
      if (this.refuses)
        return refusal(400, "invalid_answers", "Not valid.", { fields: this.refuses });
      if (body.revision !== (current?.revision ?? 0)) {
        const more = { current, offered: body };
        return refusal(409, "revision_conflict", "These answers were changed elsewhere.", more);
      }
      this.done.add(body.save_id);
      this.bodies.push(body);
      const said = body.aside ? (current as Annotation) : body;
      this.saved.set(unit, annotation(unit, body.revision + 1, said as Partial<SaveBody>));
    }
    const progress = { done: 1, skipped: 0, left: 2, total: 3 };
    const feedback = body.state === "submitted" ? this.feedback : null;
    return Response.json({ annotation: this.saved.get(unit), progress, feedback });
  }
}

function refusal(status: number, code: string, message: string, more: object = {}): Response {
  return Response.json({ code, message, fields: {}, ...more }, { status });
}
