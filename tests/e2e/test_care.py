"""What an annotator may rely on so that the work does no harm: covers, choice, a way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.study import NewStudy, Study
from tests.e2e.workspace import Workspace

INSULT = "You are all snollygosters, and the ferry is late."
CALM = "The ferry was on time today."
LATER = "Read the timetable before you write."
PATIENCE_MILLISECONDS = 60_000

Warned = Callable[..., Study]


@pytest.fixture
def warned(log_in: LogIn, study: NewStudy) -> Warned:
    """A study in whose corpus a rule by words warns of insults, made as a researcher makes it."""

    def make(*annotators: str, texts: tuple[str, ...] = (INSULT, CALM, LATER)) -> Study:
        talk = study(annotators=annotators, texts=texts)
        page = log_in("admin")
        page.goto(reverse("corpus_warnings", args=[talk.slug]))
        page.get_by_text("New rule by words").click()
        form = page.locator(f"form[action='{reverse('new_word_rule', args=[talk.slug])}']")
        form.locator("select").select_option(label="Harassment and insults")
        form.locator("textarea").fill("snollygosters")
        form.get_by_role("button").click()
        _wait_for_warnings(page, talk)
        return talk

    return make


def test_a_warned_comment_is_covered_until_a_key_opens_it(log_in: LogIn, warned: Warned) -> None:
    talk = warned("cleo")
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    expect(workspace.comment).to_contain_text("Harassment and insults")
    assert "snollygosters" not in workspace.page.content()
    workspace.press("b")
    expect(workspace.comment.locator(".text")).to_have_text(INSULT, use_inner_text=True)
    workspace.press("b")
    expect(workspace.comment.locator(".text")).to_have_count(0)
    workspace.answer("1", "1", "1")
    workspace.expect_comment(CALM)
    workspace.expect_saved()
    assert len(_first_context(talk)["opened"]) == 1


def test_it_can_be_answered_without_being_opened(log_in: LogIn, warned: Warned) -> None:
    talk = warned("cleo")
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.answer("1", "1", "1")
    workspace.expect_comment(CALM)
    workspace.expect_saved()
    assert talk.values("sentiment") == {"c0": "strongly_negative"}
    assert _first_context(talk)["opened"] == []


def test_what_harms_is_passed_on_and_leaves_no_trace(log_in: LogIn, warned: Warned) -> None:
    talk = warned("cleo", "ben")
    first = Workspace(log_in("cleo"))
    first.open(talk.address)
    first.press("s", "4")
    first.expect_comment(CALM)
    first.expect_saved()
    first.page.context.close()
    assert talk.labels() == []

    second = Workspace(log_in("ben"))
    second.open(talk.address)
    covered = second.comment.filter(has_text="Harassment and insults")
    open_text = second.comment.locator(".text")
    for _ in talk.texts:
        expect(covered.or_(open_text)).to_be_visible()
        if covered.count():
            break
        text = open_text.inner_text()
        second.answer("1", "1", "3")
        expect(open_text.filter(has_text=text)).to_have_count(0)
    expect(covered).to_be_visible()
    second.answer("1", "1", "3")
    second.expect_saved()


def test_what_somebody_avoids_is_never_given_to_them(log_in: LogIn, warned: Warned) -> None:
    talk = warned("ben")
    page = log_in("ben")
    _avoid(page, "Harassment and insults", True)
    try:
        workspace = Workspace(page)
        workspace.open(talk.address)
        workspace.expect_comment(CALM)
        workspace.answer("1", "1", "3")
        workspace.expect_comment(LATER)
        workspace.answer("1", "1", "3")
        expect(page.get_by_role("heading", name="Nothing left for you here")).to_be_visible()
    finally:
        _avoid(page, "Harassment and insults", False)


def test_one_key_stops_for_today_and_nothing_is_lost(log_in: LogIn, warned: Warned) -> None:
    talk = warned("cleo", texts=(CALM, LATER, INSULT))
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.answer("1", "1", "3")
    workspace.expect_comment(LATER)
    workspace.press(".")
    heading = workspace.page.get_by_role("heading", name="That is it for today")
    expect(heading).to_be_visible()
    expect(workspace.page.locator("main")).to_contain_text("You labeled 1 comment today")
    assert talk.values("sentiment") == {"c0": "neutral"}
    workspace.page.get_by_role("button", name="Go on after all").click()
    workspace.expect_comment(LATER)


def _wait_for_warnings(page: Page, talk: Study) -> None:
    """The texts are looked through by a worker."""
    address = reverse("corpus_warnings", args=[talk.slug])
    counted = page.get_by_role("link", name="Harassment and insults")
    for _ in range(60):
        page.goto(address)
        if counted.count():
            return
        page.wait_for_timeout(PATIENCE_MILLISECONDS / 60)
    expect(counted).to_be_visible()


def _avoid(page: Page, category: str, avoided: bool) -> None:
    page.goto(reverse("account"))
    page.get_by_role("checkbox", name=category).set_checked(avoided)
    page.get_by_role("button", name="Keep my choice").click()
    expect(page.get_by_role("checkbox", name=category)).to_be_checked(checked=avoided)


def _first_context(talk: Study) -> Any:
    """What the page says was on the screen at the last save of the first annotation."""
    annotation = talk.api.get(f"annotations/?campaign={talk.slug}")["results"][0]
    revisions = talk.api.get(f"annotations/{annotation['id']}/revisions/")["results"]
    return revisions[-1]["context"]
