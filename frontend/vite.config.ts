import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

/* Svelte has a class for custom elements, which this page has none of: it is left out. */
const IDLE = /svelte\/src\/internal\/client\/dom\/elements\/custom-element\.js$/;

/**
 * One build is one entry (scripts/build.js makes both), so that nothing is shared between pages.
 * Django's static storage puts the hash into the names of entries. What the workspace fetches later
 * imports its entry again, by the same name: there the hash comes from here.
 */
export default defineConfig(({ mode }) => ({
  plugins: [svelte(), ...(process.env["VITEST"] ? [svelteTesting()] : [])],
  build: {
    emptyOutDir: false,
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: { [mode]: `src/${mode}.ts` },
      treeshake: { moduleSideEffects: (id) => !IDLE.test(id) },
      output: {
        entryFileNames: mode === "workspace" ? "chunks/[name]-[hash].js" : "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: `${mode}[extname]`,
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/testing/setup.ts"],
  },
}));
