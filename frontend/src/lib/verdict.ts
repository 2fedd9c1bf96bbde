import { ApiError, Unreachable } from "../api/client";

/** What a failed request means for what was to be sent. */
export type Verdict = "offline" | "login" | "refused";

const NOT_LOGGED_IN = ["not_authenticated", "authentication_failed"];

/** Trouble of the way (try again), of the session (log in, try again), or a refusal for good. */
export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof ApiError)) return "offline";
  if (error.status === 401 || error.status === 403) return "login";
  if (error.status >= 500 || error.status === 429 || error.status === 408) return "offline";
  return "refused";
}

/** Whether it helps to log in: who may not do something is told so by 403 as well. */
export function isLoggedOut(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 401 || NOT_LOGGED_IN.includes(error.code);
}

/** Whether the same request may go through later, without anybody doing something here. */
export function passes(error: unknown): boolean {
  if (error instanceof Unreachable || isLoggedOut(error)) return true;
  return error instanceof ApiError && verdictOn(error) === "offline";
}
