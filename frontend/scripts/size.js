import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** What a page may load, in bytes after gzip: annotators open the workspace on slow lines too. */
const LIMITS = { workspace: 60_000, pages: 20_000 };

/** Prints the size of each entry (JavaScript and CSS) and throws where one is past its limit. */
export function checkSize() {
  for (const [entry, limit] of Object.entries(LIMITS)) {
    const files = [`dist/${entry}.js`, `dist/${entry}.css`];
    const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
    console.log(`${entry}: ${size} of ${limit} bytes gzipped`);
    if (size > limit) {
      throw new Error(`${entry} is ${size - limit} bytes past its limit: load less.`);
    }
  }
}
