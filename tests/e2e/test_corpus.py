"""What a researcher may rely on who looks for threads in a corpus."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.api import Api
from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound, no_errors

SLUG = "many-threads"


@pytest.fixture(scope="module")
def corpus(api: Api) -> str:
    """Sixty threads: thread n has n comments, each answering the one before."""
    api.post("corpora/", {"slug": SLUG})
    rows = [
        {
            "thread": f"t{n}",
            "thread_title": f"Talk number {n}",
            "comment_id": f"{n}-{place}",
            "parent_id": f"{n}-{place - 1}" if place else "",
            "author": "Ann",
            "time": f"2024-03-{1 + n % 28:02}T12:00:00Z",
            "text": "The last tram leaves at midnight." if n == 7 else "Nobody asked about that.",
        }
        for n in range(1, 61)
        for place in range(n)
    ]
    api.import_table(SLUG, "\n".join(json.dumps(row) for row in rows))
    return reverse("corpus", args=[SLUG])


@pytest.fixture
def page(log_in: LogIn) -> Page:
    return log_in("researcher")


def test_threads_are_found_and_the_filters_taken_away_again(page: Page, corpus: str) -> None:
    page.goto(corpus)
    expect(page.get_by_role("row")).to_have_count(1 + 50)
    page.get_by_label("Comments, at least").fill("59")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row")).to_have_count(1 + 2)
    page.get_by_label("Title or id").fill("number 60")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="Talk number 60")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(1 + 1)
    with no_errors(page):
        expect_sound(page)
    page.get_by_role("link", name="Remove the filter Title or id: number 60").click()
    expect(page.get_by_label("Comments, at least")).to_have_value("59")
    expect(page.get_by_role("row")).to_have_count(1 + 2)
    page.get_by_role("link", name="All threads").click()
    expect(page.get_by_role("row")).to_have_count(1 + 50)


def test_the_words_of_comments_are_searched_and_nothing_found_is_told(
    page: Page, corpus: str
) -> None:
    page.goto(corpus)
    page.get_by_label("Text of a comment").fill("last TRAM")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("rowheader")).to_have_text(["Talk number 7"])
    page.get_by_label("Text of a comment").fill("zeppelin")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No thread fits.")).to_be_visible()
    page.get_by_role("link", name="show all threads").click()
    expect(page.get_by_role("row")).to_have_count(1 + 50)


def test_pages_keep_the_order_and_the_filters(page: Page, corpus: str) -> None:
    page.goto(corpus)
    page.get_by_label("Order").select_option("most comments first")
    page.get_by_label("Comments, at least").fill("2")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("rowheader").first).to_have_text("Talk number 60")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("rowheader").first).to_have_text("Talk number 10")
    expect(page.get_by_role("rowheader").last).to_have_text("Talk number 2")
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("rowheader").first).to_have_text("Talk number 60")
