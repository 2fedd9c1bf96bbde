"""From a file to labels through the pages alone, as a study begins."""

from __future__ import annotations

import re
import secrets

from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.application import Application
from tests.e2e.api import Api
from tests.e2e.conftest import LogIn
from tests.e2e.test_imports import SAVED_PAGE, upload
from tests.e2e.workspace import Workspace


def test_a_study_is_begun_on_the_pages_and_its_annotator_labels(
    application: Application, browser: Browser, log_in: LogIn, api: Api
) -> None:
    password = secrets.token_urlsafe(12)
    _make_account(log_in("admin"), "dora", password)
    researcher = log_in("researcher")
    upload(researcher, "mill.txt", SAVED_PAGE.read_bytes(), corpus="A mill of dora's")
    researcher.get_by_role("button", name="Import", exact=True).click()
    researcher.get_by_role("link", name="Open the corpus").click()
    researcher.get_by_role("link", name="New campaign").click()
    researcher.get_by_label("Name", exact=True).fill("The mill of Carrow")
    researcher.get_by_label("Short name").fill("carrow")
    expect(researcher.get_by_label("Corpus")).to_have_value(re.compile(r"\d+"))
    researcher.get_by_label("Codebook").select_option(index=1)
    researcher.get_by_role("button", name="Start the campaign").click()
    expect(researcher.get_by_role("heading", name="The mill of Carrow")).to_be_visible()
    expect(researcher.get_by_text("The units are being drawn.")).to_have_count(0)
    researcher.get_by_role("link", name="People", exact=True).click()
    researcher.get_by_text("Add somebody").click()
    researcher.get_by_label("User name").fill("dora")
    researcher.get_by_role("button", name="Add", exact=True).click()
    expect(researcher.get_by_role("rowheader", name="dora")).to_be_visible()

    with browser.new_context(base_url=application.url) as window:
        page = window.new_page()
        _log_in(page, "dora", password)
        page.get_by_role("link", name="Continue labeling").click()
        workspace = Workspace(page)
        expect(workspace.comment).to_contain_text("Sell it.")
        workspace.answer("1", "1", "3")
        expect(workspace.comment).not_to_contain_text("Sell it.")
        workspace.expect_saved()

    rows = api.labels("carrow")
    assert {row.value for row in rows} == {"non_factual", "not_misleading", "neutral"}
    researcher.get_by_role("link", name="Overview").click()
    expect(researcher.get_by_text("1 submitted")).to_be_visible()


def _make_account(admin: Page, username: str, password: str) -> None:
    """On the admin's page, as the README tells administrators."""
    admin.goto(reverse("admin:annotations_user_add"))
    admin.locator("[name=username]").fill(username)
    admin.locator("[name=password1]").fill(password)
    admin.locator("[name=password2]").fill(password)
    admin.locator("[name=_save]").click()
    expect(admin.locator(".success")).to_contain_text(username)


def _log_in(page: Page, username: str, password: str) -> None:
    page.goto(reverse("login"))
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
