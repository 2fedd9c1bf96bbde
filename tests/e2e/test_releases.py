"""What a manager may rely on when a release is made in the browser."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

import pandas
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.soundness import no_errors

LINE = re.compile(r"pandas\.read_\w+\(")


@pytest.fixture
def page(log_in: LogIn) -> Page:
    return log_in("researcher")


def test_a_release_is_made_downloaded_and_loaded(page: Page, tmp_path: Path) -> None:
    with no_errors(page):
        page.goto(reverse("campaign_data", args=["harbour"]))
        page.get_by_role("link", name="Make a release").click()
        page.get_by_label("Title", exact=True).fill("Ferries, as readers see them")
        page.get_by_label("Version", exact=True).fill("7.0")
        page.get_by_text("Train, validation and test", exact=True).first.click()
        page.get_by_label("By author").check()
        page.get_by_label("Who made it", exact=True).fill("Ada Byron; Analytical Society")
        page.get_by_label("Licence", exact=True).fill("CC-BY-4.0")
        page.get_by_text("Uses", exact=True).click()
        page.get_by_label("What should it not be used for?").fill("To judge people.")
        page.get_by_role("button", name="Keep the draft").click()
        expect(page.get_by_role("region", name="Table: how much of what")).to_contain_text("Train")
        page.get_by_role("button", name="Freeze and make the release").click()
        page.get_by_role("dialog").get_by_role("button", name="Freeze").click()
        expect(page.get_by_role("heading", name="How to load it")).to_be_visible(timeout=60_000)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download all").click()
    _expect_whole(page, download.value.path(), tmp_path)
    _expect_loaded_as_the_page_says(page, tmp_path)
    assert "To judge people." in (tmp_path / "README.md").read_text()


def test_a_release_is_withdrawn_and_keeps_what_it_said(page: Page) -> None:
    _make(page, "8.0")
    page.get_by_text("Withdraw this release").click()
    page.get_by_label("Why it is withdrawn").fill("A reader asked us to.")
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("A reader asked us to.")).to_be_visible()
    expect(page.get_by_role("link", name="Download all")).to_have_count(0)
    expect(page.get_by_role("region", name="Table: files")).to_contain_text("csv/harbour.csv")


def test_the_form_is_filled_in_by_keys_alone(page: Page) -> None:
    page.goto(reverse("campaign_data", args=["harbour"]))
    page.locator("[name=format][value=jsonl]").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=format][value=csv]")).to_be_checked()
    page.get_by_text("Spreadsheets", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Make formulas harmless")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    newest = page.get_by_role("region", name="Table: exports").locator("tbody tr").first
    newest.locator("summary").click()
    expect(newest).to_contain_text("Formulas in CSV files are made harmless.")


def _make(page: Page, version: str) -> None:
    page.goto(reverse("new_release", args=["harbour"]))
    page.get_by_label("Version", exact=True).fill(version)
    page.get_by_label("Who made it", exact=True).fill("Ada Byron")
    page.get_by_label("Licence", exact=True).fill("CC-BY-4.0")
    page.get_by_role("button", name="Keep the draft").click()
    page.get_by_role("button", name="Freeze and make the release").click()
    page.get_by_role("dialog").get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("heading", name="How to load it")).to_be_visible(timeout=60_000)


def _expect_whole(page: Page, archive: Path, folder: Path) -> None:
    """Unpacks the archive: every file on the page is in it, with the checksum that stands there."""
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as opened:
        opened.extractall(folder)
    rows = page.get_by_role("region", name="Table: files").locator("tbody tr")
    told = {row.locator("th").inner_text(): row.locator("code").inner_text() for row in rows.all()}
    assert told == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _expect_loaded_as_the_page_says(page: Page, folder: Path) -> None:
    lines = page.locator("pre").filter(has_text=LINE).all_inner_texts()
    assert len(lines) == 2
    frames = []
    for line in lines:
        call, path = line.split('"', 2)[:2]
        assert LINE.fullmatch(call)
        frames.append(eval(line.replace(path, str(folder / path)), {"pandas": pandas, "str": str}))  # noqa: S307
    assert all(len(frame) for frame in frames)
    assert {*frames[0]["annotation"]} == {*frames[1]["annotation"]}
    assert {*frames[0]["split"]} <= {"train", "validation", "test"}
