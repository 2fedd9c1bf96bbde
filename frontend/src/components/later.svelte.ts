type Parts = typeof import("./dialogs");

/** The parts of the page that come after the first comment, and are here before the line breaks. */
class Later {
  parts = $state.raw<Parts | null>(null);

  /** False where they could not be fetched; the next time tries again. */
  async load(): Promise<boolean> {
    try {
      this.parts ??= await import("./dialogs");
    } catch (error) {
      console.error(error);
    }
    return this.parts !== null;
  }
}

export const later = new Later();
