"""What a researcher may rely on when files come in through the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound
from tests.e2e.study import TALK, table

SAVED_PAGE = Path(__file__).parent.parent / "cases" / "saved_page" / "replies" / "input.txt"
BAD_ROW = "t1,Ferries,c9,,Ann,no time at all,When was this?\n"
UNREADABLE = [
    ("talk.zip", b"PK\x03\x04" + bytes(200), "ZIP archive", "Unpack it"),
    ("talk.png", b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG image", "Only text"),
    ("talk.csv", b"", "file", "is empty"),
    ("prose.txt", b"Neither a page nor a table.", "prose.txt", "format"),
]


@pytest.fixture
def page(log_in: LogIn) -> Page:
    return log_in("researcher")


def test_a_table_is_confirmed_then_imported_and_its_bad_row_is_told(page: Page) -> None:
    file = ("talk.csv", (table(TALK) + BAD_ROW).encode())
    upload(page, *file, corpus="Confirmed talk")
    expect(page.get_by_label("Text", exact=True)).to_have_value("text")
    expect(page.get_by_label("Id of the comment answered")).to_have_value("parent_id")
    expect(page.get_by_role("cell", name=TALK[1])).to_be_visible()
    expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
    expect_sound(page)

    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Report")).to_be_visible()
    assert report(page, "Comments") == [len(TALK), 0, 0]
    assert report(page, "Threads") == [1, 0, 0]
    refused = page.get_by_role("region", name="Refused")
    expect(refused.get_by_role("cell").first).to_have_text(str(len(TALK) + 2))
    expect(refused).to_contain_text("no time at all")
    expect_sound(page)

    upload(page, *file, corpus="", existing="Confirmed talk")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Report")).to_be_visible()
    assert report(page, "Comments") == [0, 0, len(TALK)]
    assert report(page, "Threads") == [0, 0, 1]


def test_a_saved_page_is_imported_at_once(page: Page) -> None:
    upload(page, "mill.txt", SAVED_PAGE.read_bytes(), corpus="The old mill")
    expect(page.get_by_role("heading", name="Report")).to_be_visible()
    assert report(page, "Articles and posts") == [1, 0, 0]
    page.get_by_role("link", name="Open the corpus").click()
    page.get_by_role("link", name="Village Votes On The Old Mill").click()
    expect(page.get_by_text("The roof will not last another winter")).to_be_visible()


def test_a_dry_run_reports_and_stores_nothing(page: Page) -> None:
    upload(page, "talk.csv", table(TALK).encode(), corpus="Only tried")
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_text("nothing was stored")).to_be_visible()
    assert report(page, "Comments") == [len(TALK), 0, 0]
    page.goto(reverse("corpus", args=["only-tried"]))
    expect(page.get_by_text("This corpus is empty.")).to_be_visible()


@pytest.mark.parametrize(("name", "content", "what", "advice"), UNREADABLE)
def test_a_file_that_no_reader_takes_is_refused_in_words(
    page: Page, name: str, content: bytes, what: str, advice: str
) -> None:
    upload(page, name, content, corpus="Never made")
    told = page.locator(".errorlist, [role=alert]").first
    expect(told).to_contain_text(what)
    expect(told).to_contain_text(advice)
    expect(page).to_have_url(re.compile(reverse("new_import")))
    page.goto(reverse("corpora"))
    expect(page.get_by_text("Never made")).to_have_count(0)


def upload(page: Page, name: str, content: bytes, *, corpus: str, existing: str = "") -> None:
    """Fills the upload form in; an existing corpus is chosen by its name, another one named."""
    page.goto(reverse("new_import"))
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    if existing:
        page.get_by_label("Corpus", exact=True).select_option(label=existing)
    page.get_by_label("Name of the new corpus").fill(corpus)
    page.get_by_role("button", name="Upload").click()


def report(page: Page, what: str) -> list[int]:
    """How many of these were created, updated, unchanged."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=what, exact=True))
    return [int(cell) for cell in row.get_by_role("cell").all_inner_texts()]
