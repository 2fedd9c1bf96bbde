import { t } from "../lib/i18n";

/** `[data-confirm]` on a form or its button: the question is asked before the form is sent. */
export function confirmFirst(root: ParentNode & EventTarget): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter;
    const question = button?.dataset["confirm"] ?? form.dataset["confirm"];
    if (!question || form.dataset["confirmed"] === "yes") return;
    event.preventDefault();
    ask(question, button?.textContent?.trim() || t("Yes"), () => {
      form.dataset["confirmed"] = "yes";
      form.requestSubmit(button);
    });
  });
}

function ask(question: string, yes: string, go: () => void): void {
  const dialog = document.createElement("dialog");
  dialog.className = "question-dialog";
  const words = document.createElement("p");
  words.id = "confirm-question";
  words.textContent = question;
  dialog.setAttribute("aria-labelledby", words.id);
  dialog.append(words, answers(yes));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "yes") go();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function answers(yes: string): HTMLFormElement {
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "actions";
  form.append(button("no", t("Go back"), ""), button("yes", yes, "danger"));
  return form;
}

function button(value: string, label: string, look: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.value = value;
  made.textContent = label;
  made.className = look;
  return made;
}
