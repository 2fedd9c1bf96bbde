"""What an annotator may rely on when the work is broken off: nothing answered is lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.application import Application
from tests.e2e.conftest import LogIn
from tests.e2e.study import ARABIC, FERRY, TALK, NewStudy
from tests.e2e.workspace import Workspace


def test_who_leaves_in_the_middle_comes_back_to_the_same_comment_and_answers(
    log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    first = Workspace(log_in("cleo"))
    first.open(talk.address)
    first.answer("1", "1", "2")
    first.expect_comment(ARABIC)
    first.answer("3")
    first.drag_over("العبّارة")
    first.press("Enter")
    first.answer("3")
    first.expect_saved()
    first.page.context.close()

    elsewhere = Workspace(log_in("cleo"))
    elsewhere.open(talk.address)
    elsewhere.expect_comment(ARABIC)
    elsewhere.expect_chosen("claim", "Factual, worth checking")
    elsewhere.expect_chosen("misinformation", "Cannot tell")
    elsewhere.expect_chosen("sentiment")
    expect(elsewhere.marks()).to_have_text("العبّارة")

    elsewhere.answer("3")
    elsewhere.expect_comment(TALK[2])
    elsewhere.expect_saved()
    assert talk.values("misinformation") == {"c0": "not_misleading", "c1": "cannot_tell"}


def test_a_draft_of_the_last_second_survives_a_reload(log_in: LogIn, study: NewStudy) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.answer("1")
    workspace.page.on("dialog", lambda dialog: dialog.accept())
    workspace.page.reload()
    workspace.expect_comment(FERRY)
    workspace.expect_chosen("claim", "No factual claim")


def test_what_is_seldom_opened_is_fetched_once_and_opens_offline(
    log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    page = log_in("cleo")
    with page.expect_response(re.compile(r"/chunks/dialogs-[\w-]+\.js$")) as fetched:
        Workspace(page).open(talk.address)
    assert "immutable" in fetched.value.headers["cache-control"]
    fetched.value.finished()
    page.context.set_offline(True)
    for key, title in (("?", "Keys"), (",", "Settings"), ("S", "Support")):
        page.keyboard.press(key)
        dialog = page.get_by_role("dialog", name=title)
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    page.context.set_offline(False)


def test_what_is_answered_offline_is_counted_and_sent_once_when_the_network_is_back(
    log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.page.context.set_offline(True)
    workspace.answer("1", "1", "5")
    expect(workspace.save_state).to_have_text(re.compile(r"^Offline, 1 unsent"))
    assert talk.labels() == []

    workspace.page.context.set_offline(False)
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    assert talk.values("sentiment") == {"c0": "strongly_positive"}


def test_answers_of_a_tab_that_was_closed_offline_are_sent_by_the_next_one(
    log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    closed = Workspace(log_in("cleo"))
    closed.open(talk.address)
    window = closed.page.context
    window.set_offline(True)
    closed.answer("1", "1", "5")
    expect(closed.save_state).to_have_text(re.compile("unsent"))
    closed.page.close()
    assert talk.labels() == []

    window.set_offline(False)
    workspace = Workspace(window.new_page())
    workspace.page.goto(talk.address)
    workspace.expect_comment(ARABIC)
    assert talk.values("sentiment") == {"c0": "strongly_positive"}


def test_who_was_logged_out_logs_in_on_the_page_and_goes_on(
    application: Application, log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.page.context.clear_cookies()
    workspace.answer("1", "1", "5")
    password = workspace.page.get_by_label("Password")
    password.fill("not this one")
    password.press("Enter")
    expect(workspace.page.get_by_role("dialog")).to_contain_text("correct")
    assert talk.labels() == []

    password.fill(application.account("cleo").password)
    password.press("Enter")
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    assert talk.values("sentiment") == {"c0": "strongly_positive"}
