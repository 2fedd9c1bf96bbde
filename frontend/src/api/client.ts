import { t } from "../lib/i18n";
/** One refusal of the API: its `code` is contract, its `message` a sentence for the person. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string[]>,
    /** The whole body: some codes carry more (`current`, `offered`). */
    readonly body: Record<string, unknown>,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super(t("The server cannot be reached. Your answers wait in this browser and are sent later."));
    this.name = "Unreachable";
  }
}

/** A connection that has said nothing for so long, in milliseconds, is taken to be dead. */
const LONGEST_WAIT = 30_000;

/** JSON over the session of the page. Raises ApiError for a refusal, Unreachable for no answer. */
export async function request<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await attempt(method, url, body);
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(response, answer);
  // An answer that broke off on its way is none; 204 has nothing to say.
  if (answer === undefined && response.status !== 204) throw new Unreachable();
  return answer as T;
}

async function attempt(method: string, url: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = body === undefined ? null : JSON.stringify(body);
  try {
    const signal = AbortSignal.timeout(LONGEST_WAIT);
    return await fetch(url, { method, headers, body: sent, credentials: "same-origin", signal });
  } catch {
    throw new Unreachable();
  }
}

function refusal(response: Response, answer: unknown): ApiError {
  const body = (answer ?? {}) as Record<string, unknown>;
  const message =
    typeof body["message"] === "string"
      ? body["message"]
      : `The server answered ${response.status} without a reason.`;
  const code = typeof body["code"] === "string" ? body["code"] : `http_${response.status}`;
  const fields = (body["fields"] ?? {}) as Record<string, string[]>;
  return new ApiError(response.status, code, message, fields, body);
}

/** Read at each request: a new log-in in another tab changes the cookie. */
function csrfToken(): string {
  return /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}
