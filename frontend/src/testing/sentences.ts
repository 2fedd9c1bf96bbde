import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "svelte/compiler";

/** A sentence of the code as the catalogs must hold it; `many` where it is counted. */
export interface Sentence {
  text: string;
  many?: string;
  file: string;
}

interface Syntax {
  type: string;
  [field: string]: unknown;
}

/** Every sentence that the code below a folder gives to `t`, `tn` or `later`. */
export function sentencesBelow(folder: string): Sentence[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const code = names.filter(
    (name) => /\.(ts|svelte)$/.test(name) && !/\.(test|d)\.ts$|^testing/.test(name),
  );
  return code.flatMap((name) => sentencesOf(readFileSync(join(folder, name), "utf8"), name));
}

/** One parser for both: a module is read as the script of a component. */
export function sentencesOf(source: string, file: string): Sentence[] {
  const component = file.endsWith(".svelte") ? source : `<script lang="ts">${source}\n</script>`;
  const found: Sentence[] = [];
  walk(parse(component, { modern: true }), (call, name) => {
    const [first, second] = call["arguments"] as Syntax[];
    const many = name === "tn" ? texts(second)[0] : undefined;
    for (const text of texts(first)) found.push({ text, file, ...(many && { many }) });
  });
  return found;
}

function walk(node: unknown, visit: (call: Syntax, name: string) => void): void {
  if (typeof node !== "object" || node === null) return;
  const { type, callee } = node as Syntax;
  if (type === "CallExpression") {
    const name = (callee as Syntax)["name"] as string | undefined;
    if (name && ["t", "tn", "later"].includes(name)) visit(node as Syntax, name);
  }
  for (const child of Object.values(node)) walk(child, visit);
}

/** What an argument may say: a text, a sum of texts, one of two; nothing of a variable. */
function texts(node: Syntax | undefined): string[] {
  switch (node?.type) {
    case "Literal":
      return typeof node["value"] === "string" ? [node["value"]] : [];
    case "TemplateLiteral":
      return (node["expressions"] as unknown[]).length ? [] : [cooked(node)];
    case "BinaryExpression":
      return texts(node["left"] as Syntax).flatMap((left) =>
        texts(node["right"] as Syntax).map((right) => left + right),
      );
    case "ConditionalExpression":
      return [...texts(node["consequent"] as Syntax), ...texts(node["alternate"] as Syntax)];
    default:
      return [];
  }
}

function cooked(template: Syntax): string {
  const [only] = template["quasis"] as { value: { cooked: string } }[];
  return only?.value.cooked ?? "";
}
