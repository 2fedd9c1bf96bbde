import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, Unreachable } from "../api/client";
import type { Stretch } from "../api/types";
import { COMMENTS } from "../testing/examples";
import { Activity } from "./activity";
import { Dwell, GLANCE } from "./dwell";
import { byQuestion } from "./problems";
import { around, joined } from "./stretches";
import { Tree } from "./tree";
import { uuid } from "./uuid";
import { verdictOn } from "./verdict";

afterEach(() => vi.unstubAllGlobals());

describe("active seconds", () => {
  it("count up to the idle time after a sign of life, and not while the page is hidden", () => {
    const activity = new Activity(10);
    activity.touch(0);
    activity.touch(5_000);
    expect(activity.seconds(6_000)).toBe(16);
    activity.touch(605_000);
    expect(activity.seconds(605_000)).toBe(45);
    activity.pause(607_000);
    activity.touch(700_000);
    expect(activity.seconds(701_000)).toBe(48);
  });
});

describe("a uuid", () => {
  it("is of version 4, also where crypto.randomUUID is missing", () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    expect(uuid()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(uuid()).not.toBe(uuid());
  });
});

describe("a failed save", () => {
  const refused = (status: number): ApiError => new ApiError(status, "x", "No.", {}, {});

  it("is sent again after trouble on the way, after a log-in, or never", () => {
    expect(verdictOn(new Unreachable())).toBe("offline");
    expect([502, 429].map((status) => verdictOn(refused(status)))).toEqual(["offline", "offline"]);
    expect([401, 403].map((status) => verdictOn(refused(status)))).toEqual(["login", "login"]);
    expect([400, 404, 409].map((s) => verdictOn(refused(s)))).toEqual(Array(3).fill("refused"));
  });

  it("shows its sentences at the questions that they speak of", () => {
    const fields = { "answers.claim_span[0]": ["a"], "answers.claim_span": ["b"], note: ["c"] };
    expect(byQuestion(fields)).toEqual({ claim_span: ["a", "b"], "": ["c"] });
  });
});

describe("the ways through a thread", () => {
  const tree = new Tree(COMMENTS);

  it("lead up, along and to the next answer of the same comment", () => {
    expect(tree.ancestors(3).map((c) => c.id)).toEqual([2, 1]);
    expect(tree.parent(3)?.id).toBe(2);
    expect(tree.nextSibling(2)?.id).toBe(4);
    expect(tree.nextSibling(4)).toBeUndefined();
    expect([tree.step(4, 1)?.id, tree.step(1, -1)?.id, tree.step(2, 1)?.id]).toEqual([4, 1, 3]);
  });

  it("end, even where comments answer each other in a circle", () => {
    const [first, second] = [COMMENTS[1], COMMENTS[2]];
    if (!first || !second) throw new Error("The examples changed.");
    const circle = new Tree([{ ...first, reply_to: 3 }, second]);
    expect(circle.ancestors(3).map((c) => c.id)).toEqual([2, 3]);
  });
});

describe("stretches of positions", () => {
  const stretch = fc.tuple(fc.nat(60), fc.nat(10)).map(([first, size]) => ({
    first,
    last: first + size,
  }));

  it("are joined to as few as hold the same positions", () => {
    fc.assert(
      fc.property(fc.array(stretch), (all) => {
        const found = all.reduce<Stretch[]>(joined, []);
        const covered = (some: Stretch[], at: number): boolean => around(some, at) !== undefined;
        for (let at = 0; at < 75; at += 1) expect(covered(found, at)).toBe(covered(all, at));
        found.slice(1).forEach(({ first }, i) => {
          expect(first).toBeGreaterThan((found[i] as Stretch).last + 1);
        });
      }),
    );
  });
});

describe("what was on the screen", () => {
  it("was there for a glance at least, counted anew for each unit", () => {
    const dwell = new Dwell();
    dwell.enter(1, 0);
    dwell.enter(2, 0);
    dwell.leave(2, GLANCE - 1);
    expect([...dwell.upTo(GLANCE)]).toEqual([1]);
    dwell.restart(GLANCE);
    expect([...dwell.upTo(GLANCE + 1)]).toEqual([]);
    expect([...dwell.upTo(2 * GLANCE)]).toEqual([1]);
    dwell.renew(1, 2 * GLANCE);
    expect([...dwell.upTo(2 * GLANCE)]).toEqual([]);
  });
});
