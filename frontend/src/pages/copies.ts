import { t } from "../lib/i18n";

/** `[data-copy]` copies the text of the element that it names, or of the one before it. */
export function offerCopies(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    button.addEventListener("click", () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const name = button.dataset["copy"];
  const source = name ? document.querySelector(name) : button.previousElementSibling;
  if (!source) return;
  const label = button.textContent;
  const copied = await write(source);
  button.textContent = copied ? t("Copied") : t("Selected: press Ctrl C");
  setTimeout(() => (button.textContent = label), 2500);
}

/** The clipboard is closed on plain http in a local network: there the text is selected only. */
async function write(source: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText((source.textContent ?? "").trim());
    return true;
  } catch {
    getSelection()?.selectAllChildren(source);
    return false;
  }
}
