import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CampaignApi } from "../api/campaign";
import { ALL, at, more } from "../testing/long";
import { Server } from "../testing/server";
import { Filling } from "./filling";
import { Thread } from "./thread.svelte";

let server: Server;
let thread: Thread;
let filling: Filling;

beforeEach(() => {
  server = new Server();
  server.more = (side, position) => more(side, position, 300);
  thread = new Thread(at(500));
  thread.arrive(at(500));
  filling = new Filling(new CampaignApi("/api/v1/", "demo", ""), thread, () => 1);
});

afterEach(() => filling.stop());

const shown = (): number => thread.shown.reduce((sum, group) => sum + group.cards.length, 0);

describe("a long thread", () => {
  it("is fetched and put on the page while nobody presses a key", async () => {
    filling.start();
    await vi.waitFor(() => expect(shown()).toBe(ALL.length), { timeout: 10_000 });
    expect([thread.after, thread.edges]).toEqual([0, []]);
  });

  it("goes on where a lost connection stopped it", async () => {
    server.way = "down";
    filling.start();
    await vi.waitFor(() => expect(shown()).toBe(42));
    await vi.waitFor(() => expect(thread.loading).toBe(false));
    server.way = "open";
    filling.start();
    await vi.waitFor(() => expect(shown()).toBe(ALL.length), { timeout: 10_000 });
  });

  it("shows at once what somebody asks for at its edge", async () => {
    const [above, below] = thread.edges;
    expect([above?.position, below?.position]).toEqual([480, 520]);
    await filling.fetchNow("before", 480);
    filling.stop();
    expect(thread.card(480)?.mounted).toBe(true);
    expect(thread.edges[0]?.position).toBe(180);
  });
});
