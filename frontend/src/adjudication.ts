import { mount } from "svelte";
import "./styles/adjudication.css";
import { AdjudicationApi } from "./api/adjudication";
import { WorkplaceApi } from "./api/workplace";
import BenchPage from "./components/Bench.svelte";
import { loadLanguage } from "./lib/i18n";
import { Bench } from "./stores/bench.svelte";
import { Preferences } from "./stores/preferences.svelte";
import { Workplace } from "./stores/workplace.svelte";

/** Puts the bench into its place in the page, which says for whom and for what it is. */
async function start(target: HTMLElement): Promise<void> {
  const { campaign = "", api = "/api/v1/", codebook = "", user = "" } = target.dataset;
  const { home = "/", login = "/login/", question, thread, unit } = target.dataset;
  await loadLanguage(target.dataset["language"], target.dataset["catalog"]);
  const wanted = {
    ...(question ? { question } : {}),
    ...(thread ? { thread: Number(thread) } : {}),
  };
  const bench = new Bench(new AdjudicationApi(api, campaign, codebook), wanted);
  const workplaceApi = new WorkplaceApi(api, campaign);
  const preferences = new Preferences(user, (choices) => workplaceApi.choose(choices));
  const workplace = new Workplace(workplaceApi, preferences, `${user}:${campaign}`);
  mount(BenchPage, { target, props: { bench, preferences, workplace, home, login } });
  await Promise.all([workplace.load(), bench.start(unit ? Number(unit) : undefined)]);
}

const place = document.getElementById("adjudication");
if (place) {
  start(place).catch((error: unknown) => {
    console.error(error);
    place.textContent = String(error);
  });
}
