"""An administrator's acts in a browser: every page that asks is sound, and does what it says."""

from __future__ import annotations

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.soundness import WIDTHS, expect_to_fit, no_errors, violations
from tests.e2e.study import NewStudy

CONFIRM = ".submit-row input[type=submit]"


def choose(page: Page, table: str, row: str, action: str) -> None:
    """Tick the row that is found by these words, and go to the page that asks."""
    page.goto(reverse(f"admin:annotations_{table}_changelist") + f"?q={row}")
    page.locator("#result_list tbody tr").first.locator("input.action-select").check()
    page.locator("select[name=action]").select_option(action)
    page.locator(".actions button").click()


def expect_sound_question(page: Page, title: str) -> None:
    """The page asks, fits, and neither axe nor the Content-Security-Policy finds anything."""
    expect(page.locator("#content h1")).to_have_text(title)
    for width in WIDTHS:
        expect_to_fit(page, width)
    assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_campaign_is_assigned_exported_and_closed(log_in: LogIn, study: NewStudy) -> None:
    campaign = study(annotators=["cleo"])
    page = log_in("admin")
    with no_errors(page):
        choose(page, "campaign", campaign.slug, "assign")
        expect_sound_question(page, "Give units to people")
        page.locator("[name=users]").select_option(label="cleo")
        page.locator(CONFIRM).click()
        expect(page.locator(".messagelist")).to_contain_text("cleo got 1 unit.")

        choose(page, "campaign", campaign.slug, "export")
        expect_sound_question(page, "Export the labels of these campaigns")
        page.locator(CONFIRM).click()
        page.locator(".messagelist a", has_text="export").click()
        expect(page.locator(".field-format")).to_contain_text("jsonl")

        choose(page, "campaign", campaign.slug, "close")
        expect_sound_question(page, "Close these campaigns?")
        page.get_by_role("link", name="No, take me back").click()
        expect(page).to_have_url(re.compile("/admin/annotations/campaign/$"))
        choose(page, "campaign", campaign.slug, "close")
        page.locator(CONFIRM).click()
        expect(page.locator(".messagelist")).to_contain_text("1 campaign: now closed.")


def test_a_file_is_imported(log_in: LogIn) -> None:
    page = log_in("admin")
    with no_errors(page):
        page.goto(reverse("admin:importers_importrun_changelist"))
        page.get_by_role("link", name="Import a file").click()
        expect_sound_question(page, "Import a file into a corpus")
        page.locator("[name=corpus]").select_option(index=1)
        content = b"id,text,thread\n1,Hello,t\n2,Hi there,t\n"
        page.locator("[name=file]").set_input_files(
            {"name": "talk.csv", "mimeType": "text/csv", "buffer": content}
        )
        page.locator(CONFIRM).click()
        expect(page).to_have_url(re.compile(r"/imports/\d+/$"))
        expect(page.locator("main")).to_contain_text("talk.csv")


def test_a_person_is_erased(log_in: LogIn) -> None:
    page = log_in("admin")
    page.goto(reverse("admin:annotations_user_add"))
    for name, value in (
        ("username", "rosalind"),
        ("password1", "a bridge too far"),
        ("password2", "a bridge too far"),
    ):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=_save]").click()
    with no_errors(page):
        choose(page, "user", "rosalind", "erase")
        expect_sound_question(page, "Erase rosalind?")
        page.locator("[name=typed]").fill("rosalind")
        page.locator(CONFIRM).click()
        expect(page.locator(".messagelist")).to_contain_text("1 user: erased.")
        page.goto(reverse("admin:annotations_erasure_changelist"))
        expect(page.locator("#result_list")).to_contain_text("An account")


def test_an_author_is_asked_about(log_in: LogIn) -> None:
    """Nobody of the demo is erased: other tests read what they wrote."""
    page = log_in("admin")
    page.goto(reverse("admin:annotations_author_changelist"))
    page.locator("#result_list tbody tr").first.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("erase")
    with no_errors(page):
        page.locator(".actions button").click()
        expect(page.locator("#content h1")).to_contain_text("Erase")
        expect_sound_question(page, page.locator("#content h1").inner_text())
    with no_errors(page, 400):
        page.locator("[name=typed]").fill("somebody else")
        page.locator(CONFIRM).click()
        expect(page.locator(".errorlist")).to_contain_text("nothing was erased")
        assert violations(page) == []
