import type { Question } from "../api/types";

const DIGITS = "1234567890";

/** The values of a rating from the lowest to the highest. */
export function points(question: Question): number[] {
  if (question.kind !== "rating" || question.minimum === null || question.maximum === null) {
    return [];
  }
  const step = question.step ?? 1;
  const count = Math.floor((question.maximum - question.minimum) / step + 1e-9) + 1;
  const lowest = question.minimum;
  return Array.from({ length: count }, (_, i) => Number((lowest + i * step).toFixed(9)));
}

/**
 * The key of each point of a rating: its own digit where all points are one, else the digits in
 * the order of the keyboard. The codebook's hotkeys.py says the same.
 */
export function pointKeys(values: number[]): string[] {
  const digits = values.every((value) => Number.isInteger(value) && value >= 0 && value <= 9);
  return values.map((value, i) => (digits ? String(value) : (DIGITS[i] ?? "")));
}

/** What a key answers in a question: a label's key, a rating's value, or nothing. */
export function answerOf(question: Question, key: string): string | number | undefined {
  if (question.kind === "rating") {
    const values = points(question);
    return values[pointKeys(values).indexOf(key)];
  }
  return question.labels.find((label) => label.hotkey === key)?.key;
}
