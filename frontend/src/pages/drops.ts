/** Files may be dropped on `[data-drop]`; the names of the chosen ones are shown in it. */
export function acceptDrops(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-drop]")) {
    const input = place.querySelector<HTMLInputElement>("input[type=file]");
    if (input) accept(place, input);
  }
}

function accept(place: HTMLElement, input: HTMLInputElement): void {
  input.addEventListener("change", () => showNames(place, input));
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function showNames(place: HTMLElement, input: HTMLInputElement): void {
  const names = [...(input.files ?? [])].map((file) => file.name).join(", ");
  const shown = place.querySelector("[data-drop-names]");
  if (shown) shown.textContent = names;
}
