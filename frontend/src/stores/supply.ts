import type { CampaignApi } from "../api/campaign";
import type { Have, Progress, Question, WorkUnit } from "../api/types";
import { Ahead } from "./ahead";
import type { Delivery } from "./delivery.svelte";
import type { Entry } from "./outbox";
import type { Thread } from "./thread.svelte";
import { Threads } from "./threads";
import { Visit } from "./visit";

interface Desk {
  questions(): Question[];
  /** The comments on the page, which need not be sent again. */
  have(): Have | null;
  changed(): void;
  progressed(progress: Progress): void;
}

/** Where the units of a visit come from: memory, the units fetched ahead, the server. */
export class Supply {
  private readonly ahead: Ahead;
  private readonly threads = new Threads();
  private readonly visits = new Map<number, Visit>();
  /** Units that were fetched without the comments that their thread had loaded. */
  private readonly partial = new WeakSet<WorkUnit>();

  constructor(
    private readonly api: CampaignApi,
    private readonly delivery: Delivery,
    private readonly desk: Desk,
  ) {
    this.ahead = new Ahead({
      next: (after) => this.fetchNext(after),
      again: (unit) => api.unit(unit),
    });
  }

  /** The next unit of the server, which is mostly here already. */
  async next(): Promise<WorkUnit> {
    const busy = async (): Promise<number[]> => {
      await this.delivery.flush();
      return this.delivery.waiting();
    };
    return (await this.ahead.shift()) ?? (await this.ahead.take(busy));
  }

  /** Fetches ahead of the unit on the screen. */
  fill(here: number | undefined): void {
    const busy = async (): Promise<number[]> => {
      const open = [...this.visits.values()].filter((visit) => visit.state === "draft");
      const units = [...open.map((visit) => visit.unit), ...(await this.delivery.waiting())];
      return here === undefined ? units : [here, ...units];
    };
    void this.ahead.fill(busy);
  }

  close(): void {
    this.ahead.close();
  }

  /** Gives up what was fetched ahead. */
  clear(): void {
    this.ahead.clear();
  }

  /** A unit of before: without a request where this visit knows it and its thread still. */
  async recall(unit: number): Promise<Visit> {
    const known = this.visits.get(unit);
    if (known && (known.work.comments.length > 0 || this.threads.find(known.work))) return known;
    return this.visitTo(await this.api.unit(unit));
  }

  /** What this visit knows of a unit is the newest, unless it was saved elsewhere since. */
  async visitTo(given: WorkUnit): Promise<Visit> {
    const { id } = given.unit;
    const whole = !this.partial.has(given) || this.threads.find(given) !== undefined;
    const work = whole ? given : await this.api.unit(id);
    const known = this.visits.get(id);
    if (!known || known.revision < (work.annotation?.revision ?? 0)) {
      return this.fresh(work, await this.delivery.pending(id));
    }
    known.work = work;
    return known;
  }

  fresh(work: WorkUnit, pending?: Entry): Visit {
    return new Visit(work, this.desk.questions(), () => this.desk.changed(), pending);
  }

  /** The thread of a visit that is shown now; its comments are kept there, not twice. */
  open(visit: Visit): { thread: Thread; work: WorkUnit } {
    const { work } = visit;
    const thread = this.threads.of(work);
    this.visits.set(visit.unit, visit);
    if (thread.open) visit.work = { ...work, comments: [] };
    return { thread, work };
  }

  known(unit: number): Visit | undefined {
    return this.visits.get(unit);
  }

  /** The server's answers count, not the ones of this visit. */
  forget(unit: number): void {
    this.visits.delete(unit);
  }

  private async fetchNext(after: number[]): Promise<WorkUnit> {
    const have = this.desk.have();
    const work = await this.api.next(after, have);
    this.desk.progressed(work.progress);
    if (have?.thread === work.thread.id) this.partial.add(work);
    return work;
  }
}
