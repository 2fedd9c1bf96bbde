import { describe, expect, it } from "vitest";
import type { Comment, WorkUnit } from "../api/types";
import { ALL, at, more } from "../testing/long";
import { Thread } from "./thread.svelte";

function opened(unit: WorkUnit): Thread {
  const thread = new Thread(unit);
  thread.arrive(unit);
  return thread;
}

const positions = (thread: Thread): number[] =>
  thread.shown.flatMap((group) => group.cards.map((card) => card.comment.position));

/** Answers requests as the server does, until there are none. */
function fill(thread: Thread, size = 100): number {
  let requests = 0;
  for (let wanted = thread.missing(); wanted; wanted = thread.missing()) {
    const { side, position } = wanted;
    thread.grow(side, position, more(side, position, size));
    requests += 1;
  }
  return requests;
}

describe("a thread", () => {
  it("is on the page around the comment in question at first, and all of it in the end", () => {
    const thread = opened(at(500));
    expect(positions(thread)).toHaveLength(42);
    expect(thread.card(501)?.role).toBe("focus");
    expect(thread.card(500)?.role).toBe("ancestor");
    expect(fill(thread)).toBe(10);
    while (thread.mountMore(30));
    expect(positions(thread)).toEqual(ALL.map((one) => one.position));
    expect([thread.after, thread.missing()]).toEqual([0, null]);
  });

  it("says at the edges what is not loaded", () => {
    const thread = opened(at(500));
    expect([thread.card(481)?.gap, thread.after]).toEqual([479, 480]);
    expect(thread.total).toBe(1001);
    fill(thread);
    expect(thread.card(481)?.gap).toBe(0);
  });

  it("keeps the cards when the next comment is in question, and only moves the focus", () => {
    const thread = opened(at(500));
    const groups = thread.shown;
    const card = thread.card(501);
    expect(thread.have).toEqual({ thread: 1, first: 480, last: 520 });
    thread.arrive({ ...at(501), comments: [ALL[501] as Comment, ALL[521] as Comment] });
    expect(thread.card(501)).toBe(card);
    expect([card?.role, thread.card(502)?.role]).toEqual(["ancestor", "focus"]);
    expect(thread.have).toEqual({ thread: 1, first: 480, last: 521 });
    expect(thread.shown.filter((group) => groups.includes(group)).length).toBeGreaterThan(1);
  });

  it("knows the gap to a place far away, and closes it", () => {
    const thread = opened(at(100));
    thread.arrive(at(500));
    expect(thread.have).toEqual({ thread: 1, first: 480, last: 520 });
    expect([thread.card(81)?.gap, thread.card(481)?.gap]).toEqual([79, 359]);
    fill(thread);
    expect(thread.have).toEqual({ thread: 1, first: 0, last: 1000 });
    expect([thread.card(81)?.gap, thread.card(481)?.gap]).toEqual([0, 0]);
  });

  it("gives up what comes after the comment where only what precedes it may be seen", () => {
    const thread = opened(at(500, "preceding"));
    thread.arrive(at(490, "preceding"));
    expect(positions(thread).at(-1)).toBe(490);
    expect(thread.card(501)).toBeUndefined();
    expect([thread.have, thread.total]).toEqual([null, 491]);
  });

  it("links a quote and what it quotes in both directions, as soon as both are there", () => {
    const thread = opened(at(500));
    expect(thread.card(1)?.links).toEqual([]);
    fill(thread);
    const links = thread.card(1)?.links ?? [];
    expect(links).toHaveLength(10);
    expect(links[0]).toMatchObject({ kind: "source", target: 51, name: "Quoted by P51" });
    const quote = { kind: "quote", target: 1, targetRange: { start: 0, end: 7 } };
    expect(thread.card(51)?.links).toMatchObject([quote]);
  });

  it("shows a text that has changed at its source", () => {
    const thread = opened(at(500));
    const [first, ...rest] = at(500).comments;
    const changed = { ...(rest[0] as Comment), text: "New.", text_revision: 2 };
    thread.arrive({ ...at(500), comments: [first as Comment, changed, ...rest.slice(1)] });
    expect(thread.card(changed.id)?.comment.text).toBe("New.");
    expect(thread.size).toBe(42);
  });
});
