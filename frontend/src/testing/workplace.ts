import type { Surroundings } from "../api/workplace";
import { DEFAULTS } from "../stores/preferences.svelte";
import type { Server } from "./server";

export const CATEGORIES = [
  { key: "hate", title: "Hate", description: "Against people for what they are." },
  { key: "death", title: "Death", description: "" },
];

export function surroundings(more: Partial<Surroundings> = {}): Surroundings {
  return {
    campaign: {
      slug: "demo",
      name: "Demo",
      state: "open",
      show_suggestions: false,
      cover_content: true,
      support_text_html: "<p>Call <strong>Mo</strong>.</p>",
      break_minutes: 0,
      daily_units: null,
      daily_warned: 20,
    },
    codebook: "/api/v1/codebooks/test/1/",
    categories: CATEGORIES,
    avoided: [],
    rulings: [],
    rulings_seen: null,
    codebook_seen: true,
    today: { units: 3, seconds: 512, warned: { hate: 2 }, enough: null },
    preferences: DEFAULTS,
    ...more,
  };
}

/** The part of the API that is about the annotator, in memory, beside the server of the units. */
export class Surrounding {
  /** What the page sent, by the end of the address, newest last. */
  readonly sent: [string, unknown][] = [];
  /** The addresses of the history that were asked. */
  readonly searched: string[] = [];

  constructor(
    server: Server,
    private readonly shape: Surroundings,
  ) {
    server.beside = (url, options) => this.answer(url, options);
  }

  last(address: string): unknown {
    return this.sent.findLast(([other]) => other === address)?.[1];
  }

  private answer(url: string, options: RequestInit): Response | null {
    const body = JSON.parse(String(options.body ?? "null")) as unknown;
    if (url.includes("/history/?")) this.searched.push(url);
    if (url.endsWith("/workplace/")) return Response.json(this.shape);
    const address = /(?:stop|guidelines\/seen|me\/avoided|me\/preferences)(?=\/$)/.exec(url)?.[0];
    if (!address) return null;
    this.sent.push([address, body]);
    if (address === "stop") return Response.json({ released: 1, today: this.shape.today });
    if (address === "guidelines/seen") return new Response(null, { status: 204 });
    return Response.json(body);
  }
}
