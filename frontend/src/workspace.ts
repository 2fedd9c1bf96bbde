import { mount } from "svelte";
import "./styles/workspace.css";
import { CampaignApi } from "./api/campaign";
import Workspace from "./components/Workspace.svelte";
import { loadLanguage, t } from "./lib/i18n";
import { Delivery } from "./stores/delivery.svelte";
import { Outbox } from "./stores/outbox";
import { Preferences } from "./stores/preferences.svelte";
import { Session } from "./stores/session.svelte";
import { takeTabName } from "./stores/tab";

function noStorage(): string {
  return t(
    "This browser does not let the page store answers until they are sent (a private window, or storage is blocked). Allow storage for this site and reload: nothing may get lost.",
  );
}

/** Puts the workspace into its place in the page, which says for whom and for what it is. */
async function start(target: HTMLElement): Promise<void> {
  const { campaign = "", api = "/api/v1/", codebook = "", user = "", home = "/" } = target.dataset;
  await loadLanguage(target.dataset["language"], target.dataset["catalog"]);
  const campaignApi = new CampaignApi(api, campaign, codebook);
  const outbox = await Outbox.open();
  const delivery = new Delivery(campaignApi, outbox, user, takeTabName());
  const session = new Session(campaignApi, delivery);
  mount(Workspace, { target, props: { session, preferences: new Preferences(user), home } });
  await session.start();
}

const place = document.getElementById("workspace");
if (place) {
  start(place).catch((error: unknown) => {
    console.error(error);
    place.textContent = error instanceof DOMException ? noStorage() : String(error);
  });
}
