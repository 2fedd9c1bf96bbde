import { request } from "../api/client";
import type { Job } from "../api/types";
import { later, t } from "../lib/i18n";
import { number } from "../lib/wording";

const PAUSE = 1500;

/** What jobs count, as the server calls it. */
const MEASURES: Record<string, string> = {
  comments: later("comments"),
  units: later("units"),
  annotations: later("annotations"),
  bytes: later("bytes"),
  questions: later("questions"),
};

/** The states in the words of the server's own pages. */
const STATES: Record<Job["state"], string> = {
  staged: later("Waiting to be confirmed"),
  queued: later("Waiting"),
  running: later("Running"),
  done: later("Done"),
  failed: later("Failed"),
  cancelled: later("Cancelled"),
};

/**
 * Keeps each `[data-job-url]` up to date until its job has ended, then loads the page anew; but
 * not while somebody fills in a form of it, which would be lost.
 */
export function followJobs(root: ParentNode, reload = (): void => location.reload()): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-job-url]")) {
    void follow(place, reload);
  }
}

async function follow(place: HTMLElement, reload: () => void): Promise<void> {
  const job = await request<Job>("GET", place.dataset["jobUrl"] ?? "").catch(() => null);
  if (job) show(place, job);
  else say(place, t("The server does not answer; this page keeps asking."));
  if (job?.finished && !isFillingIn()) reload();
  else setTimeout(() => void follow(place, reload), PAUSE);
}

function isFillingIn(): boolean {
  return document.activeElement?.matches("input, select, textarea") ?? false;
}

function show(place: HTMLElement, job: Job): void {
  const bar = place.querySelector("progress");
  if (bar && job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else {
    bar?.removeAttribute("value");
  }
  const state = place.querySelector("[data-job-state]");
  if (state) {
    state.textContent = t(STATES[job.state]);
    state.className = `badge state-${job.state}`;
  }
  say(place, inWords(job));
}

/** "120 of 500 comments", the error of a failed job, or that nobody works on it. */
export function inWords(job: Job): string {
  if (job.error) return job.error;
  if (!job.worker_alive && !job.finished) {
    return t("No worker is running: the job waits until one is started.");
  }
  const measure = t(MEASURES[job.measure] ?? job.measure);
  const done = number(job.done);
  if (!job.total) return t("{done} {measure}", { done, measure }).trim();
  return t("{done} of {total} {measure}", { done, total: number(job.total), measure }).trim();
}

/** Only a change is written: the place may be a live region. */
function say(place: HTMLElement, sentence: string): void {
  const text = place.querySelector("[data-job-text]");
  if (text && text.textContent !== sentence) text.textContent = sentence;
}
