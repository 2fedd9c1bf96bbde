import { t } from "./i18n";
import type { Command } from "./keymap";

export type Group = "answer" | "go" | "read" | "care" | "page";

/** What each command does, for the menu and the help, which come after the first comment. */
export const MEANINGS: Record<Command, { group: Group; says: () => string }> = {
  "next-question": { group: "answer", says: () => t("next question") },
  "previous-question": { group: "answer", says: () => t("previous question") },
  continue: { group: "answer", says: () => t("go on; submit when all is answered") },
  submit: { group: "answer", says: () => t("submit at once") },
  undo: { group: "answer", says: () => t("undo the last answer, then reopen the last comment") },
  mark: { group: "answer", says: () => t("mark text, or choose a comment, with the keyboard") },
  unmark: { group: "answer", says: () => t("remove the last mark") },
  flag: { group: "answer", says: () => t("flag") },
  note: { group: "answer", says: () => t("write a note") },
  definitions: {
    group: "answer",
    says: () => t("show or hide what the labels of the question mean"),
  },
  accept: { group: "answer", says: () => t("take what a model suggests for this question") },
  "accept-all": { group: "answer", says: () => t("take what a model suggests for all open ones") },
  "next-unit": { group: "go", says: () => t("next comment of yours") },
  "next-unlabeled": { group: "go", says: () => t("next comment to label") },
  "previous-unit": { group: "go", says: () => t("previous comment of yours") },
  skip: { group: "go", says: () => t("skip, with a reason if you like") },
  "next-comment": { group: "read", says: () => t("read the comment below") },
  "previous-comment": { group: "read", says: () => t("read the comment above") },
  parent: { group: "read", says: () => t("read the comment that this one answers") },
  "next-sibling": { group: "read", says: () => t("read the next answer to the same comment") },
  quote: { group: "read", says: () => t("go to what this comment quotes, and back") },
  article: { group: "read", says: () => t("hide or show the article") },
  zoom: { group: "read", says: () => t("this comment alone, or the whole thread") },
  cover: { group: "care", says: () => t("show or cover the text of the comment you read") },
  "uncover-ancestors": {
    group: "care",
    says: () => t("show or cover all that the comment in question answers"),
  },
  stop: { group: "care", says: () => t("stop for today") },
  support: { group: "care", says: () => t("support") },
  today: { group: "care", says: () => t("your progress and your day") },
  guidelines: { group: "page", says: () => t("guidelines") },
  history: { group: "page", says: () => t("what you did") },
  settings: { group: "page", says: () => t("settings") },
  help: { group: "page", says: () => t("all keys") },
  out: { group: "page", says: () => t("out of a field, a dialog or marking") },
};
