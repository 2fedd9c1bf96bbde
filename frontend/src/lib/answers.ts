import type { Answer, Answers, Question, Span } from "../api/types";
import { t } from "./i18n";

/** True where a question has an answer; an empty list or text is none. */
export function answered(answers: Answers, key: string): boolean {
  const answer = answers[key];
  if (answer === undefined) return false;
  return typeof answer === "number" || answer.length > 0;
}

/** The questions that are asked, given the answers so far, in the codebook's order. */
export function asked(questions: Question[], answers: Answers): Question[] {
  const found: Question[] = [];
  for (const question of questions) {
    if (isAsked(question, found, answers)) found.push(question);
  }
  return found;
}

function isAsked(question: Question, before: Question[], answers: Answers): boolean {
  const condition = question.depends_on;
  if (condition === null) return true;
  if (!before.some((other) => other.key === condition.question)) return false;
  const answer = answers[condition.question];
  const given = Array.isArray(answer) ? answer : [answer];
  return given.some((value) => typeof value === "string" && condition.any_of.includes(value));
}

/** The asked and required questions without an answer: while there is one, nothing is submitted. */
export function missing(questions: Question[], answers: Answers): Question[] {
  return asked(questions, answers).filter((q) => q.required && !answered(answers, q.key));
}

/** The answers as they are sent: only those of asked questions that were answered. */
export function sendable(questions: Question[], answers: Answers): Answers {
  const kept = asked(questions, answers).filter((q) => answered(answers, q.key));
  return Object.fromEntries(kept.map((q) => [q.key, answers[q.key] as Answer]));
}

/** The answer with one label more, or less if it was there; in the order of the codebook. */
export function toggled(question: Question, answer: Answer | undefined, label: string): string[] {
  const before = Array.isArray(answer) ? (answer as string[]) : [];
  const after = before.includes(label) ? before.filter((l) => l !== label) : [...before, label];
  return question.labels.map((l) => l.key).filter((key) => after.includes(key));
}

/** An answer in words, for the two sides of a conflict. */
export function inWords(question: Question, answer: Answer | undefined, covered = false): string {
  if (answer === undefined) return t("no answer");
  if (typeof answer === "number") return String(answer);
  if (typeof answer === "string") return titleOf(question, answer) ?? answer;
  const parts = answer.map((part) => {
    if (typeof part === "string") return titleOf(question, part) ?? part;
    const about =
      "comment" in part ? t("comment {number}", { number: part.comment }) : wordsOf(part, covered);
    const label = part.label === null ? null : titleOf(question, part.label);
    return label ? `${about} (${label})` : about;
  });
  return parts.join(", ") || t("no answer");
}

function wordsOf({ quote }: Span, covered: boolean): string {
  return covered ? t("covered words") : `“${quote}”`;
}

function titleOf(question: Question, key: string): string | undefined {
  return question.labels.find((label) => label.key === key)?.title;
}
