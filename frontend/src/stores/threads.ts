import type { WorkUnit } from "../api/types";
import { showsAll, Thread } from "./thread.svelte";

/** So many threads are kept in memory: going back and forth between units needs no server. */
const KEPT = 5;

/** The threads of this visit, the latest last. */
export class Threads {
  private kept: Thread[] = [];

  /** The thread of a unit, as it was left or new. */
  of(work: WorkUnit): Thread {
    const thread = this.find(work) ?? new Thread(work);
    this.kept = [...this.kept.filter((other) => other !== thread), thread].slice(-KEPT);
    return thread;
  }

  find(work: WorkUnit): Thread | undefined {
    const open = showsAll(work);
    return this.kept.find((thread) => thread.id === work.thread.id && thread.open === open);
  }
}
