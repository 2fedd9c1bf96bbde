import type { Codebook } from "../api/types";

/**
 * The codebook in the words of a language, as far as it has some: what is asked, its keys and its
 * order stay. Its own words stand wherever the translation leaves something out.
 */
export function translated(codebook: Codebook, language: string): Codebook {
  const tag = bestTag(Object.keys(codebook.translations), language);
  const said = tag && codebook.translations[tag];
  if (!said || bestTag([codebook.language], language)) return codebook;
  return {
    ...codebook,
    language: tag,
    title: said.title || codebook.title,
    guidelines_html: said.guidelines_html || codebook.guidelines_html,
    questions: codebook.questions.map((question) => {
      const words = said.questions[question.key];
      if (!words) return question;
      return {
        ...question,
        ...kept(words, "title", "help"),
        labels: question.labels.map((label) => ({
          ...label,
          ...kept(words.labels[label.key] ?? {}, "title", "definition", "example"),
        })),
      };
    }),
  };
}

/** The tag that serves a reader of the language: itself, else a kin of it. */
function bestTag(tags: string[], language: string): string | undefined {
  const root = (tag: string): string | undefined => tag.split("-")[0];
  return tags.includes(language) ? language : tags.find((tag) => root(tag) === root(language));
}

/** Those of the words that say something. */
function kept<Name extends string>(
  words: Partial<Record<Name, string>>,
  ...names: Name[]
): Partial<Record<Name, string>> {
  const said: Partial<Record<Name, string>> = {};
  for (const name of names) if (words[name]) said[name] = words[name];
  return said;
}
