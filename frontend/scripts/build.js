import { rmSync } from "node:fs";
import { build } from "vite";
import { checkSize } from "./size.js";

rmSync("dist", { recursive: true, force: true });
for (const entry of ["workspace", "pages"]) {
  await build({ mode: entry, logLevel: "warn" });
}
checkSize();
