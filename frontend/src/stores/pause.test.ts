import { beforeEach, describe, expect, it } from "vitest";
import { Pause } from "./pause.svelte";

const MINUTE = 60_000;

/** Somebody at work from one minute to another, with a key every ten seconds. */
function work(pause: Pause, from: number, to: number): void {
  for (let now = from * MINUTE; now <= to * MINUTE; now += 10_000) pause.touch(now);
}

beforeEach(() => sessionStorage.clear());

describe("a break", () => {
  it("is due after so many active minutes, and not again at once", () => {
    const pause = new Pause("ann", () => 10, 0);
    work(pause, 0, 9);
    expect(pause.due).toBe(false);
    work(pause, 9, 10);
    expect(pause.due).toBe(true);
    pause.rest(10 * MINUTE);
    work(pause, 10, 19);
    expect(pause.due).toBe(false);
  });

  it("counts over a reload of the page", () => {
    const pause = new Pause("ann", () => 10, 0);
    work(pause, 0, 6);
    pause.leave(6 * MINUTE);
    const reloaded = new Pause("ann", () => 10, 7 * MINUTE);
    work(reloaded, 7, 11);
    expect(reloaded.due).toBe(true);
  });

  it("was had by who was away, with the page open or closed", () => {
    const pause = new Pause("ann", () => 10, 0);
    work(pause, 0, 9);
    work(pause, 20, 22);
    expect(pause.due).toBe(false);
    pause.leave(22 * MINUTE);
    const later = new Pause("ann", () => 3, 60 * MINUTE);
    work(later, 60, 62);
    expect(later.due).toBe(false);
  });

  it("is never proposed where the campaign wants none", () => {
    const pause = new Pause("ann", () => 0, 0);
    work(pause, 0, 300);
    expect(pause.due).toBe(false);
  });
});
