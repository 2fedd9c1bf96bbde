"""What somebody may rely on who does not read English: also from right to left."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.application import Application
from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound, no_errors

STARTER = ("claims-misinformation-sentiment", 2)
PAGES = [
    reverse("home"),
    reverse("corpora"),
    reverse("corpus", args=["harbour"]),
    reverse("codebook", args=STARTER),
    reverse("campaign", args=["harbour"]),
    reverse("account"),
    reverse("new_import"),
]


def choose(page: Page, language: str) -> None:
    page.locator("[name=language]").select_option(language)
    page.locator("form", has=page.locator("[name=language]")).get_by_role("button").click()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_and_shuts_nobody_out_from_right_to_left(log_in: LogIn, address: str) -> None:
    page = log_in("researcher", locale="ar")
    with no_errors(page):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect_sound(page)


def test_the_language_is_chosen_before_the_log_in_and_stays(
    page: Page, application: Application
) -> None:
    account = application.account("researcher")
    page.goto(reverse("login"))
    choose(page, "de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    page.get_by_label("Benutzername").fill(account.username)
    page.get_by_label("Passwort").fill(account.password)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible()
    page.goto(reverse("account"))
    expect(page.locator("[name=language]")).to_have_value("de")
    choose(page, "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    # As the browser says, again: what is stored would go before the wishes of the tests below.
    choose(page, "")
    expect(page.get_by_role("heading", name="API tokens")).to_be_visible()


def test_scripts_ask_in_the_language_of_the_page(log_in: LogIn) -> None:
    page = log_in("researcher", locale="de")
    with page.expect_response("**/i18n/de*.json"):
        page.goto(reverse("campaign", args=["harbour"]))
    page.get_by_role("button", name="Schließen").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Kein Label kann vergeben oder geändert werden")
    question.get_by_role("button", name="Zurück").click()
    expect(question).to_have_count(0)


def test_the_codebook_is_read_in_the_language_of_the_page(log_in: LogIn) -> None:
    page = log_in("researcher", locale="ar")
    page.goto(reverse("codebook", args=STARTER))
    first = page.get_by_role("heading", level=1)
    expect(first).to_have_attribute("lang", "ar")
    expect(page.locator("body")).to_contain_text("هل التعليق مضلِّل؟")


def test_the_workspace_opens_from_right_to_left(log_in: LogIn) -> None:
    page = log_in("annotator with work left", locale="ar")
    with no_errors(page), page.expect_response("**/i18n/ar*.json"):
        page.goto(reverse("label", args=["harbour"]))
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("radio").first).to_be_visible()
