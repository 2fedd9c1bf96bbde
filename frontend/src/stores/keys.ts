import type { Confidence, Question } from "../api/types";
import { toggled } from "../lib/answers";
import { answerOf } from "../lib/hotkeys";
import { t } from "../lib/i18n";
import { type Command, isSingleKey, isTyping } from "../lib/keymap";
import type { Preferences } from "./preferences.svelte";
import type { Session } from "./session.svelte";
import type { Workplace } from "./workplace.svelte";

const MOVES = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

/**
 * Gives a key press to what it is meant for; true if it was taken from the browser. Keys that come
 * while the next unit is on its way answer nothing: they would fall on the one that was left.
 */
export function handleKey(
  event: KeyboardEvent,
  session: Session,
  choice: Preferences,
  workplace: Workplace,
): boolean {
  const command = choice.keymap.commandOf(event);
  if (isTyping(event)) return handleInField(event, session, workplace, command);
  if (workplace.stopped || session.decision) return false;
  if (isSingleKey(event) && !choice.shortcuts) return false;
  if (session.dialog !== null) return handleInDialog(session, workplace, command);
  if (isNative(event, choice.shortcuts)) return false;
  if (session.leaving) return isSingleKey(event);
  if (session.phase === "working") {
    if (handleMarking(event, session, command)) return true;
    if (handleConfidence(event, session)) return true;
    if (handleAnswer(event, session, workplace)) return true;
  }
  return command !== undefined && run(command, session, workplace);
}

/** In a field only the way out and the ways on are the page's. */
function handleInField(
  event: KeyboardEvent,
  session: Session,
  workplace: Workplace,
  command: Command | undefined,
): boolean {
  if (event.isComposing || session.dialog !== null || isSingleKey(event)) return false;
  const field = event.target as HTMLElement;
  if (command === "out") {
    field.blur();
    return true;
  }
  const goesOn = command === "continue" && !event.shiftKey && field.dataset["enter"] === "continue";
  return (goesOn || command === "submit") && run(command, session, workplace);
}

/** The key that opens a dialog closes it; where care is offered, its keys work. */
function handleInDialog(
  session: Session,
  workplace: Workplace,
  command: Command | undefined,
): boolean {
  const offersCare = session.dialog === "break" || session.dialog === "support";
  if (command !== undefined && command === session.dialog) session.dialog = null;
  else if (offersCare && (command === "stop" || command === "support"))
    run(command, session, workplace);
  else return false;
  return true;
}

/** Enter and space press what has the focus; arrows are the radio buttons' without shortcuts. */
export function isNative(event: KeyboardEvent, shortcuts: boolean): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (["Enter", " "].includes(event.key) && !event.ctrlKey && !event.metaKey) {
    return target.closest("button, a[href], summary, [role=link]") !== null || event.key === " ";
  }
  return !shortcuts && event.key.startsWith("Arrow") && target.matches("input");
}

