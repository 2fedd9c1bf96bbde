import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * What a page may load, in bytes after gzip: annotators open the workspace on slow lines too. With its
 * HTML and icon it stays under 60 kB (`make bench ARGS=page` weighs it in the browser).
 */
const LIMITS = { workspace: 59_000, adjudication: 60_000, codebook: 48_000, pages: 20_000 };

/**
 * Prints the size of each entry's JavaScript and CSS: what loads with the page, and all that it may
 * fetch later. Throws where the first is past its limit.
 */
export function checkSize(outputs) {
  for (const [entry, limit] of Object.entries(LIMITS)) {
    const { first, chunks } = outputs[entry];
    const withPage = new Set([`${entry}.js`, `${entry}.css`, first.fileName, ...first.imports]);
    const later = chunks.map((chunk) => chunk.fileName).filter((name) => !withPage.has(name));
    const size = sizeOf([...withPage]);
    const all = size + sizeOf(later);
    console.log(`${entry}: ${size} of ${limit} bytes gzipped with the page, ${all} in all`);
    if (size > limit) {
      throw new Error(`${entry} is ${size - limit} bytes past its limit: load less.`);
    }
  }
}

function sizeOf(names) {
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(`dist/${name}`)).length, 0);
}
