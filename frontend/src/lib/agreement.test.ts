import { describe, expect, it } from "vitest";
import type { Lettered } from "../api/adjudication";
import type { Answers } from "../api/types";
import { QUESTIONS } from "../testing/examples";
import { agreedOf, isSame, standingOf } from "./agreement";

function all(...answers: Answers[]): Lettered[] {
  return answers.map((given, place) => ({
    letter: "ABC".charAt(place),
    answers: given,
    note: "",
    flagged: false,
    confidence: null,
    text_revision: 1,
    annotator: null,
    user: null,
    changed: false,
  }));
}

const [claim, span, misleads, reasons] = QUESTIONS as [
  (typeof QUESTIONS)[0],
  (typeof QUESTIONS)[0],
  (typeof QUESTIONS)[0],
  (typeof QUESTIONS)[0],
];
const part = { start: 0, end: 3, quote: "Yes", label: "part" };

describe("answers side by side", () => {
  it("are the same in whatever order their parts come", () => {
    expect(isSame(["old", "wrong"], ["wrong", "old"])).toBe(true);
    expect(isSame([part], [{ label: "part", quote: "Yes", end: 3, start: 0 }])).toBe(true);
    expect(isSame([part], [{ ...part, end: 4 }])).toBe(false);
    expect(isSame(undefined, [])).toBe(true);
    expect(isSame("no", undefined)).toBe(false);
  });

  it("stand against each other among those who were asked", () => {
    const given = all({ claim: "yes", claim_span: [part], misleads: "no" }, { claim: "no" });
    expect(standingOf(claim, QUESTIONS, given)).toBe("different");
    expect(standingOf(span, QUESTIONS, given)).toBe("alone");
    expect(standingOf(misleads, QUESTIONS, given)).toBe("different");
    expect(standingOf(reasons, QUESTIONS, given)).toBe(null);
  });

  it("that agree are filled in, but not what hangs on a disagreement", () => {
    const same = { claim: "yes", claim_span: [part], misleads: "yes" };
    const given = all({ ...same, reasons: ["old"] }, { ...same, reasons: ["wrong"] });
    expect(agreedOf(QUESTIONS, given)).toEqual(same);
    expect(agreedOf(QUESTIONS, all(same, { ...same, claim: "no" }))).toEqual({ misleads: "yes" });
    expect(agreedOf(QUESTIONS, [])).toEqual({});
  });
});
