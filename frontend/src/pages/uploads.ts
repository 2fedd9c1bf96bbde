import { ownHtml } from "../lib/html";
import { t } from "../lib/i18n";
import { acceptDrops, sizeInWords } from "./drops";

type GoTo = (address: string) => void;

function broken(): string {
  return t(
    "The upload broke off: the server could not be reached. Nothing is lost here; send it again.",
  );
}

/** A form `[data-upload]` shows how far its files have gone, and keeps them where it is refused. */
export function showUploads(
  root: ParentNode,
  goTo: GoTo = (address) => location.assign(address),
): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, goTo);
    });
  }
}

function send(form: HTMLFormElement, goTo: GoTo): void {
  const sent = new XMLHttpRequest();
  sent.open("POST", form.action);
  sent.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  sent.upload.addEventListener("progress", (event) => showProgress(form, event));
  sent.addEventListener("load", () => answered(form, sent, goTo));
  for (const end of ["error", "abort", "timeout"]) {
    sent.addEventListener(end, () => {
      busy(form, false);
      say(form, broken());
    });
  }
  sent.send(new FormData(form));
  busy(form, true);
}

function answered(form: HTMLFormElement, sent: XMLHttpRequest, goTo: GoTo): void {
  const address = sent.getResponseHeader("Location");
  if (sent.status === 201 && address) {
    goTo(address);
    return;
  }
  const answer = new DOMParser().parseFromString(ownHtml(sent.responseText), "text/html");
  const refused = answer.querySelector<HTMLFormElement>("form[data-upload]");
  if (refused) putBack(form, refused, goTo);
  else document.querySelector("main")?.replaceWith(answer.querySelector("main") ?? answer.body);
}

/** The form with its errors in place of the one that was sent, with the files still chosen. */
function putBack(form: HTMLFormElement, refused: HTMLFormElement, goTo: GoTo): void {
  for (const name of ["file", "paths"]) {
    const before = form.querySelector<HTMLInputElement>(`[name=${name}]`);
    const now = refused.querySelector<HTMLInputElement>(`[name=${name}]`);
    if (before && now) now.replaceWith(before);
  }
  form.replaceWith(refused);
  const place = refused.parentNode as ParentNode;
  acceptDrops(place);
  showUploads(place, goTo);
  refused.querySelector(".errorlist, [role=alert]")?.scrollIntoView({ block: "center" });
}

function showProgress(form: HTMLFormElement, event: ProgressEvent): void {
  if (!event.lengthComputable) return;
  const bar = form.querySelector<HTMLProgressElement>("[data-upload-progress] progress");
  if (bar) {
    bar.max = event.total;
    bar.value = event.loaded;
  }
  const sizes = { done: sizeInWords(event.loaded), total: sizeInWords(event.total) };
  const all = event.loaded >= event.total;
  say(form, all ? t("All is sent; it is being looked at …") : t("{done} of {total} sent", sizes));
}

function busy(form: HTMLFormElement, is: boolean): void {
  form.querySelector("[data-upload-progress]")?.removeAttribute("hidden");
  const button = form.querySelector<HTMLButtonElement>("button.primary");
  if (button) button.disabled = is;
}

function say(form: HTMLFormElement, sentence: string): void {
  const text = form.querySelector("[data-upload-text]");
  if (text) text.textContent = sentence;
}
