"""Every look that a person can choose can be read: themes, calm, size of text, and both ways."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_to_fit, no_errors, violations

LOOK = "(look) => Object.assign(document.documentElement.dataset, look)"
LOOKS: dict[str, tuple[dict[str, str], str]] = {
    "light": ({"theme": "light"}, "dark"),
    "dark": ({"theme": "dark"}, "light"),
    "black on white": ({"theme": "contrast"}, "light"),
    "white on black": ({"theme": "contrast"}, "dark"),
    "calm light": ({"calm": "true"}, "light"),
    "calm dark": ({"calm": "true", "theme": "dark"}, "light"),
    "largest and wide": ({"textSize": "largest", "width": "wide"}, "light"),
}
"""What stands on the root of the page, and what the system wants."""

PAGES = {"label": "fieldset.active", "campaign": "main", "campaigns": "main"}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_look_has_contrast_and_fits(log_in: LogIn, name: str, look: str) -> None:
    data, scheme = LOOKS[look]
    # Colours that are still on their way to those of the look are nobody's.
    page = log_in("cleo", color_scheme=scheme, reduced_motion="reduce")
    _open(page, name)
    page.evaluate(LOOK, data)
    assert violations(page) == []
    expect_to_fit(page, 400)
    expect_to_fit(page, 320)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chosen_theme_wins_over_the_system(log_in: LogIn, scheme: str) -> None:
    page = log_in("cleo", color_scheme=scheme)
    _open(page, "campaigns")
    before = _background(page)
    page.evaluate(LOOK, {"theme": scheme})
    assert _background(page) == before
    page.evaluate(LOOK, {"theme": "dark" if scheme == "light" else "light"})
    assert _background(page) != before


@pytest.mark.parametrize("name", PAGES)
def test_a_page_from_right_to_left_fits(log_in: LogIn, name: str) -> None:
    page = log_in("cleo")
    _open(page, name)
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (1280, 400):
        expect_to_fit(page, width)
    assert violations(page) == []


def test_everything_is_in_reach_of_a_finger(log_in: LogIn) -> None:
    """At 400 pixels with touch: the questions are let down and up, the menu opens, nothing that
    is pressed is smaller than 24 pixels."""
    page = log_in("cleo", viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    _open(page, "label")
    page.get_by_role("button", name="Let the questions down").tap()
    expect(page.locator("fieldset.active")).to_be_hidden()
    page.locator(".handle").tap()
    expect(page.locator("fieldset.active")).to_be_visible()
    with no_errors(page):
        page.get_by_role("button", name="Menu").tap()
        expect(page.get_by_role("button", name="stop for today")).to_be_visible()
        assert _small_targets(page) == []
        page.get_by_role("button", name="settings").tap()
        expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
        assert _small_targets(page) == []


def test_without_colours_of_its_own_the_page_still_says_what_is_chosen(log_in: LogIn) -> None:
    page = log_in("cleo", forced_colors="active")
    _open(page, "label")
    border = "getComputedStyle(document.querySelector('fieldset.active')).borderInlineStartColor"
    other = "getComputedStyle(document.querySelector('fieldset.question:not(.active)')).borderColor"
    assert page.evaluate(border) != page.evaluate(other)


def _open(page: Page, name: str) -> None:
    page.goto(reverse(name, args=["harbour"] if name in {"label", "campaign"} else []))
    expect(page.locator(PAGES[name]).first).to_be_visible()


def _background(page: Page) -> Any:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def _small_targets(page: Page) -> list[str]:
    """Buttons that are on the screen and smaller than WCAG 2.5.8 asks for."""
    return [
        re.sub(r"\s+", " ", button.inner_text())
        for button in page.get_by_role("button").all()
        if (box := button.bounding_box()) and min(box["width"], box["height"]) < 24
    ]
