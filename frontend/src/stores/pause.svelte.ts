import { Activity } from "../lib/activity";

/** Who was away so long has had a break, in milliseconds. */
const AWAY = 5 * 60_000;

interface Kept {
  seconds: number;
  at: number;
}

/** Counts the active time since the last break, over units and reloads of the page. */
export class Pause {
  /** It is time for a break. */
  due = $state(false);

  private activity: Activity;
  private last: number;

  constructor(
    private readonly key: string,
    private readonly minutes: () => number,
    now = Date.now(),
  ) {
    const { seconds, at } = read(key);
    this.activity = new Activity(now - at > AWAY ? 0 : seconds);
    this.last = now;
  }

  /** A sign of life at `now`, in milliseconds. */
  touch(now: number): void {
    if (now - this.last > AWAY) this.activity = new Activity();
    this.last = now;
    this.activity.touch(now);
    const seconds = this.activity.seconds(now);
    this.due = this.minutes() > 0 && seconds >= this.minutes() * 60;
  }

  /** The page is hidden or left: the count waits, also for a reload. */
  leave(now: number): void {
    this.activity.pause(now);
    write(this.key, { seconds: this.activity.seconds(now), at: now });
  }

  /** The person was asked, or stopped: the count begins anew. */
  rest(now: number): void {
    this.activity = new Activity();
    this.last = now;
    this.due = false;
    write(this.key, { seconds: 0, at: now });
  }
}

function read(key: string): Kept {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<Kept>;
    return { seconds: Number(kept.seconds) || 0, at: Number(kept.at) || 0 };
  } catch {
    return { seconds: 0, at: 0 };
  }
}

/** Without storage the count holds until the page is closed. */
function write(key: string, kept: Kept): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    return;
  }
}
