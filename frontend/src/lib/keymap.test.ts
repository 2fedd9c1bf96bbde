import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS, isAssignable, Keymap, usualKeys } from "./keymap";
import { MEANINGS } from "./meanings";

const pressed = (key: string, more: KeyboardEventInit = {}): KeyboardEvent =>
  new KeyboardEvent("keydown", { key, ...more });

describe("the table of keys", () => {
  it("gives no key to two commands", () => {
    const keys = COMMANDS.flatMap(usualKeys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("a person's own keys", () => {
  const keymap = new Keymap({ skip: "u", continue: "y", unmark: "Backspace" });

  it("replace the table's, and win over a command that had the key before", () => {
    expect(keymap.commandOf(pressed("u"))).toBe("skip");
    expect(keymap.commandOf(pressed("s"))).toBeUndefined();
    expect(keymap.commandOf(pressed("Backspace"))).toBe("unmark");
    expect(keymap.commandOf(pressed("x"))).toBeUndefined();
    expect([keymap.shown("skip"), keymap.shown("unmark")]).toEqual(["u", "⌫"]);
  });

  it("stand beside the ways on and out, which fields and dialogs need", () => {
    expect(keymap.commandOf(pressed("y"))).toBe("continue");
    expect(keymap.commandOf(pressed("Enter"))).toBe("continue");
    expect(keymap.commandOf(pressed("Enter", { ctrlKey: true }))).toBe("submit");
    expect(new Keymap({ out: "q" }).commandOf(pressed("Escape"))).toBe("out");
  });

  it("are characters and keys that neither the browser nor the page needs", () => {
    const good = ["q", "Q", "é", "я", "ß", "?", "😀", "ArrowUp", "PageDown"];
    const bad = [
      "",
      " ",
      "\u00a0",
      "\t",
      "\u0000",
      "\u202e",
      "ab",
      "Tab",
      "Enter",
      "F5",
      "toString",
    ];
    expect(good.filter(isAssignable)).toEqual(good);
    expect(bad.filter(isAssignable)).toEqual([]);
  });
});

describe("the page about keys", () => {
  it("lists each command with its key", () => {
    const told = [...readFileSync("../docs/keys.md", "utf8").matchAll(/^\| `(.+?)` \| (.+) \|$/gm)];
    const keymap = new Keymap();
    expect(told.map(([, key, says]) => [key, says])).toEqual(
      COMMANDS.map((command) => [keymap.shown(command), MEANINGS[command].says()]),
    );
  });
});
