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
    ("talk.zip", b"PK\x03\x04" + bytes(200), "ZIP archive", "Fetch the file again"),
    ("talk.7z", b"7z\xbc\xaf\x27\x1c" + bytes(200), "7-Zip archive", "Unpack it"),
    ("talk.png", b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG image", "Only text"),
    ("talk.csv", b"", "talk.csv", "is empty"),
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
    expect(page.get_by_text("almost certainly")).to_be_visible()
    preview = page.get_by_role("region", name="The first threads")
    expect(preview.get_by_role("article", name=re.compile("^#1 "))).to_contain_text(TALK[1])
    expect(preview.get_by_text("no time at all")).to_be_visible()
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


def test_a_saved_page_is_imported_and_its_thread_read(page: Page) -> None:
    upload(page, "mill.txt", SAVED_PAGE.read_bytes(), corpus="The old mill")
    expect(page.get_by_role("heading", name="Village Votes On The Old Mill")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Report")).to_be_visible()
    assert report(page, "Articles and posts") == [1, 0, 0]
    page.get_by_role("link", name="Open the corpus").click()
    page.get_by_role("link", name="Village Votes On The Old Mill").click()
    expect(page.get_by_text("The roof will not last another winter")).to_be_visible()


def test_two_files_are_one_import_tried_first_and_then_done(page: Page) -> None:
    second = re.sub(r",c(\d)", r",d\1", table(TALK)).replace("t1,Ferries", "t2,Trams")
    page.goto(reverse("new_import"))
    drop(page, {"ferries.csv": table(TALK), "trams.csv": second})
    expect(page.get_by_text("2 files")).to_be_visible()
    page.get_by_label("Name of the new corpus").fill("Two files")
    expect_sound(page)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="How is ferries.csv and 1 other to be")).to_be_visible()
    for title in ("Ferries", "Trams"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()

    page.get_by_text("Another format").click()
    page.get_by_label(re.compile("^Saved news page")).check()
    page.get_by_role("button", name="Read it as this").click()
    expect(page.get_by_label("Text", exact=True)).to_have_count(0)
    expect(page.get_by_role("heading", name="Trams", exact=True)).to_have_count(0)
    page.get_by_label(re.compile("^Table")).check()
    page.get_by_role("button", name="Read it as this").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("text")

    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("nothing was stored")).to_be_visible()
    assert report(page, "Comments") == [2 * len(TALK), 0, 0]
    with page.expect_popup() as other:
        page.evaluate(f"window.open('{reverse('corpus', args=['two-files'])}')")
    expect(other.value.get_by_text("This corpus is empty.")).to_be_visible()

    page.get_by_role("button", name="Import it for real").click()
    expect(page.get_by_role("link", name="Open the corpus")).to_be_visible()
    assert report(page, "Comments") == [2 * len(TALK), 0, 0]
    assert report(page, "Replies given by the source") == [2 * (len(TALK) - 1)]
    expect_sound(page)
    page.get_by_role("link", name="Open the corpus").click()
    page.get_by_role("link", name="Trams").click()
    expect(page.get_by_text(TALK[0])).to_be_visible()


def test_files_stay_chosen_where_the_form_is_refused(page: Page) -> None:
    page.goto(reverse("new_import"))
    drop(page, {"a.csv": table(TALK), "b.csv": "x"})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Choose a corpus, or name a new one.")).to_be_visible()
    expect(page.get_by_text("2 files")).to_be_visible()
    page.get_by_label("Name of the new corpus").fill("Chosen once")
    page.get_by_role("button", name="Upload").click()
    expect(page).to_have_url(re.compile(r"/imports/\d+/$"))


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


def drop(page: Page, files: dict[str, str]) -> None:
    """Drops files on the form, as a hand with a mouse would."""
    transfer = page.evaluate_handle(
        """files => {
          const transfer = new DataTransfer();
          for (const [name, text] of Object.entries(files))
            transfer.items.add(new File([text], name));
          return transfer;
        }""",
        files,
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})


def report(page: Page, what: str) -> list[int]:
    """The figures of a row of the report: created, updated, unchanged, or just how many."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=what, exact=True))
    return [int(cell) for cell in row.get_by_role("cell").all_inner_texts()]
