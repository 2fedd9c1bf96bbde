import { describe, expect, it } from "vitest";
import { QUESTIONS, question } from "../testing/examples";
import { asked, inWords, missing, sendable, toggled } from "./answers";
import { answerOf, pointKeys, points } from "./hotkeys";

const keys = (questions: { key: string }[]): string[] => questions.map((q) => q.key);

describe("dependent questions", () => {
  it("are asked only after the answer that they depend on", () => {
    expect(keys(asked(QUESTIONS, {}))).toEqual(["claim", "misleads"]);
    expect(keys(asked(QUESTIONS, { claim: "no", misleads: "yes" }))).toEqual([
      "claim",
      "misleads",
      "reasons",
    ]);
  });

  it("are not asked while the question that they depend on is not", () => {
    const chain = [
      ...QUESTIONS,
      question("sure", { depends_on: { question: "reasons", any_of: ["old"] } }),
    ];
    expect(keys(asked(chain, { misleads: "no", reasons: ["old"] }))).not.toContain("sure");
    expect(keys(asked(chain, { misleads: "yes", reasons: ["old"] }))).toContain("sure");
  });

  it("do not send what was answered before they disappeared", () => {
    const answers = { claim: "no", misleads: "no", reasons: ["old"], claim_span: [] };
    expect(sendable(QUESTIONS, answers)).toEqual({ claim: "no", misleads: "no" });
  });
});

describe("a required question", () => {
  it("is missing until it is answered; an empty list is no answer", () => {
    expect(keys(missing(QUESTIONS, { claim: "yes", misleads: "yes", reasons: [] }))).toEqual([
      "reasons",
    ]);
    expect(missing(QUESTIONS, { claim: "yes", misleads: "no" })).toEqual([]);
  });
});

describe("several labels", () => {
  it("keep the order of the codebook, whatever the order of the keys", () => {
    const reasons = QUESTIONS[3] as (typeof QUESTIONS)[number];
    expect(toggled(reasons, ["satire"], "wrong")).toEqual(["wrong", "satire"]);
    expect(toggled(reasons, ["wrong", "satire"], "wrong")).toEqual(["satire"]);
    expect(inWords(reasons, ["wrong", "old"])).toBe("wrong, old");
  });
});

describe("the keys of a rating", () => {
  it("are the points themselves where each is one digit", () => {
    const rating = question("r", { kind: "rating", minimum: 0, maximum: 4, labels: [] });
    expect(points(rating)).toEqual([0, 1, 2, 3, 4]);
    expect(answerOf(rating, "0")).toBe(0);
  });

  it("are the digits in order for a scale with halves or below zero", () => {
    const rating = question("r", {
      kind: "rating",
      minimum: -0.5,
      maximum: 0.6,
      step: 0.1,
      labels: [],
    });
    expect(points(rating)).toHaveLength(12);
    expect(points(rating)[8]).toBe(0.3);
    expect(pointKeys([-2, -1, 0, 1, 2])).toEqual(["1", "2", "3", "4", "5"]);
    expect(answerOf(rating, "x")).toBeUndefined();
  });
});
