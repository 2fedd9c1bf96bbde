"""What an annotator may rely on while labeling, hand on the keyboard or on the mouse."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from project.environment import ROOT
from tests.application import Application
from tests.e2e.api import Api, Label
from tests.e2e.conftest import LogIn
from tests.e2e.study import ARABIC, FERRY, TALK, NewStudy
from tests.e2e.workspace import Workspace

README = ROOT / "README.md"
CLAIM = "the ferry carried 412 cars in May"
NOT_MISLEADING_NEUTRAL = ("1", "3")


@pytest.fixture
def workspace(log_in: LogIn) -> Workspace:
    """A window of cleo's."""
    return Workspace(log_in("cleo"))


def test_a_comment_is_labeled_with_the_keyboard_alone(
    application: Application, page: Page, study: NewStudy
) -> None:
    talk = study(annotators=["ben"])
    _log_in_by_keyboard(page, application, "ben", to=reverse("campaign", args=[talk.slug]))
    _follow_by_keyboard(page, "Start labeling")
    workspace = Workspace(page)
    workspace.expect_comment(FERRY)

    workspace.press("3", "m", *["ArrowRight"] * 3, *["Shift+ArrowRight"] * 6, "Enter")
    expect(workspace.marks()).to_have_text(CLAIM)
    workspace.press("Escape", "Enter")
    workspace.answer(*NOT_MISLEADING_NEUTRAL)

    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    start = FERRY.index(CLAIM)
    first = ("c0", "A1", "submitted")
    assert talk.labels() == [
        Label(*first, "claim", "check_worthy_factual", None, None, ""),
        Label(*first, "claim_span", "claim", start, start + len(CLAIM), CLAIM),
        Label(*first, "misinformation", "not_misleading", None, None, ""),
        Label(*first, "sentiment", "neutral", None, None, ""),
    ]


