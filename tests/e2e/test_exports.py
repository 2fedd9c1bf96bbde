"""What a researcher may rely on when labels are taken out, and when no worker runs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.application import Application
from tests.e2e.conftest import LogIn
from tests.e2e.study import NewStudy, table
from tests.e2e.test_imports import upload

MANY = 20_000
UNTIL_SILENCE_IS_SEEN = 60_000
UNTIL_SENT_AGAIN = 60_000
UNTIL_THE_LEASE_RAN_OUT = 180_000


@pytest.fixture
def page(log_in: LogIn) -> Page:
    return log_in("researcher")


@pytest.mark.parametrize("format", ["jsonl", "csv", "threads"])
def test_an_export_is_started_on_the_page_and_downloaded(
    application: Application, page: Page, tmp_path: Path, format: str
) -> None:
    page.goto(reverse("campaign_data", args=["harbour"]))
    page.locator(f"[name=format][value={format}]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Export", exact=True).click()
    newest = _newest(page)
    expect(newest.get_by_text("Done")).to_be_visible()
    with page.expect_download() as download:
        newest.get_by_role("link", name="Download").click()
    again = tmp_path / "again"
    application.manage("export", "harbour", "--format", format, "--out", str(again))
    assert download.value.path().read_bytes() == again.read_bytes() != b""


@pytest.mark.slow
@pytest.mark.long
def test_the_pages_say_that_no_worker_runs_and_a_killed_one_loses_no_job(
    application: Application, page: Page, log_in: LogIn, study: NewStudy
) -> None:
    """Waits for as long as a lease lasts: a minute, as it does for users."""
    talk = study(annotators=[])
    texts = [f"Comment {number} of a long evening." for number in range(MANY)]
    upload(page, "evening.csv", table(texts).encode(), corpus="A long evening")
    page.get_by_role("button", name="Import", exact=True).click()
    progress = page.locator("[data-progress-url]")
    expect(progress).to_contain_text("Running")
    _kill_worker(application)
    with _worker_standing_still(application):
        campaign = log_in("researcher")
        campaign.goto(reverse("campaign_data", args=[talk.slug]))
        campaign.get_by_role("button", name="Export", exact=True).click()
        waits = re.compile("No worker is running")
        expect(progress).to_contain_text(waits, timeout=UNTIL_SILENCE_IS_SEEN)
        expect(campaign.locator("[data-job-text]")).to_have_text(waits)
        campaign.reload()
        expect(campaign.get_by_role("status").filter(has_text="No worker")).to_be_visible()

    expect(campaign.get_by_role("link", name="Download")).to_be_visible(timeout=UNTIL_SENT_AGAIN)
    report = page.get_by_role("heading", name="Report")
    expect(report).to_be_visible(timeout=UNTIL_THE_LEASE_RAN_OUT)
    page.get_by_role("link", name="Open the corpus").click()
    comments = page.locator(".figure").filter(has_text="Comments").locator("dd")
    expect(comments).to_have_text(f"{MANY:,}")


def _newest(page: Page) -> Locator:
    return page.get_by_role("region", name="Table: exports").locator("tbody tr").first


def _kill_worker(application: Application) -> None:
    """``kill -9`` for the worker and the processes of its pool, and waits until they are gone."""
    worker = application.processes("celery")
    for process in worker:
        process.kill()
    psutil.wait_procs(worker, timeout=10)


@contextmanager
def _worker_standing_still(application: Application) -> Iterator[None]:
    """No process of the worker moves: the launcher sees one that runs, the pages a dead one.
    In the end it is killed, and the launcher starts another one."""
    while not (worker := application.processes("celery")):
        time.sleep(0.05)
    worker[0].suspend()
    for process in application.processes("celery"):
        process.suspend()
    try:
        yield
    finally:
        _kill_worker(application)
