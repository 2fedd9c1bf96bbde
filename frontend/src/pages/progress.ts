import { ownHtml } from "../lib/html";
import { t } from "../lib/i18n";

const PAUSE = 1000;
const UNTIL_GONE = 10_000;

let left = -UNTIL_GONE;
addEventListener("beforeunload", () => (left = performance.now()));

/**
 * Keeps each `[data-progress-url]` up to date with the piece of a page found there, until that
 * says `data-finished`; then the page is loaded anew.
 */
export function followProgress(root: ParentNode, reload = (): void => location.reload()): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-progress-url]")) {
    void follow(place, reload, "");
  }
}

async function follow(place: HTMLElement, reload: () => void, before: string): Promise<void> {
  const piece = await fetchPiece(place.dataset["progressUrl"] ?? "").catch(() => null);
  sayTrouble(piece === null ? t("The server does not answer; this page keeps asking.") : "");
  if (piece !== null && piece !== before) place.innerHTML = ownHtml(piece);
  // Who has just followed a link would be brought back.
  const leaves = performance.now() - left < UNTIL_GONE;
  if (place.querySelector("[data-finished]") && !leaves) reload();
  else setTimeout(() => void follow(place, reload, piece ?? before), PAUSE);
}

/** Null where somebody else answers: the log-in page, or an error. */
async function fetchPiece(address: string): Promise<string | null> {
  const response = await fetch(address);
  return response.ok && !response.redirected ? await response.text() : null;
}

function sayTrouble(sentence: string): void {
  const text = document.querySelector("[data-progress-trouble]");
  if (text && text.textContent !== sentence) text.textContent = sentence;
}
