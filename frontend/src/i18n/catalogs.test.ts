import { describe, expect, it } from "vitest";
import type { Catalog } from "../lib/i18n";
import { sentencesBelow, sentencesOf } from "../testing/sentences";
import arabic from "./ar.json";
import german from "./de.json";

const CATALOGS: [string, Catalog][] = [
  ["de", german],
  ["ar", arabic],
];
const SAID = sentencesBelow("src");

const places = (sentence: string): string[] => [...new Set(sentence.match(/\{\w+\}/g))].sort();
const forms = (said: Catalog[string]): string[] =>
  typeof said === "string" ? [said] : Object.values(said);

describe.each(CATALOGS)("the catalog of %s", (language, catalog) => {
  it("holds every sentence of the code", () => {
    const missing = SAID.filter(({ text }) => !(text in catalog));
    expect(missing).toEqual([]);
  });

  it("counts what the code counts, in all forms of the language", () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const { text, many } of SAID) {
      const said = catalog[text];
      const held = typeof said === "object" ? Object.keys(said).sort() : undefined;
      expect([text, held]).toEqual([text, many && [...pluralCategories].sort()]);
    }
  });

  it("says all of it, with the places of the English sentence", () => {
    for (const [text, said] of Object.entries(catalog)) {
      const wanted = places(text);
      for (const form of forms(said)) {
        expect(form.trim(), text).not.toBe("");
        /* One, two or none of something may be said without a number. */
        const counted = typeof said === "object" ? ["{count}"] : [];
        expect([...new Set([...places(form), ...counted])].sort(), form).toEqual(wanted);
      }
      const general = typeof said === "object" ? said.other : said;
      expect(places(general ?? ""), text).toEqual(wanted);
    }
  });
});

describe("the sentences of the code", () => {
  const texts = (source: string, file = "a.ts"): string[] =>
    sentencesOf(source, file).map(({ text, many }) => (many ? `${text}|${many}` : text));

  it("are found in modules and components, also where they are put together", () => {
    expect(texts(`t("a"); const b: string = tn("{count} x", "{count} xs", 2);`)).toEqual([
      "a",
      "{count} x|{count} xs",
    ]);
    expect(texts(`t("a " + "b"); t(c ? "d" : \`e\`); later("f"); t(g); it("h");`)).toEqual([
      "a b",
      "d",
      "e",
      "f",
    ]);
    const component = `<script lang="ts">let a: number = 1;</script>
      <p title={t("b")}>{#if a}{t("c", { a })}{/if}</p>`;
    expect(texts(component, "A.svelte")).toEqual(["b", "c"]);
  });

  it("are many", () => expect(SAID.length).toBeGreaterThan(20));
});
