"""Coming into a study: by a link, through training and test, or not, and what a manager sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.api import Api
from tests.e2e.conftest import LogIn
from tests.e2e.soundness import violations
from tests.e2e.study import TALK, NewStudy, Study
from tests.e2e.workspace import Workspace

RIGHT = ("1", "1", "6")
WRONG = ("1", "1", "3")


@pytest.fixture
def staged(study: NewStudy, api: Api) -> Study:
    """The first comment trains, the second tests; right of both is that the feelings are mixed."""
    talk = study(annotators=["cleo"])
    comments = {
        row["source_id"]: row["id"] for row in api.get(f"comments/?corpus={talk.slug}")["results"]
    }
    for purpose, name in (("training", "c0"), ("test", "c1")):
        right = {"sentiment": "mixed"}
        known = [{"comment": comments[name], "answers": right, "reason": "So says the codebook."}]
        api.post(f"campaigns/{talk.slug}/known/", {"purpose": purpose, "known": known})
    api.insist("PATCH", f"campaigns/{talk.slug}/", {"test_score": 0.7})
    return talk


def test_training_tells_what_is_right_and_the_test_opens_the_campaign(
    log_in: LogIn, staged: Study
) -> None:
    workspace = Workspace(log_in("cleo"))
    page = workspace.page
    workspace.open(staged.address)
    workspace.expect_comment(TALK[0])
    expect(page.get_by_text("Training 1 of 1")).to_be_visible()
    workspace.answer(*WRONG)
    dialog = page.get_by_role("dialog", name="Training: not quite")
    expect(dialog).to_contain_text("So says the codebook.")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("✗ not right")
    assert violations(page) == []
    workspace.expect_comment(TALK[0])
    page.keyboard.press("Enter")

    workspace.expect_comment(TALK[1])
    expect(page.get_by_text("Test 1 of 1")).to_be_visible()
    workspace.answer(*RIGHT)
    workspace.expect_comment(TALK[2])
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(re.compile("Test 1|Training 1"))).to_have_count(0)
    workspace.expect_saved()
    assert staged.labels() == []


def test_who_fails_is_paused_and_a_manager_lets_them_go_on(log_in: LogIn, staged: Study) -> None:
    workspace = Workspace(log_in("cleo"))
    page = workspace.page
    workspace.open(staged.address)
    workspace.answer(*RIGHT)
    expect(page.get_by_role("dialog", name="Training: right")).to_be_visible()
    page.keyboard.press("Enter")
    workspace.expect_comment(TALK[1])
    workspace.answer(*WRONG)
    expect(page.get_by_text("You reached 0.00 in the test; 0.70 opens")).to_be_visible()

    manager = log_in("researcher")
    manager.goto("/")
    waits = manager.get_by_role("region", name="Waits for you")
    waits.get_by_role("link", name=re.compile(staged.slug)).click()
    expect(manager.get_by_role("heading", name="People", level=1)).to_be_visible()
    expect(manager.get_by_text("You reached 0.00 in the test")).to_be_visible()
    manager.get_by_role("button", name=re.compile("^Let A. go on")).click()
    expect(manager.get_by_text("gets units again")).to_be_visible()
    expect(manager.get_by_text("admitted")).to_be_visible()
    workspace.open(staged.address)
    workspace.expect_comment(TALK[2])


def test_somebody_new_comes_in_by_a_link(
    log_in: LogIn, new_context: Callable[..., Any], study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    manager = log_in("researcher")
    manager.goto(reverse("people", args=[talk.slug]))
    manager.get_by_text("Make an invitation").click()
    manager.get_by_role("button", name="Make a link").click()
    link = manager.locator("#link").inner_text()

    page: Page = new_context().new_page()
    page.goto(link)
    assert violations(page) == []
    page.get_by_label("Username").fill(f"new-{talk.slug}")
    page.locator("input[name=password1]").fill("a bridge too far 7")
    page.locator("input[name=password2]").fill("a bridge too far 7")
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_text(f"you take part in {talk.slug} as A3")).to_be_visible()
    page.get_by_role("link", name="Start labeling").click()
    Workspace(page).expect_comment(TALK[0])
    page.goto(link)
    expect(page.get_by_text("is used up")).to_be_visible()
