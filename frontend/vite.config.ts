import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

/**
 * One build is one entry (scripts/build.js makes both), so that no chunk is shared and the file
 * names stay fixed: Django's static storage puts the hash into them.
 */
export default defineConfig(({ mode }) => ({
  plugins: [svelte(), ...(process.env["VITEST"] ? [svelteTesting()] : [])],
  build: {
    emptyOutDir: false,
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: `src/${mode}.ts`,
      output: {
        codeSplitting: false,
        entryFileNames: `${mode}.js`,
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
