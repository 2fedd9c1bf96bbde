/** What is open over the page. */
export type Dialog =
  | "help"
  | "guidelines"
  | "skip"
  | "history"
  | "login"
  | "settings"
  | "today"
  | "break"
  | "support"
  | "feedback";

export type Phase = "loading" | "working" | "waiting" | "finished" | "enough" | "stopped";
