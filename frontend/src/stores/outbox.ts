import type { SaveBody } from "../api/types";
import { answerOf, done, openDatabase } from "../lib/database";

/** A save that the server has not acknowledged yet. */
export interface Entry {
  /** Order of making; given by the outbox. */
  place?: number;
  user: string;
  campaign: string;
  unit: number;
  /** The tab that made it: only entries of one tab replace each other. */
  owner: string;
  /** It was sent at least once, so the server may have it: it must be repeated, not replaced. */
  attempted: boolean;
  body: SaveBody;
}

export type Kept = Entry & { place: number };

const STORE = "saves";

/** The queue in IndexedDB: what is in it survives a closed tab and a dead battery. */
export class Outbox {
  private constructor(private readonly db: IDBDatabase) {}

  /** Raises the browser's DOMException where it allows no storage. */
  static async open(name = "threadmark"): Promise<Outbox> {
    return new Outbox(await openDatabase(name, STORE));
  }

  /**
   * Keeps an entry; drafts of the same unit and tab that were never sent give way to it. The entry
   * goes first and by itself: a page that is being closed may not live to see an answer.
   */
  async add(entry: Entry): Promise<void> {
    let newest = 0;
    await this.change(async (store) => {
      const added = answerOf(store.add(entry));
      store.transaction.commit();
      newest = Number(await added);
    });
    await this.tidy(entry, newest);
  }

  private async tidy(entry: Entry, newest: number): Promise<void> {
    await this.change(async (store) => {
      for (const old of await all(store)) {
        const sameChain = isSameUnit(old, entry) && old.owner === entry.owner;
        const unsent = !old.attempted && old.body.state === "draft";
        if (sameChain && unsent && old.place < newest) store.delete(old.place);
      }
    });
  }

  /** The entries of one user in one campaign, oldest first. */
  async list(user: string, campaign: string): Promise<Kept[]> {
    const kept = await all(this.db.transaction(STORE).objectStore(STORE));
    return kept.filter((entry) => entry.user === user && entry.campaign === campaign);
  }

  async put(entry: Kept): Promise<void> {
    await this.change((store) => store.put(entry));
  }

  async remove(place: number): Promise<void> {
    await this.change((store) => store.delete(place));
  }

  /** The server has it: out it goes, and what this tab built on it is based on `revision` now. */
  async acknowledge(entry: Kept, revision: number): Promise<void> {
    await this.change(async (store) => {
      store.delete(entry.place);
      for (const later of await all(store)) {
        if (isSameUnit(later, entry) && later.owner === entry.owner && !later.attempted) {
          const body = { ...later.body, revision: Math.max(later.body.revision, revision) };
          store.put({ ...later, body });
        }
      }
    });
  }

  /** All of it is on the disk in the end, or nothing. */
  private async change(act: (store: IDBObjectStore) => unknown): Promise<void> {
    const transaction = this.db.transaction(STORE, "readwrite");
    const whole = done(transaction);
    await Promise.all([whole, act(transaction.objectStore(STORE))]);
  }
}

function all(store: IDBObjectStore): Promise<Kept[]> {
  return answerOf(store.getAll() as IDBRequest<Kept[]>);
}

function isSameUnit(a: Entry, b: Entry): boolean {
  return a.user === b.user && a.campaign === b.campaign && a.unit === b.unit;
}
