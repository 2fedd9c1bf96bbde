import { mount } from "svelte";
import "./styles/codebook.css";
import { CodebookApi } from "./api/codebook";
import Findings from "./bench/Findings.svelte";
import Preview from "./bench/Preview.svelte";
import { Bench } from "./bench/bench.svelte";
import { Draft } from "./bench/draft";
import { Editor } from "./bench/editor";
import { loadLanguage } from "./lib/i18n";

/** Puts findings and preview beside the form, which works without them too. */
async function start(place: HTMLElement): Promise<void> {
  const { api = "", draft = "new", language, catalog } = place.dataset;
  await loadLanguage(language, catalog);
  const field = place.querySelector<HTMLTextAreaElement>("textarea[name=text]");
  const form = field?.closest("form");
  const findings = place.querySelector<HTMLElement>("#codebook-findings");
  const preview = place.querySelector<HTMLElement>("#codebook-preview");
  if (!field || !form || !findings || !preview) return;
  const bench = new Bench(new CodebookApi(api), new Draft(draft), field.value);
  const editor = new Editor(field, (text) => bench.write(text));
  mount(Findings, { target: findings, props: { bench, editor, form } });
  mount(Preview, { target: preview, props: { bench } });
  await bench.begin();
}

const place = document.getElementById("codebook-bench");
if (place) start(place).catch((error: unknown) => console.error(error));
