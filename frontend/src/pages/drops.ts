import { t, tn } from "../lib/i18n";
import { number } from "../lib/wording";

/** A file, and its path from the folder that it was chosen with. */
interface Chosen {
  file: File;
  path: string;
}

const NAMED = 5;
const HIDDEN = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;

/**
 * Files and folders may be dropped on `[data-drop]`, or a folder chosen there. They end up in its
 * own file input, and where they stood in the folder in the form's field `paths`, so that the form
 * can be sent as any other.
 */
export function acceptDrops(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-drop]")) {
    const input = place.querySelector<HTMLInputElement>("input[type=file]");
    if (input) new DropZone(place, input);
  }
}

class DropZone {
  constructor(
    private readonly place: HTMLElement,
    private readonly input: HTMLInputElement,
  ) {
    input.addEventListener("change", () => this.show(chosenIn(input)));
    this.offerFolders();
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      void droppedFiles(event.dataTransfer).then((files) => this.take(files));
    });
    if (input.files?.length) this.show(chosenIn(input));
  }

  private offerFolders(): void {
    const button = this.place.querySelector<HTMLButtonElement>("[data-folder]");
    const folder = document.createElement("input");
    if (!button || !("webkitdirectory" in folder)) return;
    folder.type = "file";
    folder.webkitdirectory = true;
    folder.addEventListener("change", () => this.take(chosenIn(folder)));
    button.addEventListener("click", () => folder.click());
    button.hidden = false;
  }

  private take(chosen: Chosen[]): void {
    const kept = chosen.filter(({ path }) => !HIDDEN.test(path));
    if (kept.length === 0) return;
    const transfer = new DataTransfer();
    for (const { file } of kept) transfer.items.add(file);
    this.input.files = transfer.files;
    this.show(kept);
  }

  private show(chosen: Chosen[]): void {
    const paths = this.input.form?.querySelector<HTMLInputElement>("[name=paths]");
    if (paths) paths.value = JSON.stringify(chosen.map(({ path }) => path));
    const trouble = this.tooMany(chosen.length);
    this.input.setCustomValidity(trouble);
    const shown = this.place.querySelector("[data-drop-names]");
    if (shown) shown.textContent = trouble || inWords(chosen);
  }

  private tooMany(count: number): string {
    const most = Number(this.place.dataset["most"] ?? Infinity);
    if (count <= most) return "";
    return tn(
      "This is {count} file; at most {most} go in at once. Pack it as a ZIP, and choose that.",
      "These are {count} files; at most {most} go in at once. Pack them as a ZIP, and choose that.",
      count,
      { most: number(most) },
    );
  }
}

function chosenIn(input: HTMLInputElement): Chosen[] {
  return [...(input.files ?? [])].map((file) => ({
    file,
    path: file.webkitRelativePath || file.name,
  }));
}

/** "talk.csv (2 MB)", or "7 files (31 MB): a, b, c, d, e and 2 more". */
export function inWords(chosen: Chosen[]): string {
  const size = sizeInWords(chosen.reduce((sum, { file }) => sum + file.size, 0));
  const first = chosen.slice(0, NAMED).map(({ path }) => path);
  if (chosen.length <= 1) return first.map((name) => `${name} (${size})`).join("");
  const shown = first.join(t(", "));
  const more = number(chosen.length - NAMED);
  const names =
    chosen.length > NAMED ? t("{names} and {more} more", { names: shown, more }) : shown;
  return tn("{count} file ({size}): {names}", "{count} files ({size}): {names}", chosen.length, {
    size,
    names,
  });
}

export function sizeInWords(bytes: number): string {
  if (bytes < 1_000_000) return t("{size} kB", { size: number(Math.ceil(bytes / 1000)) });
  return t("{size} MB", { size: number(bytes / 1_000_000, bytes < 10_000_000 ? 1 : 0) });
}

/** All files that were dropped, those in folders with their paths. */
async function droppedFiles(transfer: DataTransfer | null): Promise<Chosen[]> {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === "file");
  const loose = [...(transfer?.files ?? [])].map((file) => ({ file, path: file.name }));
  /* The entries must be asked for before anything is waited for: the list is empty afterwards. */
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return loose;
  const found = await Promise.all(entries.filter((entry) => entry !== null).map(filesOf));
  return found.flat();
}

async function filesOf(entry: FileSystemEntry): Promise<Chosen[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ file, path }];
  }
  const inside = await allEntries((entry as FileSystemDirectoryEntry).createReader());
  return (await Promise.all(inside.map(filesOf))).flat();
}

/** A reader gives a hundred entries at a time, and none when there are no more. */
async function allEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    found.push(...some);
  }
}
