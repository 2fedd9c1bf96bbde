import { toggled } from "../lib/answers";
import { answerOf } from "../lib/hotkeys";
import { type Command, isSingleKey, isTyping } from "../lib/keymap";
import type { Bench } from "./bench.svelte";
import { handleMarking, isNative, startMarking } from "./keys";
import type { Preferences } from "./preferences.svelte";
import type { Workplace } from "./workplace.svelte";

/** The workspace's commands that mean something at the bench, and what they do there. */
const ACTIONS: Partial<Record<Command, (bench: Bench, workplace: Workplace) => void>> = {
  "next-comment": ({ reading }) => reading?.step(1),
  "previous-comment": ({ reading }) => reading?.step(-1),
  parent: ({ reading }) => reading?.goTo(reading.tree.parent(reading.at)),
  "next-sibling": ({ reading }) => reading?.goTo(reading.tree.nextSibling(reading.at)),
  quote: ({ reading }) => reading?.nextQuote(),
  article: ({ reading }) => reading?.toggleArticle(),
  zoom: ({ reading }) => reading?.toggleZoom(),
  cover: ({ reading }, { covers }) => {
    const comment = reading?.tree.get(reading.at);
    if (reading && comment) covers.toggle([comment], reading);
  },
  "next-question": ({ sheet }) => sheet?.step(1),
  "previous-question": ({ sheet }) => sheet?.step(-1),
  mark: (bench, workplace) => startMarking(bench, workplace),
  unmark: ({ marking }) => marking?.unmark(),
  accept: ({ sheet }) => sheet?.active && sheet.accept(sheet.active),
  definitions: (_, workplace) => (workplace.definitions = !workplace.definitions),
  continue: goOn,
  submit: (bench) => void bench.decide(),
  note: (bench) => (bench.wantsReason = true),
  skip: (bench) => void bench.skip(),
  undo: (bench) => void bench.undo(),
  "previous-unit": (bench) => void bench.back(),
  guidelines: (bench) => (bench.dialog = "guidelines"),
  help: (bench) => (bench.dialog = "help"),
  out: ({ reading, sheet }) => {
    reading?.goTo(reading.focusComment);
    sheet?.activate(sheet.active, false);
  },
};

export const BENCH_COMMANDS = Object.keys(ACTIONS) as Command[];

const ANYWHERE: Command[] = ["help", "guidelines", "undo", "previous-unit"];

/** Gives a key press to what it is meant for; true if it was taken from the browser. */
export function handleBenchKey(
  event: KeyboardEvent,
  bench: Bench,
  choice: Preferences,
  workplace: Workplace,
): boolean {
  const command = choice.keymap.commandOf(event);
  if (isTyping(event)) return handleInField(event, bench, command);
  if (isSingleKey(event) && !choice.shortcuts) return false;
  if (bench.dialog !== null) return closeDialog(bench, command);
  if (bench.clash || isNative(event, choice.shortcuts)) return false;
  if (bench.busy) return isSingleKey(event);
  if (bench.phase === "working") {
    if (handleMarking(event, bench, command)) return true;
    if (handleLetter(event, bench)) return true;
    if (handleAnswer(event, bench, workplace)) return true;
  }
  return command !== undefined && run(command, bench, workplace);
}

/** Does what a command says; false where it means nothing now. */
export function run(command: Command, bench: Bench, workplace: Workplace): boolean {
  const action = ACTIONS[command];
  if (!action || (bench.phase !== "working" && !ANYWHERE.includes(command))) return false;
  action(bench, workplace);
  return true;
}

/** In a field only the ways out and on are the page's. */
function handleInField(event: KeyboardEvent, bench: Bench, command: Command | undefined): boolean {
  if (event.isComposing || bench.dialog !== null || isSingleKey(event)) return false;
  const field = event.target as HTMLElement;
  if (command === "out") {
    field.blur();
    return true;
  }
  if (command === "submit") void bench.decide();
  else if (command === "continue" && field.dataset["enter"] === "continue") goOn(bench);
  else return false;
  return true;
}

function closeDialog(bench: Bench, command: Command | undefined): boolean {
  if (command === undefined || command !== bench.dialog) return false;
  bench.dialog = null;
  return true;
}

/** A capital takes over all that this annotator said, an arrow their answer to one question. */
function handleLetter(event: KeyboardEvent, bench: Bench): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    bench.cycle(event.key === "ArrowRight" ? 1 : -1);
    return true;
  }
  return /^[A-Z]$/.test(event.key) && bench.take(event.key);
}

function handleAnswer(event: KeyboardEvent, bench: Bench, workplace: Workplace): boolean {
  const { sheet } = bench;
  const question = sheet?.activeQuestion;
  if (!sheet || !question || !isSingleKey(event)) return false;
  const answer = answerOf(question, event.key);
  if (answer === undefined) return false;
  if (question.kind === "multi_label") {
    sheet.answer(question.key, toggled(question, sheet.answers[question.key], String(answer)));
  } else if (question.kind === "span" || question.kind === "relation") {
    startMarking(bench, workplace, String(answer));
  } else {
    sheet.answer(question.key, answer);
    const open = sheet.nextOpen();
    if (open) sheet.activate(open.key);
  }
  return true;
}

/** To the next open question; where all is answered, the case is decided. */
function goOn(bench: Bench): void {
  const { sheet } = bench;
  const question = sheet?.activeQuestion;
  if (!sheet) return;
  if (question) sheet.pass(question);
  const open = sheet.nextOpen();
  if (open && open.key !== question?.key) sheet.activate(open.key);
  else void bench.decide();
}
