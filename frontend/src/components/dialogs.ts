/** What is seldom opened: fetched once the first comment is on the screen (later.svelte.ts). */
export { default as Dialogs } from "./Dialogs.svelte";
export { default as Done } from "./Done.svelte";
export { default as GuidelinesPanel } from "./GuidelinesPanel.svelte";
export { default as MenuItems } from "./MenuItems.svelte";
export { default as News } from "./News.svelte";
export { default as Stopped } from "./Stopped.svelte";
export { default as StageLine } from "./StageLine.svelte";
