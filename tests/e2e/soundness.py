"""What holds for every page: no error in the console, no sideways scroll, nobody shut out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Error, Page

WIDTHS = (1280, 400)
WIDER_THAN_THE_WINDOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (node) => node.getBoundingClientRect().right > room + 0.5);
  return ["the page", ...wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120))];
}"""
VIOLATIONS = """() => axe.run({resultTypes: ["violations"]}).then((found) => found.violations)"""


@contextmanager
def no_errors(page: Page, status: int = 200) -> Iterator[None]:
    """No error of a script and none in the console, where the browser reports what breaks the
    Content-Security-Policy and what could not be loaded; but for the page itself, if it is
    to be refused with that status."""
    errors: list[str] = []
    expected = f"the server responded with a status of {status}"

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and expected not in message.text:
            errors.append(f"{message.text} ({message.location.get('url')})")

    def note_error(error: Error) -> None:
        errors.append(str(error))

    page.on("console", note)
    page.on("pageerror", note_error)
    yield
    page.remove_listener("console", note)
    page.remove_listener("pageerror", note_error)
    assert errors == []


def expect_sound(page: Page) -> None:
    """At each width, nothing is wider than the window and axe finds nothing."""
    for width in WIDTHS:
        expect_to_fit(page, width)
        assert violations(page) == [], f"at {width} pixels"


def expect_to_fit(page: Page, width: int) -> None:
    """Nothing is wider than the window."""
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate(WIDER_THAN_THE_WINDOW) == [], f"too wide at {width} pixels"


def violations(page: Page) -> list[str]:
    """All that axe finds. It stays in the page, and goes with it."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(VIOLATIONS)
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in found
        for node in violation["nodes"]
    ]
