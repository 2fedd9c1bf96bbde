/** What a person chose for this browser; each user of the browser has their own. */
export class Preferences {
  private readonly key: string;
  /** Single-key shortcuts can be switched off (WCAG 2.1.4). */
  shortcuts = $state(true);

  constructor(user: string) {
    this.key = `threadmark:${user}:shortcuts`;
    this.shortcuts = read(this.key) !== "off";
  }

  setShortcuts(on: boolean): void {
    this.shortcuts = on;
    write(this.key, on ? "on" : "off");
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Without storage the choice holds until the page is closed. */
function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}
