import { describe, expect, it } from "vitest";
import type { Codebook } from "../api/types";
import { CODEBOOK } from "../testing/examples";
import { translated } from "./translated";

const [first, second] = CODEBOOK.questions as [
  Codebook["questions"][number],
  Codebook["questions"][number],
];
const [yes, no] = first.labels as [(typeof first.labels)[number], (typeof first.labels)[number]];

const BILINGUAL: Codebook = {
  ...CODEBOOK,
  translations: {
    de: {
      title: "Ein Test",
      guidelines_html: "",
      questions: {
        [first.key]: {
          title: "Erste Frage?",
          help: "",
          labels: { [yes.key]: { title: "Ja", definition: "", example: "Genau!" } },
        },
      },
    },
  },
};

describe("a translated codebook", () => {
  it("says what the translation says, and its own words for the rest", () => {
    const german = translated(BILINGUAL, "de");
    expect([german.title, german.language]).toEqual(["Ein Test", "de"]);
    expect(german.guidelines_html).toBe(CODEBOOK.guidelines_html);
    expect(german.questions[0]).toMatchObject({ title: "Erste Frage?", help: first.help });
    expect(german.questions[0]?.labels[0]).toEqual({ ...yes, title: "Ja", example: "Genau!" });
    expect(german.questions[0]?.labels[1]).toEqual(no);
    expect(german.questions[1]).toEqual(second);
  });

  it("asks the same", () => {
    const bare = ({ questions }: Codebook): unknown =>
      questions.map(({ key, kind, depends_on, labels }) => [
        key,
        kind,
        depends_on,
        labels.map(({ key: label, hotkey, value }) => [label, hotkey, value]),
      ]);
    expect(bare(translated(BILINGUAL, "de"))).toEqual(bare(CODEBOOK));
  });

  it("serves a kin of the language, and nobody else", () => {
    expect(translated(BILINGUAL, "de-AT").title).toBe("Ein Test");
    expect(translated(BILINGUAL, "ar")).toBe(BILINGUAL);
    expect(translated(BILINGUAL, "en")).toBe(BILINGUAL);
  });

  it("keeps its own words for those who read its own language", () => {
    const austrian = { ...BILINGUAL, language: "de-AT" };
    expect(translated(austrian, "de")).toBe(austrian);
  });
});
