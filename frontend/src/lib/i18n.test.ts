import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { later, loadLanguage, locale, speak, t, tn } from "./i18n";

const COMMENTS = ["{count} comment", "{count} comments"] as const;

afterEach(() => {
  speak("en", {});
  vi.unstubAllGlobals();
});

describe("English", () => {
  it("needs no catalog", async () => {
    const fetched = vi.fn();
    vi.stubGlobal("fetch", fetched);
    await loadLanguage("en", "");
    expect(fetched).not.toHaveBeenCalled();
    expect(t("Save")).toBe("Save");
  });

  it("fills values in, and leaves a name without a value as it is", () => {
    expect(t("{name} of {place}", { name: "Cleo" })).toBe("Cleo of {place}");
    expect(t("{count} left", { count: 0 })).toBe("0 left");
    expect(t("{name}", { name: "$& {name}" })).toBe("$& {name}");
  });

  it("says one and many", () => {
    expect([0, 1, 2].map((n) => tn(...COMMENTS, n))).toEqual([
      "0 comments",
      "1 comment",
      "2 comments",
    ]);
    expect(tn(...COMMENTS, 12_345)).toMatch(/^12\D345 comments$/);
    expect(tn("{count} by {who}", "{count} by {who}", 2, { who: "A1" })).toBe("2 by A1");
  });
});

describe("another language", () => {
  beforeEach(() => {
    speak("ar", {
      Save: "احفظ",
      "Hello {name}": "أهلا {name}",
      Empty: "",
      [COMMENTS[0]]: {
        zero: "لا تعليقات",
        one: "تعليق واحد",
        two: "تعليقان",
        few: "{count} تعليقات",
        many: "{count} تعليقًا",
        other: "{count} تعليق",
      },
    });
  });

  it("says what its catalog holds, and English where it holds nothing", () => {
    expect(t("Save")).toBe("احفظ");
    expect(t("Hello {name}", { name: "Cleo" })).toBe("أهلا Cleo");
    expect([t("Skip"), t("Empty")]).toEqual(["Skip", "Empty"]);
    expect(tn("{count} label", "{count} labels", 5)).toBe("5 labels");
  });

  it("counts with all forms that the language has, in the digits of the keys", () => {
    expect([0, 1, 2, 3, 11, 100].map((n) => tn(...COMMENTS, n))).toEqual([
      "لا تعليقات",
      "تعليق واحد",
      "تعليقان",
      "3 تعليقات",
      "11 تعليقًا",
      "100 تعليق",
    ]);
  });

  it("marks sentences of a table without changing them", () => {
    expect(t(later("Save"))).toBe("احفظ");
  });
});

describe("the locale", () => {
  it("is the language as the browser's owner has it", () => {
    vi.stubGlobal("navigator", { languages: ["fr-FR", "de-AT", "en-GB"] });
    expect(locale()).toBe("en-GB-u-nu-latn");
    speak("de", {});
    expect((1234.5).toLocaleString(locale())).toMatch(/^1.234,5$/);
    speak("ar", {});
    expect(locale()).toBe("ar-u-nu-latn");
  });
});

describe("the catalog", () => {
  const answer = (ok: boolean): object => ({ ok, json: async () => ({ Save: "Speichern" }) });

  it("is fetched from the address that the page names", async () => {
    const fetched = vi.fn(async () => answer(true));
    vi.stubGlobal("fetch", fetched);
    await loadLanguage("de", "/static/de.json");
    expect(fetched).toHaveBeenCalledExactlyOnceWith("/static/de.json");
    expect(t("Save")).toBe("Speichern");
  });

  it("is done without where it does not arrive", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    vi.stubGlobal("fetch", async () => answer(false));
    await loadLanguage("de", "/static/de.json");
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("offline")));
    await loadLanguage("de", "/static/de.json");
    expect([t("Save"), locale().slice(0, 2)]).toEqual(["Save", "en"]);
  });
});