export function handleMarking(
  event: KeyboardEvent,
  session: Pick<Session, "marking">,
  command: Command | undefined,
): boolean {
  const { marking } = session;
  if (!marking?.question || event.metaKey) return false;
  if (marking.cursor && event.key in MOVES) {
    const finely = event.ctrlKey || event.altKey;
    marking.move(MOVES[event.key as keyof typeof MOVES], { stretch: event.shiftKey, finely });
    return true;
  }
  if (event.ctrlKey || event.altKey) return false;
  if (takeLabel(marking.question, event.key, (label) => marking.take(label))) return true;
  if (command === "out") marking.leave();
  else if (command === "continue") marking.take();
  else if (command === "unmark") marking.unmark();
  else return false;
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

function handleAnswer(event: KeyboardEvent, session: Session, workplace: Workplace): boolean {
  const { sheet, marking } = session;
  const question = sheet?.activeQuestion;
  if (!sheet || !marking || !question || !isSingleKey(event)) return false;
  const answer = answerOf(question, event.key);
  if (answer === undefined) return false;
  if (question.kind === "multi_label") {
    sheet.answer(question.key, toggled(question, sheet.answers[question.key], String(answer)));
  } else if (question.kind === "span" || question.kind === "relation") {
    startMarking(session, workplace, String(answer));
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

/** Words can be marked only where they are on the screen. */
export function startMarking(
  session: Pick<Session, "reading" | "marking" | "sheet" | "notice">,
  { covers }: Workplace,
  label?: string,
): void {
  const { reading, marking, sheet } = session;
  const focus = reading?.focusComment;
  const relates = sheet?.activeQuestion?.kind === "relation";
  if (focus && !relates && covers.isCovered(focus)) {
    session.notice = t("The text is covered: show it before you mark words in it.");
    reading.goTo(focus);
  } else {
    marking?.start(label);
  }
}

/** Does what a command says; false where it means nothing now. */
export function run(command: Command, session: Session, workplace: Workplace): boolean {
  const action = ACTIONS[command];
  const onUnit = session.phase === "working" || ANYWHERE.includes(command);
  if (!onUnit) return false;
  if (isReading(command)) session.touch();
  action(session, workplace);
  return true;
}

const ANYWHERE: Command[] = [
  "help",
  "guidelines",
  "history",
  "settings",
  "support",
  "stop",
  "today",
  "previous-unit",
  "next-unit",
  "undo",
];

function isReading(command: Command): boolean {
  return command.endsWith("comment");
}

const ACTIONS: Record<Command, (session: Session, workplace: Workplace) => void> = {
  "next-comment": ({ reading }) => reading?.step(1),
  "previous-comment": ({ reading }) => reading?.step(-1),
  parent: ({ reading }) => reading?.goTo(reading.tree.parent(reading.at)),
  "next-sibling": ({ reading }) => reading?.goTo(reading.tree.nextSibling(reading.at)),
  "next-question": ({ sheet }) => sheet?.step(1),
  "previous-question": ({ sheet }) => sheet?.step(-1),
  continue: goOn,
  submit: (session) => void session.submit(),
  mark: (session, workplace) => startMarking(session, workplace),
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
  "next-unlabeled": (session) => {
    session.trail.toEnd();
    void session.next();
  },
  "previous-unit": (session) => void session.previous(),
  skip: (session) => (session.dialog = "skip"),
  flag: (session) => toggleFlag(session),
  note: ({ sheet }) => sheet && (sheet.wantsFocus = "note"),
  definitions: (_, workplace) => (workplace.definitions = !workplace.definitions),
  guidelines: toggleGuidelines,
  article: ({ reading }) => reading?.toggleArticle(),
  zoom: ({ reading }) => reading?.toggleZoom(),
  cover: ({ reading }, { covers }) => {
    const comment = reading?.tree.get(reading.at);
    if (reading && comment) covers.toggle([comment], reading);
  },
  "uncover-ancestors": ({ reading }, { covers }) =>
    reading && covers.toggle(reading.tree.ancestors(reading.focus), reading),
  stop: (session, workplace) => void workplace.stop(session),
  support: (session) => (session.dialog = "support"),
  today: (session) => (session.dialog = "today"),
  history: (session) => (session.dialog = "history"),
  settings: (session) => (session.dialog = "settings"),
  help: (session) => (session.dialog = "help"),
  out: ({ reading, sheet }) => {
    reading?.goTo(reading.focusComment);
    sheet?.activate(sheet.active, false);
  },
};

/** Beside the thread where there is room for it, else over it. */
function toggleGuidelines(session: Session, workplace: Workplace): void {
  const roomy = globalThis.matchMedia?.("(min-width: 75rem)").matches;
  if (roomy && session.phase === "working") workplace.panel = !workplace.panel;
  else session.dialog = "guidelines";
}

function toggleFlag(session: Session): void {
  const { sheet } = session;
  if (!sheet) return;
  sheet.flagged = !sheet.flagged;
  session.changed();
  session.notice = sheet.flagged ? t("Flagged.") : t("Flag taken away.");
}
