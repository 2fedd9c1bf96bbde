"""What a manager may rely on when the quality of a campaign's labels is looked at."""

from __future__ import annotations

import csv
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound, no_errors

OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def test_agreement_is_computed_and_read_as_plots_tables_and_files(
    log_in: LogIn, tmp_path: Path
) -> None:
    page = log_in("researcher")
    page.goto(reverse("campaign", args=["harbour"]))
    page.get_by_role("link", name="Quality").click()
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_text("As the labels were")).to_be_visible()
    expect(page.get_by_role("img", name="Alpha, nominal").first).to_be_visible()
    page.get_by_text("The figures, and how each was made").first.click()
    table = page.get_by_role("region", name="Table: Figures of agreement").first
    expect(table).to_contain_text("Units with two ratings or more")
    shown = table.get_by_role("row").nth(1).get_by_role("cell").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Figures of agreement").click()
    path = tmp_path / "figures.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert f"{float(first['value']):.3f}" == shown
    _expect_all_sound(page)


def test_one_answer_from_many_is_made_beside_the_labels(log_in: LogIn) -> None:
    page = log_in("researcher")
    page.goto(reverse("quality", args=["harbour"]))
    page.get_by_label("Method").select_option("Dawid-Skene")
    page.get_by_role("button", name="Make one answer").click()
    newest = page.get_by_role("region", name="Table: one answer from many").locator("tbody tr")
    expect(newest.first.get_by_text("Done")).to_be_visible()
    competence = page.get_by_role("region", name="Table: Competence of annotators")
    expect(competence.get_by_role("rowheader", name="A1").first).to_be_visible()
    _expect_all_sound(page)


def test_progress_is_there_without_a_job(log_in: LogIn) -> None:
    page = log_in("researcher")
    with no_errors(page):
        page.goto(reverse("campaign_progress", args=["harbour"]))
    expect(page.get_by_role("img", name="Line:")).to_be_visible()
    expect(page.get_by_role("region", name="Table: People")).to_contain_text("ada")
    _expect_all_sound(page)


def _expect_all_sound(page: Page) -> None:
    page.evaluate(OPEN_ALL)
    expect_sound(page)
