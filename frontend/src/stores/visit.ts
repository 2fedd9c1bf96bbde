import type { AnnotationState, Question, SaveBody, WorkUnit } from "../api/types";
import { Activity } from "../lib/activity";
import { uuid } from "../lib/uuid";
import type { Entry } from "./outbox";
import type { Reading } from "./reading.svelte";
import { Sheet } from "./sheet.svelte";

/** A unit of this visit to the page, with its answers and all that can be undone. */
export class Visit {
  readonly sheet: Sheet;
  readonly activity: Activity;
  revision: number;
  state: AnnotationState;

  /** `pending`: a save that the server does not have yet; it is the newer one. */
  constructor(
    public work: WorkUnit,
    questions: Question[],
    changed: () => void,
    pending?: Entry,
  ) {
    const shown = pending ? { ...work, annotation: overlaid(work, pending.body) } : work;
    this.revision = pending?.body.revision ?? work.annotation?.revision ?? 0;
    this.state = shown.annotation?.state ?? "draft";
    this.activity = new Activity(shown.annotation?.seconds ?? 0);
    this.sheet = new Sheet(shown, questions, changed);
  }

  get unit(): number {
    return this.work.unit.id;
  }

  /** What was submitted and is still whole stays submitted when it is changed. */
  get stateNow(): AnnotationState {
    return this.state === "submitted" && this.sheet.missing.length === 0 ? "submitted" : "draft";
  }

  /** A save as it is sent; `confidence` goes with it where it was asked for or given. */
  body(state: AnnotationState, revision: number, reading: Reading, reason = ""): SaveBody {
    const { sheet } = this;
    return {
      save_id: uuid(),
      revision,
      state,
      answers: sheet.sendable,
      text_revision: reading.textRevision,
      note: sheet.note,
      flagged: sheet.flagged,
      skip_reason: reason,
      seconds: this.activity.seconds(Date.now()),
      context: { ...reading.context(), suggestions: sheet.taken },
      ...(sheet.confidence === null ? {} : { confidence: sheet.confidence }),
    };
  }
}

function overlaid(work: WorkUnit, body: SaveBody): WorkUnit["annotation"] {
  const now = new Date().toISOString();
  const base = work.annotation ?? {
    id: 0,
    unit: work.unit.id,
    source: "human",
    annotator: null,
    text_revision: null,
    saved_at: now,
    submitted_at: null,
  };
  const { revision, state, answers, note, flagged, skip_reason, seconds } = body;
  const { confidence = null, harmful = false } = body;
  const said = { revision, state, answers, note, flagged, skip_reason, seconds };
  return { ...base, ...said, confidence, harmful };
}
