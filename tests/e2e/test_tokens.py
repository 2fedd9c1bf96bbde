"""What a researcher may rely on who hands a token to a script."""

from __future__ import annotations

import subprocess

from django.urls import reverse
from playwright.sync_api import expect

from tests.application import Application
from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound, no_errors


def test_a_token_is_made_for_one_thing_and_does_that_alone(
    application: Application, log_in: LogIn
) -> None:
    page = log_in("researcher")
    page.goto(reverse("account"))
    page.get_by_label("What it is for").fill("labels for curl")
    page.get_by_label("Read labels that you may read").check()
    page.get_by_role("group", name="Only in these campaigns").get_by_label("Harbour").first.check()
    page.get_by_label("Days until it ends").fill("30")
    with no_errors(page):
        page.get_by_role("button", name="Make a token").click()
        token = page.locator("#token").inner_text()
        expect_sound(page)
    assert token.startswith("tm_")

    def status(path: str, *header: str) -> str:
        command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *header]
        address = f"{application.url}/api/v1/{path}"
        return subprocess.run(
            [*command, address], check=True, capture_output=True, text=True
        ).stdout

    header = ("-H", f"Authorization: Token {token}")
    labels = "campaigns/harbour/labels/"
    assert status(labels, *header) == "200"
    assert status("comments/", *header) == "403"
    assert status(f"{labels}?token={token}") == "401"
    page.goto(reverse("account"))
    row = page.get_by_role("row").filter(has_text="labels for curl")
    expect(row).to_contain_text("Only in")
    expect(row).not_to_contain_text("never")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("is revoked")).to_be_visible()
    assert status(labels, *header) == "401"
