import { cpSync, globSync, rmSync } from "node:fs";
import { build } from "vite";
import { checkSize } from "./size.js";

rmSync("dist", { recursive: true, force: true });
for (const entry of ["workspace", "pages"]) {
  await build({ mode: entry, logLevel: "warn" });
}
/* A page loads the catalog of its language by itself, and English, which is in the code, none. */
for (const catalog of globSync("src/i18n/*.json")) {
  cpSync(catalog, catalog.replace("src", "dist"));
}
checkSize();
