"""The workspace as an annotator sees and uses it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

UNTIL_SAVED = 60_000  # milliseconds
SELECTED = """([card, words]) => {
  const walker = document.createTreeWalker(card.querySelector(".text"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const start = node.data.indexOf(words);
    if (start === -1) continue;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, start + words.length);
    const rects = [...range.getClientRects()];
    const first = rects[0], last = rects[rects.length - 1];
    const y = (rect) => rect.top + rect.height / 2;
    return [first.left + 1, y(first), last.right - 1, y(last)];
  }
}"""


class Workspace:
    """One window in which somebody labels."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        self.page.goto(address)
        expect(self.comment).to_be_visible()

    @property
    def comment(self) -> Locator:
        """The comment in question."""
        return self.page.get_by_role("article", name=re.compile("^In question"))

    @property
    def save_state(self) -> Locator:
        return self.page.locator("[data-save-state]")

    @property
    def active(self) -> Locator:
        """The question that the next key answers."""
        return self.page.locator("fieldset.active")

    def question(self, key: str) -> Locator:
        return self.page.locator(f"[data-question={key}]")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def answer(self, *keys: str) -> None:
        """Presses the keys of the answers, each when a question has them."""
        for key in keys:
            expect(self.active).to_have_count(1)
            self.page.keyboard.press(key)

    def expect_comment(self, text: str) -> None:
        """The comment in question is this one, and a question takes keys."""
        expect(self.comment.locator(".text")).to_have_text(text, use_inner_text=True)
        expect(self.active).to_have_count(1)

    def expect_saved(self) -> None:
        """However long a server takes that was just killed."""
        expect(self.save_state).to_have_text(re.compile(r"^Saved \d"), timeout=UNTIL_SAVED)

    def expect_chosen(self, question: str, *titles: str) -> None:
        """These options of the question are chosen, and no others."""
        chosen = self.question(question).locator("label:has(input:checked) .title")
        expect(chosen).to_have_text(list(titles))

    def marks(self) -> Locator:
        """The claims that are marked, as the list below the comment has them."""
        return self.comment.locator("q")

    def drag_over(self, words: str) -> None:
        """Selects words of the comment in question with the mouse."""
        card: Any = self.comment.element_handle()
        left, top, right, bottom = self.page.evaluate(SELECTED, [card, words])
        mouse = self.page.mouse
        mouse.move(left, top)
        mouse.down()
        mouse.move((left + right) / 2, (top + bottom) / 2, steps=4)
        mouse.move(right, bottom, steps=4)
        mouse.up()
