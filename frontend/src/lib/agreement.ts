import type { Lettered } from "../api/adjudication";
import type { Answer, Answers, Question } from "../api/types";
import { answered, asked } from "./answers";

/** Whether two answers say the same; the order of labels, spans and relations says nothing. */
export function isSame(one: Answer | undefined, other: Answer | undefined): boolean {
  return said(one) === said(other);
}

function said(answer: Answer | undefined): string {
  if (!Array.isArray(answer)) return JSON.stringify(answer ?? null);
  const parts = answer.map((part) => (typeof part === "string" ? part : inOrder(part)));
  return JSON.stringify(parts.length > 0 ? parts.sort() : null);
}

function inOrder(part: object): string {
  return JSON.stringify(Object.entries(part).sort(([a], [b]) => a.localeCompare(b)));
}

/** How the answers to a question stand to each other; `alone`: it was asked of one annotator. */
export type Standing = "same" | "different" | "alone";

/** Only of those who were asked the question, as the measure has it; null: nobody answered it. */
export function standingOf(
  question: Question,
  questions: Question[],
  all: Lettered[],
): Standing | null {
  const given = all
    .filter(({ answers }) => asked(questions, answers).includes(question))
    .map(({ answers }) => answers[question.key]);
  if (!given.some((answer) => answer !== undefined)) return null;
  if (given.length === 1) return "alone";
  return given.every((answer) => isSame(answer, given[0])) ? "same" : "different";
}

/** The answers on which all agree, down to the first questions on which they do not. */
export function agreedOf(questions: Question[], all: Lettered[]): Answers {
  const agreed: Answers = {};
  const [first] = all;
  if (!first) return agreed;
  for (const question of questions) {
    const { key } = question;
    const same = all.every(({ answers }) => isSame(answers[key], first.answers[key]));
    const isAsked = asked(questions, agreed).includes(question);
    if (isAsked && same && answered(first.answers, key)) agreed[key] = first.answers[key] as Answer;
  }
  return agreed;
}
