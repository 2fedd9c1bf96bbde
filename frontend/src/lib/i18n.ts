/** The forms of a counted sentence, by the language's own plural rules: Arabic has six. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;

/** A language: the English sentence (of a counted one its singular), and how it is said there. */
export type Catalog = Record<string, string | Forms>;

type Values = Record<string, string | number>;

let catalog: Catalog = {};
let language = "en";
let tag = "";
let plurals = new Intl.PluralRules(language);

/**
 * Loads the catalog of a language from its address; English stands in the code and has none.
 * A page whose catalog does not arrive speaks English: the work matters more.
 */
export async function loadLanguage(code = "en", address = ""): Promise<void> {
  if (!address) return;
  try {
    const answer = await fetch(address);
    if (answer.ok) speak(code, (await answer.json()) as Catalog);
  } catch (error) {
    console.error(error);
  }
}

export function speak(code: string, sentences: Catalog): void {
  catalog = sentences;
  language = code;
  tag = "";
  plurals = new Intl.PluralRules(code);
}

/**
 * For dates and numbers: the page's language as the browser's owner has it (en-GB, de-AT), with
 * the digits that stand on the keys.
 */
export function locale(): string {
  /* Found once: a thread asks for it at each of its thousands of times. */
  tag ||= localeOf(language);
  return tag;
}

function localeOf(language: string): string {
  const own = navigator.languages.find((tag) => tag.split("-")[0] === language);
  return new Intl.Locale(own ?? language, { numberingSystem: "latn" }).toString();
}

/** The language that the page speaks. */
export function spoken(): string {
  return language;
}

/** The sentence in the reader's language; `{name}` is filled in. */
export function t(message: string, values: Values = {}): string {
  const said = catalog[message];
  return filled(typeof said === "string" && said ? said : message, values);
}

/** The sentence for a count, which stands in it as `{count}`. */
export function tn(one: string, many: string, count: number, values: Values = {}): string {
  const said = catalog[one];
  const forms = typeof said === "object" ? said : { one, other: many };
  const form = forms[plurals.select(count)] ?? forms.other ?? many;
  return filled(form, { count: count.toLocaleString(locale()), ...values });
}

/** Marks a sentence of a table for the catalogs; whoever shows it says `t(sentence)`. */
export function later(message: string): string {
  return message;
}

function filled(message: string, values: Values): string {
  return message.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
