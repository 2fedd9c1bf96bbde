import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Choices } from "../api/workplace";
import { cleaned, DEFAULTS, Preferences } from "./preferences.svelte";

beforeEach(() => localStorage.clear());
afterEach(() => vi.useRealTimers());

describe("choices from outside", () => {
  it("are taken where the page knows how to follow them, else they are the defaults", () => {
    const odd = {
      shortcuts: "no",
      theme: "<b>",
      text_size: 7,
      calm: "true",
      width: null,
      language: "tlh",
      extra: 1,
    };
    expect(cleaned(odd)).toEqual(DEFAULTS);
    for (const nothing of [null, "x", 7, []]) expect(cleaned(nothing)).toEqual(DEFAULTS);
    const whole: Choices = {
      shortcuts: false,
      keys: { skip: "q" },
      theme: "contrast",
      text_size: "largest",
      calm: true,
      width: "wide",
      language: "ar",
    };
    expect(cleaned(whole)).toEqual(whole);
  });

  it("have only keys that can be pressed, of commands that exist, each once", () => {
    const keys = {
      skip: "q",
      flag: "q",
      note: "\u0000",
      help: "<img src=x onerror=alert(1)>",
      undo: 3,
      __proto__: "x",
      constructor: "y",
      zoom: "Tab",
      parent: "ArrowLeft",
    };
    expect(cleaned({ keys }).keys).toEqual({ parent: "ArrowLeft", flag: "q" });
    expect(cleaned({ keys: ["q"] }).keys).toEqual({});
  });
});

describe("a choice", () => {
  it("holds at once, is sent once after a pause, and is there at the next visit", async () => {
    vi.useFakeTimers();
    const send = vi.fn(() => Promise.resolve());
    const preferences = new Preferences("ann", send);
    preferences.change({ theme: "dark" });
    preferences.change({ calm: true });
    preferences.applyTo(document.documentElement);
    expect({ ...document.documentElement.dataset }).toMatchObject({
      theme: "dark",
      textSize: "normal",
      calm: "true",
      width: "narrow",
    });
    await vi.runAllTimersAsync();
    expect(send.mock.calls).toEqual([[{ ...DEFAULTS, theme: "dark", calm: true }]]);
    expect(new Preferences("ann").chosen.theme).toBe("dark");
    expect(new Preferences("bob").chosen.theme).toBe("system");
  });

  it("that the server does not have yet wins over what the server says, and is sent again", async () => {
    vi.useFakeTimers();
    const offline = new Preferences("ann", () => Promise.reject(new Error("No way.")));
    offline.change({ width: "wide" });
    await vi.runAllTimersAsync();
    expect(offline.problem).toBe("No way.");

    const send = vi.fn(() => Promise.resolve());
    const later = new Preferences("ann", send);
    later.take(DEFAULTS);
    expect(later.chosen.width).toBe("wide");
    await vi.runAllTimersAsync();
    expect(send).toHaveBeenCalledOnce();
    later.take(DEFAULTS);
    expect(later.chosen.width).toBe("narrow");
  });

  it("of figures is off in calm mode unless it was asked for", () => {
    const preferences = new Preferences("ann");
    expect(preferences.showsFigures).toBe(true);
    preferences.change({ calm: true });
    expect(preferences.showsFigures).toBe(false);
    preferences.showFigures(true);
    expect(new Preferences("ann").showsFigures).toBe(true);
  });
});
