import { ApiError } from "../api/client";

/** What a failed request means for what was to be sent. */
export type Verdict = "offline" | "login" | "refused";

/** Trouble of the way (try again), of the session (log in, try again), or a refusal for good. */
export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof ApiError)) return "offline";
  if (error.status === 401 || error.status === 403) return "login";
  if (error.status >= 500 || error.status === 429 || error.status === 408) return "offline";
  return "refused";
}
