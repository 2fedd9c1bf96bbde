/** Sentences of an `invalid_answers` refusal, by question key; "" holds those of no question. */
export type Problems = Record<string, string[]>;

/** Sorts the API's fields (`answers.claim_span[0]`) to the questions that they speak of. */
export function byQuestion(fields: Record<string, string[]>): Problems {
  const found: Problems = {};
  for (const [path, sentences] of Object.entries(fields)) {
    const key = /^answers\.([^.[]+)/.exec(path)?.[1] ?? "";
    found[key] = [...(found[key] ?? []), ...sentences];
  }
  return found;
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
