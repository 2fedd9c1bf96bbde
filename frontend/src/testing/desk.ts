import { render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { CampaignApi } from "../api/campaign";
import { Login } from "../api/login";
import type { WorkUnit } from "../api/types";
import { type Surroundings, WorkplaceApi } from "../api/workplace";
import Workspace from "../components/Workspace.svelte";
import { uuid } from "../lib/uuid";
import { Delivery } from "../stores/delivery.svelte";
import { Outbox } from "../stores/outbox";
import { Preferences } from "../stores/preferences.svelte";
import { Session } from "../stores/session.svelte";
import { Workplace } from "../stores/workplace.svelte";
import { COMMENTS, work } from "./examples";
import { Server } from "./server";
import { Surrounding, surroundings } from "./workplace";

/** The page as somebody has it open, with the stores behind it and the server before it. */
export interface OpenPage {
  server: Server;
  surrounding: Surrounding;
  session: Session;
  preferences: Preferences;
  workplace: Workplace;
}

/** Comments 2 and 3 carry warnings: the one in question, and the one that it answers. */
export function warned(unit: number): WorkUnit {
  const comments = COMMENTS.map((comment) => {
    const warnings = { 2: ["hate"], 3: ["hate", "death"] }[comment.id] ?? [];
    return { ...comment, warnings };
  });
  return work(unit, { comments });
}

export async function openPage(
  more: Partial<Surroundings> = {},
  shape: (unit: number) => WorkUnit = warned,
): Promise<OpenPage> {
  const server = new Server(3, shape);
  const surrounding = new Surrounding(server, surroundings(more));
  const api = new CampaignApi("/api/v1/", "demo", "/api/v1/codebooks/test/1/");
  const session = new Session(api, new Delivery(api, await Outbox.open(uuid()), "ann", uuid()));
  /* Each page has its own person: what the last one chose is still on its way to the storage. */
  const person = uuid();
  const workplaceApi = new WorkplaceApi("/api/v1/", "demo");
  const preferences = new Preferences(person, (choices) => workplaceApi.choose(choices));
  const workplace = new Workplace(workplaceApi, preferences, person);
  const login = new Login("/login/", "ann", "/api/v1/");
  render(Workspace, { session, preferences, workplace, login, home: "/campaigns/demo/" });
  await Promise.all([workplace.load(), session.start()]);
  await screen.findByText("About claim?");
  return { server, surrounding, session, preferences, workplace };
}

/** What axe finds; jsdom knows no colours. */
export async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.map((violation) => `${violation.id}: ${violation.help}`);
}
