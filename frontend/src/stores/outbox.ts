import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { SaveBody } from "../api/types";

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

interface Schema extends DBSchema {
  saves: { key: number; value: Entry };
}

/** The queue in IndexedDB: what is in it survives a closed tab and a dead battery. */
export class Outbox {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  /** Raises the browser's DOMException where it allows no storage. */
  static async open(name = "threadmark"): Promise<Outbox> {
    const db = await openDB<Schema>(name, 1, {
      upgrade: (fresh) =>
        fresh.createObjectStore("saves", { keyPath: "place", autoIncrement: true }),
    });
    return new Outbox(db);
  }

  /**
   * Keeps an entry; drafts of the same unit and tab that were never sent give way to it. The entry
   * goes first and by itself: a page that is being closed may not live to see an answer.
   */
  async add(entry: Entry): Promise<void> {
    const adding = this.db.transaction("saves", "readwrite");
    const added = adding.store.add(entry);
    adding.commit();
    await adding.done;
    await this.tidy(entry, await added);
  }

  private async tidy(entry: Entry, newest: number): Promise<void> {
    const transaction = this.db.transaction("saves", "readwrite");
    for (const old of (await transaction.store.getAll()) as Kept[]) {
      const sameChain = isSameUnit(old, entry) && old.owner === entry.owner;
      const unsent = !old.attempted && old.body.state === "draft";
      if (sameChain && unsent && old.place < newest) await transaction.store.delete(old.place);
    }
    await transaction.done;
  }

  /** The entries of one user in one campaign, oldest first. */
  async list(user: string, campaign: string): Promise<Kept[]> {
    const all = (await this.db.getAll("saves")) as Kept[];
    return all.filter((entry) => entry.user === user && entry.campaign === campaign);
  }

  async put(entry: Kept): Promise<void> {
    await this.db.put("saves", entry);
  }

  async remove(place: number): Promise<void> {
    await this.db.delete("saves", place);
  }

  /** The server has it: out it goes, and what this tab built on it is based on `revision` now. */
  async acknowledge(entry: Kept, revision: number): Promise<void> {
    const transaction = this.db.transaction("saves", "readwrite");
    await transaction.store.delete(entry.place);
    for (const later of (await transaction.store.getAll()) as Kept[]) {
      if (isSameUnit(later, entry) && later.owner === entry.owner && !later.attempted) {
        const body = { ...later.body, revision: Math.max(later.body.revision, revision) };
        await transaction.store.put({ ...later, body });
      }
    }
    await transaction.done;
  }
}

function isSameUnit(a: Entry, b: Entry): boolean {
  return a.user === b.user && a.campaign === b.campaign && a.unit === b.unit;
}
