import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    /* Short names: each stands in the page's JavaScript and CSS many times over. */
    cssHash: ({ hash, css }) => `s${hash(css).slice(0, 4)}`,
  },
};
