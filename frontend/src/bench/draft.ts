/** What is being typed, kept in the browser under a name, until it is loaded or thrown away. */
export class Draft {
  private readonly key: string;

  constructor(name: string) {
    this.key = `threadmark:codebook:${name}`;
  }

  read(): string | null {
    try {
      return localStorage.getItem(this.key);
    } catch {
      return null;
    }
  }

  /** False where the browser keeps nothing. */
  keep(text: string): boolean {
    try {
      localStorage.setItem(this.key, text);
      return true;
    } catch {
      return false;
    }
  }

  forget(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      /* Then there is nothing to forget. */
    }
  }
}
