import { ApiError } from "../api/client";
import type { CodebookApi, CodebookPreview } from "../api/codebook";
import type { Codebook } from "../api/types";
import { t } from "../lib/i18n";
import type { Draft } from "./draft";

/** So long after the last key the text is looked at, in milliseconds. */
const PAUSE = 400;

/** A codebook that is being written, and what the server says of it. */
export class Bench {
  text = $state("");
  /** What the server said of the last text that it saw. */
  found = $state.raw<CodebookPreview | null>(null);
  /** The last text that was a codebook: the preview stays while a mistake is being mended. */
  codebook = $state.raw<Codebook | null>(null);
  /** The server has not seen the newest text yet. */
  waiting = $state(false);
  /** Why it could not be asked, as a sentence. */
  trouble = $state("");
  /** What was being typed at an earlier visit, and is not in the field. */
  earlier = $state.raw<string | null>(null);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(
    private readonly api: CodebookApi,
    private readonly draft: Draft,
    private readonly first: string,
  ) {
    this.text = first;
  }

  /** Looks at the text, and at what was left here before. */
  async begin(): Promise<void> {
    await Promise.all([this.look(), this.offerDraft()]);
  }

  get dirty(): boolean {
    return this.text !== this.first;
  }

  /** The text is another one now. */
  write(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.earlier = null;
    this.waiting = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.dirty) this.draft.keep(text);
      else this.draft.forget();
      void this.look();
    }, PAUSE);
  }

  /** Keeps at once what is typed; the page goes away. */
  keep(): void {
    if (this.dirty) this.draft.keep(this.text);
  }

  forgetDraft(): void {
    this.draft.forget();
    this.earlier = null;
  }

  /** The same text with another version, empty where it has no line for one. */
  raised(version: number): string {
    const line = /^version:[^\n]*$/m;
    return line.test(this.text) ? this.text.replace(line, `version: ${version}`) : "";
  }

  private async look(): Promise<void> {
    const asked = ++this.asked;
    this.waiting = true;
    try {
      const found = await this.api.preview(this.text);
      if (asked !== this.asked) return;
      this.found = found;
      if (found.codebook) this.codebook = found.codebook;
      this.trouble = "";
    } catch (error) {
      if (asked !== this.asked) return;
      this.trouble =
        error instanceof ApiError
          ? error.message
          : t("The server cannot be reached. What you type is kept in this browser.");
    }
    this.waiting = false;
  }

  /** What was loaded since is no draft any more. */
  private async offerDraft(): Promise<void> {
    const kept = this.draft.read();
    if (kept === null || kept === this.text) return;
    const found = await this.api.preview(kept).catch(() => null);
    if (found?.loaded) this.draft.forget();
    else if (!this.dirty) this.earlier = kept;
  }
}
