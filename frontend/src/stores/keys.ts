import type { Confidence, Question } from "../api/types";
import { toggled } from "../lib/answers";
import { answerOf } from "../lib/hotkeys";
import { type Command, commandOf, isSingleKey, isTyping } from "../lib/keymap";
import type { Preferences } from "./preferences.svelte";
import type { Session } from "./session.svelte";

const MOVES = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

/**
 * Gives a key press to what it is meant for; true if it was taken from the browser. Keys that come
 * while the next unit is on its way answer nothing: they would fall on the one that was left.
 */
export function handleKey(event: KeyboardEvent, session: Session, choice: Preferences): boolean {
  if (isTyping(event)) return handleInField(event, session);
  if (session.dialog !== null) return closeByItsKey(event, session);
  if (session.decision) return false;
  if (isSingleKey(event) && !choice.shortcuts) return false;
  if (isNative(event, choice.shortcuts)) return false;
  if (session.leaving) return isSingleKey(event);
  if (session.phase === "working") {
    if (handleMarking(event, session)) return true;
    if (handleConfidence(event, session)) return true;
    if (handleAnswer(event, session)) return true;
  }
  const command = commandOf(event);
  return command !== undefined && run(command, session);
}

/** In a field only the way out and the ways on are the page's. */
function handleInField(event: KeyboardEvent, session: Session): boolean {
  if (event.isComposing || session.dialog !== null) return false;
  const command = commandOf(event);
  const field = event.target as HTMLElement;
  if (command === "out") {
    field.blur();
    return true;
  }
  const goesOn = command === "continue" && !event.shiftKey && field.dataset["enter"] === "continue";
  return (goesOn || command === "submit") && run(command, session);
}

function closeByItsKey(event: KeyboardEvent, session: Session): boolean {
  const same =
    (event.key === "?" && session.dialog === "help") ||
    (event.key === "g" && session.dialog === "guidelines");
  if (same) session.dialog = null;
  return same;
}

/** Enter and space press what has the focus; arrows are the radio buttons' without shortcuts. */
function isNative(event: KeyboardEvent, shortcuts: boolean): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (["Enter", " "].includes(event.key) && !event.ctrlKey && !event.metaKey) {
    return target.closest("button, a[href], summary, [role=link]") !== null || event.key === " ";
  }
  return !shortcuts && event.key.startsWith("Arrow") && target.matches("input");
}

function handleMarking(event: KeyboardEvent, session: Session): boolean {
  const { marking } = session;
  if (!marking?.question || event.metaKey) return false;
  if (marking.cursor && event.key in MOVES) {
    const finely = event.ctrlKey || event.altKey;
    marking.move(MOVES[event.key as keyof typeof MOVES], { stretch: event.shiftKey, finely });
    return true;
  }
  if (event.ctrlKey || event.altKey) return false;
  if (event.key === "Escape") marking.leave();
  else if (event.key === "Enter") marking.take();
  else if (event.key === "x" || event.key === "Delete") marking.unmark();
  else return takeLabel(marking.question, event.key, (label) => marking.take(label));
  return true;
}

/**
 * Shift and 1 to 3 say how sure one is. Where the digits themselves need Shift (a French keyboard),
 * they answer questions instead.
 */
function handleConfidence(event: KeyboardEvent, { codebook, sheet }: Session): boolean {
  const [, digit] = /^Digit([123])$/.exec(event.code) ?? [];
  const held = event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!codebook?.confidence || !digit || !held || /\d/.test(event.key)) return false;
  sheet?.rate(Number(digit) as Confidence);
  return true;
}

function handleAnswer(event: KeyboardEvent, session: Session): boolean {
  const { sheet, marking } = session;
  const question = sheet?.activeQuestion;
  if (!sheet || !marking || !question || !isSingleKey(event)) return false;
  const answer = answerOf(question, event.key);
  if (answer === undefined) return false;
  if (question.kind === "multi_label") {
    sheet.answer(question.key, toggled(question, sheet.answers[question.key], String(answer)));
  } else if (question.kind === "span" || question.kind === "relation") {
    marking.start(String(answer));
  } else {
    sheet.answer(question.key, answer);
    goOnAfter(session);
  }
  return true;
}

/** One key, one answer: the next open question takes over; after the last one it is submitted. */
function goOnAfter(session: Session): void {
  const { sheet } = session;
  if (!sheet) return;
  const open = sheet.nextOpen();
  if (sheet.reopened) sheet.step(1);
  else if (open) sheet.activate(open.key);
  else void session.submit();
}

function goOn(session: Session): void {
  const { sheet } = session;
  const question = sheet?.activeQuestion;
  if (!sheet) return;
  if (question) sheet.pass(question);
  const open = sheet.reopened ? undefined : sheet.nextOpen();
  if (open && open.key !== question?.key) sheet.activate(open.key);
  else void session.submit();
}

function takeLabel(question: Question, key: string, take: (label: string) => void): boolean {
  const label = answerOf(question, key);
  if (typeof label === "string") take(label);
  return typeof label === "string";
}

/** Does what a command says; false where it means nothing now. */
export function run(command: Command, session: Session): boolean {
  const action = ACTIONS[command];
  const onUnit = session.phase === "working" || ANYWHERE.includes(command);
  if (!onUnit) return false;
  if (isReading(command)) session.touch();
  action(session);
  return true;
}

const ANYWHERE: Command[] = ["help", "guidelines", "previous-unit", "next-unit", "undo"];

function isReading(command: Command): boolean {
  return command.endsWith("comment");
}

const ACTIONS: Record<Command, (session: Session) => void> = {
  "next-comment": ({ reading }) => reading?.step(1),
  "previous-comment": ({ reading }) => reading?.step(-1),
  parent: ({ reading }) => reading?.goTo(reading.tree.parent(reading.at)),
  "next-sibling": ({ reading }) => reading?.goTo(reading.tree.nextSibling(reading.at)),
  "next-question": ({ sheet }) => sheet?.step(1),
  "previous-question": ({ sheet }) => sheet?.step(-1),
  continue: goOn,
  submit: (session) => void session.submit(),
  mark: ({ marking }) => marking?.start(),
  unmark: ({ marking }) => marking?.unmark(),
  undo: (session) => void session.undo(),
  quote: ({ reading }) => reading?.nextQuote(),
  accept: (session) => {
    const { sheet } = session;
    if (sheet?.active && sheet.accept(sheet.active)) goOnAfter(session);
  },
  "accept-all": (session) => {
    if (session.sheet?.acceptAll()) goOnAfter(session);
  },
  "next-unit": (session) => void session.next(),
  "previous-unit": (session) => void session.previous(),
  skip: (session) => (session.dialog = "skip"),
  flag: (session) => toggleFlag(session),
  note: ({ sheet }) => sheet && (sheet.wantsFocus = "note"),
  guidelines: (session) => (session.dialog = "guidelines"),
  article: ({ reading }) => reading?.toggleArticle(),
  zoom: ({ reading }) => reading?.toggleZoom(),
  help: (session) => (session.dialog = "help"),
  out: ({ reading, sheet }) => {
    reading?.goTo(reading.focusComment);
    sheet?.activate(sheet.active, false);
  },
};

function toggleFlag(session: Session): void {
  const { sheet } = session;
  if (!sheet) return;
  sheet.flagged = !sheet.flagged;
  session.changed();
  session.notice = sheet.flagged ? "Flagged." : "Flag taken away.";
}
