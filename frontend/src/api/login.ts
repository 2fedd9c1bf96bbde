import { Unreachable } from "./client";

/** What came of a try: null is a log-in, else a sentence for the person. */
export type Outcome = string | null;

export interface Words {
  /** The browser is logged in as somebody else. */
  other: string;
  /** The site says no without saying why. */
  failed: string;
}

/** Logs in by the site's own form, so that whatever guards it guards this too. */
export class Login {
  constructor(
    readonly address: string,
    readonly user: string,
    private readonly api: string,
  ) {}

  /** Raises Unreachable. */
  async attempt(password: string, words: Words): Promise<Outcome> {
    const form = await this.load(this.address);
    const token = form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value;
    const fields = { username: this.user, password, csrfmiddlewaretoken: token ?? "" };
    // Without a form there is nothing to fill in: somebody is logged in already.
    const answer = form.querySelector("[name=password]")
      ? await this.load(this.address, new URLSearchParams(fields))
      : form;
    const who = await this.who();
    if (who === this.user) return null;
    if (who !== undefined) return words.other;
    return answer.querySelector(".errorlist li")?.textContent?.trim() || words.failed;
  }

  private async load(address: string, body: URLSearchParams | null = null): Promise<Document> {
    const method = body ? "POST" : "GET";
    const response = await reach(address, { method, body, credentials: "same-origin" });
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  private async who(): Promise<string | undefined> {
    const response = await reach(`${this.api}me/`, { headers: { Accept: "application/json" } });
    if (!response.ok) return undefined;
    const { username } = (await response.json()) as { username?: string };
    return username;
  }
}

async function reach(address: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(address, options);
  } catch {
    throw new Unreachable();
  }
}
