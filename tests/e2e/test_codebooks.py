"""A codebook that is written beside its preview, compared, and put under a campaign's labels."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.api import Api
from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound
from tests.e2e.study import table
from tests.e2e.workspace import Workspace

FIRST = """\
key: crossing
version: 1
title: The crossing
guidelines: Judge the ferry.
questions:
  - key: view
    title: Is the comment for the ferry?
    kind: single_label
    labels:
      - {key: pro, title: For it, definition: Wants it.}
      - {key: rather, title: Rather for it, definition: Would have it.}
      - {key: contra, title: Against it, definition: Does not want it.}
"""
SECOND = FIRST.replace("version: 1", "version: 2").replace(
    "      - {key: rather, title: Rather for it, definition: Would have it.}\n", ""
)
MAPPED = SECOND + "    map: {rather: pro}\n"


@pytest.fixture(scope="module")
def crossing(api: Api) -> str:
    """A campaign on version 1, in which cleo can label."""
    api.post("codebooks/", {"source": FIRST})
    api.post("corpora/", {"slug": "crossing"})
    api.import_table("crossing", table(["It is cheap.", "It is slow."]))
    codebook = {"key": "crossing", "version": 1}
    api.new_campaign(
        {"slug": "crossing", "corpus": "crossing", "codebook": codebook, "annotators": ["cleo"]}
    )
    return "crossing"


def write(page: Page, text: str) -> None:
    page.get_by_label("YAML text").fill(text)


def test_a_new_version_is_written_beside_its_preview_and_put_under_the_labels(
    crossing: str, api: Api, log_in: LogIn
) -> None:
    workspace = Workspace(log_in("cleo"))
    workspace.open(reverse("label", args=[crossing]))
    workspace.answer("2")
    workspace.expect_saved()

    page = log_in("researcher")
    page.goto(reverse("codebook", args=["crossing", 1]))
    page.get_by_role("link", name="New version from this").click()
    preview = page.get_by_role("region", name="As annotators see it")
    expect(preview.get_by_role("radio")).to_have_count(3)
    write(page, SECOND.replace("kind: single_label", "kind: single"))
    problem = page.get_by_role("button", name=re.compile(r"Line 8.*questions\[0\]\.kind"))
    expect(problem).to_be_visible()
    problem.click()
    selected = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert page.get_by_label("YAML text").evaluate(selected) == "    kind: single"
    write(page, SECOND)
    expect(preview.get_by_role("radio")).to_have_count(2)
    expect(problem).to_have_count(0)
    preview.get_by_role("group", name="Try the questions and their keys").focus()
    page.keyboard.press("2")
    expect(preview.get_by_role("radio", name="Against it")).to_be_checked()
    expect(preview.get_by_text("it would be submitted now")).to_be_visible()
    write(page, MAPPED)
    expect(page.get_by_text("Nothing is wrong")).to_be_visible()
    expect_sound(page)
    page.get_by_role("button", name="Load as version 2").click()
    page.wait_for_url("**/codebooks/crossing/2/")
    page.get_by_role("link", name="What changed since 1").click()
    expect(page.get_by_text("Label rather is gone")).to_be_visible()

    api.insist("PATCH", f"campaigns/{crossing}/", {"state": "paused"})
    page.goto(reverse("campaign", args=[crossing]))
    page.get_by_label("Parts of the campaign").get_by_role("link", name="Codebook").click()
    page.get_by_role("link", name="What would become of the labels").click()
    expect(page.get_by_role("row", name="view · rather view · pro 1")).to_be_visible()
    expect_sound(page)
    page.get_by_role("button", name="Carry 1 label on to version 2").click()
    expect(page.get_by_role("link", name="Download the trace of 1 to 2")).to_be_visible()

    assert [row.value for row in api.labels(crossing)] == ["pro"]
    assert api.get(f"campaigns/{crossing}/")["codebook"]["version"] == 2
    (annotation,) = api.get(f"annotations/?campaign={crossing}")["results"]
    said = api.get(f"annotations/{annotation['id']}/revisions/")["results"]
    assert {"view": "rather"} in [one["answers"] for one in said]
    newest = said[-1]
    assert newest["answers"] == {"view": "pro"}
    assert (newest["recoded"]["before"], newest["recoded"]["after"]) == (1, 2)


def test_what_was_typed_is_offered_again_and_a_taken_version_is_raised(
    crossing: str, log_in: LogIn
) -> None:
    page = log_in("researcher")
    page.goto(reverse("new_codebook"))
    other = FIRST.replace("Judge the ferry", "Judge the bridge")
    write(page, other)
    expect(page.get_by_text("Version 1 is loaded with another text.")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(reverse("codebooks"))
    page.goto(reverse("new_codebook"))
    page.get_by_role("button", name="Take it up again").click()
    expect(page.get_by_label("YAML text")).to_have_value(other)
    page.get_by_role("button", name=re.compile("Raise to version")).click()
    expect(page.get_by_label("YAML text")).to_have_value(re.compile(r"^version: [2-9]$", re.M))
    expect(page.get_by_text("Nothing is wrong")).to_be_visible()


def test_without_scripts_the_form_still_says_what_is_wrong(crossing: str, log_in: LogIn) -> None:
    page = log_in("researcher", java_script_enabled=False)
    page.goto(reverse("new_codebook"))
    write(page, FIRST.replace("single_label", "single"))
    page.get_by_role("button", name="Check and load").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 8, questions[0].kind: must be one of")
    write(page, FIRST.replace("Judge", "See"))
    page.get_by_role("button", name="Check and load").click()
    page.get_by_role("button", name="Raise the version").click()
    expect(page.get_by_label("YAML text")).to_have_value(re.compile(r"^version: [2-9]$", re.M))
