/** A text field for YAML: line numbers, Tab and Enter that indent, lines that are marked. */

const INDENT = "  ";

export class Editor {
  private readonly gutter: HTMLElement;
  private lines = 0;
  private marked: ReadonlySet<number> = new Set();
  /** Escape was pressed: the next Tab leaves the field. */
  private leaving = false;

  constructor(
    readonly field: HTMLTextAreaElement,
    private readonly wrote: (text: string) => void,
  ) {
    field.wrap = "off";
    this.gutter = document.createElement("div");
    this.gutter.className = "gutter";
    this.gutter.setAttribute("aria-hidden", "true");
    field.before(this.gutter);
    field.addEventListener("input", () => this.changed());
    field.addEventListener("scroll", () => this.follow());
    field.addEventListener("keydown", (event) => this.onkeydown(event));
    this.number();
  }

  get text(): string {
    return this.field.value;
  }

  /** Another text in place of all; it can be undone like what is typed. */
  replace(text: string): void {
    this.field.focus();
    this.field.select();
    this.insert(text);
    this.field.setSelectionRange(0, 0);
  }

  /** The caret stands in a line, from 1, and the line is in view. */
  goTo(line: number): void {
    const lines = this.text.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
    this.field.focus();
    this.field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    const height = this.field.scrollHeight / Math.max(lines.length, 1);
    this.field.scrollTop = (line - 1) * height - this.field.clientHeight / 3;
    this.follow();
  }

  /** Marks these lines, from 1, in the margin. */
  mark(lines: Iterable<number>): void {
    this.marked = new Set(lines);
    for (const [place, number] of [...this.gutter.children].entries()) {
      number.classList.toggle("faulty", this.marked.has(place + 1));
    }
  }

  private changed(): void {
    this.number();
    this.wrote(this.text);
  }

  private follow(): void {
    this.gutter.scrollTop = this.field.scrollTop;
  }

  private number(): void {
    const wanted = this.text.split("\n").length;
    if (wanted === this.lines) return;
    while (this.gutter.children.length > wanted) this.gutter.lastChild?.remove();
    const more = document.createDocumentFragment();
    for (let line = this.gutter.children.length + 1; line <= wanted; line += 1) {
      const number = document.createElement("span");
      number.textContent = String(line);
      if (this.marked.has(line)) number.className = "faulty";
      more.append(number);
    }
    this.gutter.append(more);
    this.lines = wanted;
    this.follow();
  }

  private onkeydown(event: KeyboardEvent): void {
    const held = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (event.key === "Escape") this.leaving = true;
    else if (event.key === "Tab" && !held && !this.leaving) {
      event.preventDefault();
      this.indent(event.shiftKey);
    } else if (event.key === "Enter" && !held && !event.shiftKey) {
      event.preventDefault();
      this.breakLine();
    } else if (event.key !== "Shift") this.leaving = false;
  }

  /** Moves the lines of the selection, or puts spaces where the caret stands. */
  private indent(back: boolean): void {
    const { selectionStart: from, selectionEnd: to } = this.field;
    if (from === to && !back) {
      this.insert(INDENT);
      return;
    }
    const start = this.text.lastIndexOf("\n", from - 1) + 1;
    const lines = this.text.slice(start, to).split("\n");
    const moved = lines
      .map((line) => (back ? line.replace(/^ {1,2}/, "") : line && INDENT + line))
      .join("\n");
    if (moved === lines.join("\n")) return;
    this.field.setSelectionRange(start, to);
    this.insert(moved);
    if (from !== to) this.field.setSelectionRange(start, start + moved.length);
  }

  /** A new line begins where this one does; deeper after a colon. */
  private breakLine(): void {
    const before = this.text.slice(0, this.field.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const [lead = ""] = /^ *(?:- +)?/.exec(line) ?? [];
    const deeper = /:\s*[|>]?-?$/.test(line) ? INDENT : "";
    this.insert(`\n${" ".repeat(lead.length)}${deeper}`);
  }

  /** In place of the selection, as if it was typed: the browser can undo it. */
  private insert(text: string): void {
    const done =
      typeof document.execCommand === "function" &&
      (text ? document.execCommand("insertText", false, text) : document.execCommand("delete"));
    if (done) return;
    const { selectionStart: from, selectionEnd: to } = this.field;
    this.field.setRangeText(text, from, to, "end");
    this.changed();
  }
}
