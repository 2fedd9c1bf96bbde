"""From two annotators who disagree to a decision, and from a note to a ruling."""

from __future__ import annotations

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound, no_errors
from tests.e2e.study import FERRY, NewStudy, Study
from tests.e2e.workspace import Workspace


def test_a_dispute_is_decided_with_the_keyboard_alone(log_in: LogIn, study: NewStudy) -> None:
    talk = study(annotators=["ada", "ben"], texts=[FERRY], overlap=2)
    _label(Workspace(log_in("ada")), talk, "1", "1", "3")
    _label(Workspace(log_in("ben")), talk, "2", "Enter", "1", "3")
    page = log_in("researcher")
    page.goto(reverse("adjudication", args=[talk.slug]))
    with no_errors(page):
        expect_sound(page)
    _follow_by_keyboard(page, "Decide the worst first")
    expect(page.get_by_role("article", name=re.compile("^In question"))).to_contain_text(FERRY)
    answers = page.get_by_role("region", name="All answers side by side")
    expect(answers).to_contain_text("≠ different")
    expect(answers).not_to_contain_text(re.compile("ada|ben|A[12]"))
    with no_errors(page):
        expect_sound(page)
    keys = {answers.get_by_role("columnheader").nth(place).inner_text() for place in (0, 1)}
    assert keys == {"A", "B"}
    page.keyboard.press("A")
    page.keyboard.press("3")
    page.keyboard.press("c")
    page.keyboard.type("It gives a number that can be checked.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is left to decide here")).to_be_visible()
    made = talk.api.get(f"annotations/?campaign={talk.slug}&source=adjudication")["results"]
    assert [(one["source"], one["annotator"]) for one in made] == [("adjudication", "A3")]
    assert made[0]["answers"]["claim"] == "check_worthy_factual"
    page.keyboard.press("u")
    expect(page.get_by_text(re.compile("Decided by A3 · researcher"))).to_be_visible()
    expect(answers).to_contain_text("A1 · ada")
    phone = log_in("researcher", viewport={"width": 390, "height": 844}, has_touch=True)
    phone.goto(f"{reverse('adjudication_desk', args=[talk.slug])}?unit={made[0]['unit']}")
    first = phone.get_by_role("columnheader").first
    expect(first).to_have_text(re.compile("^A\\b"), use_inner_text=True)


def test_a_note_becomes_a_ruling_that_annotators_see(log_in: LogIn, study: NewStudy) -> None:
    talk = study(annotators=["ben"])
    workspace = Workspace(log_in("ben"))
    workspace.open(talk.address)
    workspace.press("c")
    workspace.page.keyboard.type("Is a joke a claim?")
    workspace.press("Escape")
    workspace.answer("1", "1", "3")
    workspace.expect_saved()
    manager = log_in("researcher")
    manager.goto(reverse("home"))
    manager.get_by_role("link", name=re.compile(f"{talk.slug}: 1 note to answer")).click()
    with no_errors(manager):
        expect_sound(manager)
    manager.get_by_text("Answer with a ruling").click()
    manager.get_by_label("What is to be done from now on").fill("A joke is *no* claim.")
    manager.get_by_role("button", name="Make it a ruling").click()
    expect(manager.get_by_text("No note waits for an answer.")).to_be_visible()
    workspace.open(talk.address)
    expect(workspace.page.get_by_role("banner").get_by_text("new")).to_be_visible()
    workspace.press("H")
    history = workspace.page.get_by_role("dialog")
    expect(history.get_by_text("A joke is no claim.")).to_be_visible()


def _label(workspace: Workspace, talk: Study, *keys: str) -> None:
    workspace.open(talk.address)
    workspace.answer(*keys)
    workspace.expect_saved()


def _follow_by_keyboard(page: Page, name: str) -> None:
    link = page.get_by_role("link", name=name)
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
