import { cpSync, rmSync } from "node:fs";
import { build } from "vite";
import { checkSize } from "./size.js";

rmSync("dist", { recursive: true, force: true });
for (const entry of ["workspace", "pages"]) {
  await build({ mode: entry, logLevel: "warn" });
}
/* A page loads the catalog of its language by itself, and English, which is in the code, none. */
cpSync("src/i18n", "dist/i18n", { recursive: true });
checkSize();
