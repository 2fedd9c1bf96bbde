import { cpSync, globSync, rmSync, writeFileSync } from "node:fs";
import { build } from "vite";
import { checkSize } from "./size.js";

rmSync("dist", { recursive: true, force: true });
const outputs = {};
for (const entry of ["workspace", "adjudication", "codebook", "pages"]) {
  const { output } = await build({ mode: entry, logLevel: "warn" });
  const chunks = output.filter((file) => file.type === "chunk");
  const first = chunks.find((chunk) => chunk.isEntry);
  /* The page knows this name only, and Django gives it a hash of its own. */
  const known = `${entry}.js`;
  if (first.fileName !== known) writeFileSync(`dist/${known}`, `import "./${first.fileName}";\n`);
  outputs[entry] = { first, chunks };
}
/* A page loads the catalog of its language by itself, and English, which is in the code, none. */
for (const catalog of globSync("src/i18n/*.json")) {
  cpSync(catalog, catalog.replace("src", "dist"));
}
checkSize(outputs);
