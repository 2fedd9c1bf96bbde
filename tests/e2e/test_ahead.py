"""What an annotator may rely on when the server or the network is away for a while, or when they
work in two tabs: the next comments are there already, and no answer is lost."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.application import Application
from tests.e2e.conftest import PATIENCE_MILLISECONDS, LogIn
from tests.e2e.study import ARABIC, FERRY, TALK, NewStudy, Study
from tests.e2e.workspace import Workspace

SENTIMENTS = {"1": "strongly_negative", "3": "neutral", "5": "strongly_positive"}


def test_the_next_comments_are_answered_offline_and_the_rest_comes_by_itself(
    log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    _open_with_the_next(workspace, talk)
    workspace.page.context.set_offline(True)
    for text, key in zip(TALK, "135", strict=False):
        workspace.expect_comment(text)
        workspace.answer("1", "1", key)
    expect(
        workspace.page.get_by_role("heading", name="The next comment is on its way")
    ).to_be_visible()
    expect(workspace.save_state).to_have_text(re.compile(r"^Offline, 3 unsent"))
    assert talk.labels() == []

    workspace.page.context.set_offline(False)
    workspace.expect_comment(TALK[3])
    workspace.expect_saved()
    assert talk.values("sentiment") == {
        f"c{number}": SENTIMENTS[key] for number, key in enumerate("135")
    }


def test_a_server_that_is_killed_in_between_is_not_noticed(
    application: Application, log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    _open_with_the_next(workspace, talk)
    application.kill_web()
    workspace.answer("1", "1", "3")
    workspace.expect_comment(ARABIC)
    workspace.answer("1", "1", "3")
    workspace.expect_comment(TALK[2])
    workspace.expect_saved()
    assert talk.values("sentiment") == {"c0": "neutral", "c1": "neutral"}


def test_undo_goes_back_through_what_was_submitted(log_in: LogIn, study: NewStudy) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.answer("1", "1", "3")
    workspace.expect_comment(ARABIC)
    workspace.answer("1")
    workspace.press("u")
    workspace.expect_chosen("claim")
    workspace.press("u")
    workspace.expect_comment(FERRY)
    workspace.press("u")
    workspace.expect_chosen("sentiment")
    workspace.expect_chosen("misinformation", "Not misleading")
    workspace.press("u", "u")
    workspace.expect_chosen("misinformation")
    workspace.expect_chosen("claim")


def test_two_tabs_that_answer_differently_keep_both_answers(log_in: LogIn, study: NewStudy) -> None:
    talk = study(annotators=["cleo"])
    one = Workspace(log_in("cleo"))
    one.open(talk.address)
    other = Workspace(one.page.context.new_page())
    other.open(talk.address)
    other.expect_comment(FERRY)
    one.page.bring_to_front()
    one.answer("1", "1", "5")
    one.expect_saved()
    other.page.bring_to_front()
    other.answer("1", "1", "1")
    dialog = other.page.get_by_role("dialog", name="Two versions of your answers")
    expect(dialog).to_contain_text("Strongly positive")
    expect(dialog).to_contain_text("Strongly negative")
    dialog.get_by_role("button", name="Take the saved ones").click()
    expect(dialog).to_have_count(0)
    other.expect_saved()
    assert talk.values("sentiment")["c0"] == "strongly_positive"
    annotations = talk.api.get(f"annotations/?campaign={talk.slug}")["results"]
    kept = [_sentiments(talk, annotation["id"]) for annotation in annotations]
    assert any({"strongly_positive", "strongly_negative"} <= said for said in kept)


def test_who_is_logged_out_logs_in_again_without_leaving_the_page(
    application: Application, log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.page.context.clear_cookies(name="sessionid")
    workspace.answer("1", "1", "5")
    expect(workspace.save_state).to_have_text(re.compile("^Logged out"))
    dialog = workspace.page.get_by_role("dialog", name="Log in again")
    dialog.get_by_label("Password").fill(application.account("cleo").password)
    dialog.get_by_label("Password").press("Enter")
    expect(dialog).to_have_count(0)
    workspace.expect_saved()
    assert talk.values("sentiment") == {"c0": "strongly_positive"}


def test_the_whole_job_is_done_with_a_finger(log_in: LogIn, study: NewStudy) -> None:
    talk = study(annotators=["cleo"])
    page = log_in("cleo", viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    workspace = Workspace(page)
    workspace.open(talk.address)
    workspace.question("claim").get_by_text("Factual, worth checking", exact=True).tap()
    _select(page, "the ferry")
    page.get_by_role("button", name="Mark the selected text").tap()
    expect(workspace.comment).to_contain_text("the ferry")
    workspace.question("misinformation").get_by_text("Not misleading", exact=True).tap()
    workspace.question("sentiment").get_by_text("Neutral", exact=True).tap()
    page.get_by_role("button", name="Submit").tap()
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    assert talk.values("claim_span") == {"c0": "claim"}


def _open_with_the_next(workspace: Workspace, talk: Study) -> None:
    """Opens the page and waits until two more comments were fetched."""
    answers: list[str] = []
    workspace.page.on(
        "response", lambda answer: answers.append(answer.url) if "/next/" in answer.url else None
    )
    workspace.open(talk.address)
    for _ in range(PATIENCE_MILLISECONDS // 100):
        if len(answers) >= 3:
            return
        workspace.page.wait_for_timeout(100)
    raise AssertionError(f"The next comments were not fetched: {answers}")


def _sentiments(talk: Study, annotation: int) -> set[str | None]:
    revisions = talk.api.get(f"annotations/{annotation}/revisions/")["results"]
    return {revision["answers"].get("sentiment") for revision in revisions}


def _select(page: Page, words: str) -> None:
    """What a long press and the handles of a selection do."""
    page.evaluate(
        """(words) => {
          const text = document.querySelector("article.focus .text");
          const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const start = node.data.indexOf(words), end = start + words.length;
            if (start >= 0) getSelection().setBaseAndExtent(node, start, node, end);
          }
        }""",
        words,
    )