def test_a_claim_is_marked_with_the_mouse_in_any_direction_of_writing(
    workspace: Workspace, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"], texts=[ARABIC, *TALK])
    workspace.open(talk.address)
    workspace.answer("3")
    workspace.drag_over("سيارة كل يوم 🚢 كما")
    expect(workspace.marks()).to_have_text("سيارة كل يوم 🚢 كما")
    workspace.press("Enter")
    workspace.answer(*NOT_MISLEADING_NEUTRAL)
    workspace.expect_comment(FERRY)
    workspace.expect_saved()
    span = next(row for row in talk.labels() if row.question == "claim_span")
    assert ARABIC[span.span_start : span.span_end] == span.span_quote == "سيارة كل يوم 🚢 كما"


def test_the_text_stays_under_the_mouse_when_the_rest_of_the_page_comes(
    workspace: Workspace, study: NewStudy, api: Api
) -> None:
    talk = study(annotators=["cleo"])
    comments = api.get(f"comments/?corpus={talk.slug}")["results"]
    first = next(row["id"] for row in comments if row["source_id"] == "c0")
    right = {"comment": first, "answers": {"sentiment": "mixed"}, "reason": ""}
    api.post(f"campaigns/{talk.slug}/known/", {"purpose": "training", "known": [right]})
    late: list[Route] = []
    rest = re.compile("/dialogs-")
    workspace.page.route(rest, lambda route: late.append(route))
    with workspace.page.expect_request(rest):
        workspace.open(talk.address)
    workspace.answer("1")
    before = workspace.comment.bounding_box()
    expect(workspace.page.get_by_text("Training 1 of 1")).to_have_count(0)
    late[0].continue_()
    expect(workspace.page.get_by_text("Training 1 of 1")).to_be_visible()
    expect(workspace.page.get_by_text("You have not opened these guidelines")).to_be_visible()
    after = workspace.comment.bounding_box()
    assert before is not None
    assert after == pytest.approx(before, abs=0.5)


def test_the_demo_is_labeled_as_the_readme_tells(log_in: LogIn, api: Api) -> None:
    step = next(line for line in README.read_text().splitlines() if "Press `3`" in line)
    claim_key, *other_keys = re.findall("`(.+?)`", step)
    workspace = Workspace(log_in("cleo"))
    workspace.open(reverse("label", args=["harbour"]))
    text = workspace.comment.locator(".text").inner_text()
    claim = " ".join(text.split()[:3])
    workspace.answer(claim_key)
    workspace.drag_over(claim)
    expect(workspace.marks()).to_have_text(claim)
    workspace.answer(*other_keys)
    expect(workspace.comment.locator(".text")).not_to_have_text(text, use_inner_text=True)
    workspace.expect_saved()
    given = [row for row in api.labels("harbour") if row.annotator == "A3"][-4:]
    assert [row.value for row in given if row.question != "claim_span"] == [
        "check_worthy_factual",
        "not_misleading",
        "weakly_negative",
    ]
    assert [row.span_quote for row in given if row.question == "claim_span"] == [claim]


def test_a_reason_is_asked_for_what_misleads_and_for_nothing_else(
    workspace: Workspace, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace.open(talk.address)
    reasons = workspace.question("misleading_reasons")
    workspace.answer("1")
    expect(reasons).to_have_count(0)
    workspace.answer("2")
    expect(reasons).to_be_visible()

    workspace.press("ArrowDown", "3", "Control+Enter")
    expect(reasons).to_contain_text("This question needs an answer.")
    workspace.expect_comment(FERRY)
    assert talk.labels() == []

    workspace.press("1", "4", "Control+Enter")
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    given = [row.value for row in talk.labels() if row.question == "misleading_reasons"]
    assert given == ["factual_error", "missing_important_context"]


def test_undo_reopens_the_comment_before_and_a_change_is_a_new_revision(
    workspace: Workspace, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace.open(talk.address)
    workspace.answer("1", "1", "3")
    workspace.expect_comment(ARABIC)

    workspace.press("u")
    workspace.expect_comment(FERRY)
    workspace.expect_chosen("sentiment", "Neutral")
    workspace.press("5", "Control+Enter")
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()

    assert talk.values("sentiment") == {"c0": "strongly_positive"}
    annotation = talk.api.get(f"annotations/?campaign={talk.slug}")["results"][0]
    revisions = talk.api.get(f"annotations/{annotation['id']}/revisions/")["results"]
    said = [revision["answers"].get("sentiment") for revision in revisions]
    assert said.index("neutral") < said.index("strongly_positive")
    assert revisions[-1]["number"] == annotation["revision"]


def test_undo_goes_back_answer_by_answer_also_through_what_was_submitted(
    workspace: Workspace, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace.open(talk.address)
    workspace.answer("1", "1", "3")
    workspace.expect_comment(ARABIC)
    workspace.answer("1")
    workspace.press("u", "u")
    workspace.expect_comment(FERRY)
    workspace.expect_chosen("sentiment", "Neutral")
    workspace.press("u", "u")
    workspace.expect_chosen("misinformation")
    workspace.expect_chosen("claim", "No factual claim")
    workspace.answer("1", "2")
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    assert talk.values("sentiment") == {"c0": "weakly_negative"}


def test_a_comment_is_skipped_with_a_reason(workspace: Workspace, study: NewStudy) -> None:
    talk = study(annotators=["cleo"])
    workspace.open(talk.address)
    workspace.press("s")
    workspace.page.keyboard.type("I cannot read this")
    workspace.press("Enter")
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    assert [(row.comment_id, row.state) for row in talk.labels()] == [("c0", "skipped")]
    annotation = talk.api.get(f"annotations/?campaign={talk.slug}")["results"][0]
    assert annotation["skip_reason"] == "I cannot read this"


def _log_in_by_keyboard(page: Page, application: Application, who: str, to: str) -> None:
    page.goto(f"{reverse('login')}?next={to}")
    expect(page.locator("input[name=username]")).to_be_focused()
    for word in (who, application.account(who).password):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: reverse("login") not in url)


def _follow_by_keyboard(page: Page, link: str) -> None:
    """Goes to a link with the Tab key, as far as a person would, and opens it."""
    wanted = page.get_by_role("link", name=link)
    expect(wanted).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("link => link === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{link} is not reached with the Tab key")
