import type { Case, DecisionBody, Lettered } from "../api/adjudication";
import type { Answers } from "../api/types";
import { CODEBOOK, COMMENTS, work } from "./examples";
import { surroundings } from "./workplace";

const QUOTE = "it is";

export function lettered(letter: string, answers: Answers, more: Partial<Lettered> = {}): Lettered {
  const said = { note: "", flagged: false, confidence: null, text_revision: 1 };
  return { letter, answers, ...said, annotator: null, user: null, changed: false, ...more };
}

const SPAN = { start: 14, end: 19, quote: QUOTE, label: "part" };

export function aCase(unit: number, more: Partial<Case> = {}): Case {
  const { assignment, annotation, progress, ...rest } = work(unit, { comments: COMMENTS });
  void [assignment, annotation, progress];
  return {
    ...rest,
    answers: [
      lettered("A", { claim: "yes", claim_span: [SPAN], misleads: "no" }, { note: "Irony?" }),
      lettered("B", { claim: "no", misleads: "no" }),
    ],
    shares: { claim: 1 },
    decision: null,
    decided_by_user: null,
    decided_at: null,
    held_until: null,
    labeled_by_you: false,
    changed: false,
    left: 4 - unit,
    ...more,
  };
}

/** The API of the bench in memory: three cases, given in order. */
export class Docket {
  down = false;
  /** The server takes what is sent, and its answer does not arrive. */
  lost = false;
  /** Another adjudicator decided the unit before this one did. */
  taken: number | null = null;
  /** The codebook's version that the campaign goes on with. */
  version = CODEBOOK.version;
  readonly saved = new Map<number, DecisionBody>();
  readonly bodies: DecisionBody[] = [];
  readonly asked: { after: number[] }[] = [];

  constructor(private readonly shape: (unit: number) => Case = aCase) {
    globalThis.fetch = (url, options) => this.answer(String(url), options ?? {});
  }

  private async answer(url: string, options: RequestInit): Promise<Response> {
    if (this.down) throw new TypeError("network");
    if (url.includes("/codebooks/")) return Response.json(CODEBOOK);
    if (url.endsWith("/workplace/")) return Response.json(surroundings());
    if (url.endsWith("/next/")) return this.next(JSON.parse(String(options.body)) as never);
    if (url.includes("/comments/?")) return Response.json({ comments: [], before: 0, after: 0 });
    const unit = Number(/units\/(\d+)\//.exec(url)?.[1]);
    if (options.method === "PUT") {
      const saved = this.save(unit, JSON.parse(String(options.body)) as never);
      if (this.lost) throw new TypeError("network");
      return saved;
    }
    return Response.json(this.case(unit));
  }

  private case(unit: number): Case {
    const body = this.saved.get(unit);
    return { ...this.shape(unit), ...(body ? { decision: decisionOf(unit, body) } : {}) };
  }

  private next(asked: { after: number[] }): Response {
    this.asked.push(asked);
    const free = [1, 2, 3].find((unit) => !asked.after.includes(unit) && !this.saved.has(unit));
    if (free === undefined) return refusal(409, "nothing_left", "Nothing is left.");
    return Response.json(this.case(free));
  }

  private save(unit: number, body: DecisionBody): Response {
    this.bodies.push(body);
    const known = this.saved.get(unit);
    if (known?.save_id === body.save_id) return Response.json(decisionOf(unit, known));
    if (this.taken === unit && body.revision === 0) {
      const theirs = { save_id: "", revision: 0, reason: "Mine.", answers: { claim: "yes" } };
      const current = decisionOf(unit, theirs);
      return refusal(409, "revision_conflict", "Somebody decided it.", { current });
    }
    if (body.codebook_version !== this.version)
      return refusal(409, "conflict", `The campaign went on with version ${this.version}.`);
    this.saved.set(unit, body);
    return Response.json(decisionOf(unit, body));
  }
}

function decisionOf(unit: number, body: DecisionBody): NonNullable<Case["decision"]> {
  return {
    id: unit,
    unit,
    source: "adjudication",
    annotator: "A9",
    state: "submitted",
    revision: body.revision + 1,
    text_revision: 1,
    answers: body.answers,
    note: "",
    flagged: false,
    confidence: null,
    skip_reason: "",
    seconds: 0,
    saved_at: "2024-03-12T10:00:00Z",
    submitted_at: "2024-03-12T10:00:00Z",
    reason: body.reason ?? "",
    rule: "",
  };
}

function refusal(status: number, code: string, message: string, more: object = {}): Response {
  return Response.json({ code, message, fields: {}, ...more }, { status });
}
