"""An export that is killed ends whole, with the same bytes, or is not there at all."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import Row
from annotations.models import Campaign, ExportRun
from annotations.services import exports
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job
from annotations.services.running_job import LEASE
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_campaign,
    build_comment,
    build_membership,
    build_thread,
    build_unit,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS, COMMENTS = 4, 15
ROWS = THREADS * (1 + COMMENTS)
LATER = 2 * int(LEASE.total_seconds())


@pytest.fixture
def campaign() -> Campaign:
    campaign = build_campaign()
    member = build_membership(campaign)
    for _ in range(THREADS):
        thread = build_thread(campaign.corpus)
        for number in range(COMMENTS):
            unit = build_unit(campaign, build_comment(thread, f"Comment {number} 😀"))
            build_answer(build_annotation(unit, member), "claim", label="yes")
    return campaign


def started(campaign: Campaign, format: str) -> ExportRun:
    return start_export(campaign=campaign, format=format, user=None, now=NOON)


def content(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def undisturbed(campaign: Campaign, format: str) -> bytes:
    run = started(campaign, format)
    run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    data = content(run.file)
    default_storage.delete(run.file)
    return data


def kill(run: ExportRun, point: str, later: int) -> None:
    command = [sys.executable, "-m", "tests.annotations.dying_export", str(run.pk), point]
    died = subprocess.run([*command, str(later)], cwd=Path(__file__).parents[2])
    assert died.returncode == -signal.SIGKILL


def visible(run: ExportRun) -> list[str]:
    """Files that somebody who looks into the storage takes for an export."""
    names = default_storage.listdir("exports")[1]
    return [f"exports/{name}" for name in names if f"-{run.pk}-" in name and name[0] != "."]


@pytest.mark.parametrize("format", ["jsonl", "parquet", "huggingface"])
def test_a_worker_that_is_killed_at_random_points_leaves_nothing_half(
    campaign: Campaign, format: str
) -> None:
    whole = undisturbed(campaign, format)
    run = started(campaign, format)
    chance = random.Random(format)
    points = [str(chance.randrange(ROWS)) for _ in range(2)] + ["written", "stored"]
    chance.shuffle(points)
    for number, point in enumerate(points):
        kill(run, point, number * LATER)
        run.refresh_from_db()
        assert (run.state, run.file) == (ExportRun.State.RUNNING, "")
        assert all(content(name) == whole for name in visible(run))
    ahead = timedelta(seconds=len(points) * LATER)
    run_job(ExportRun, run.pk, write_export, clock=lambda: timezone.now() + ahead)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (ExportRun.State.DONE, len(points) + 1)
    assert content(run.file) == whole
    assert visible(run) == [run.file]
    left = default_storage.listdir("exports")[1]
    assert [name for name in left if f"-{run.pk}-" in name] == [Path(run.file).name]


@pytest.mark.parametrize("format", ["jsonl", "huggingface"])
def test_a_database_that_goes_away_costs_an_attempt_and_no_byte(
    campaign: Campaign, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = undisturbed(campaign, format)
    run = started(campaign, format)
    with monkeypatch.context() as cut:
        cut.setattr(exports, "Tally", lambda _: _Cutting(lambda _: None))
        run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    assert (run.state, run.file) == (ExportRun.State.QUEUED, "")
    assert "database did not answer" in run.error
    assert visible(run) == []
    run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (ExportRun.State.DONE, 2)
    assert content(run.file) == whole


class _Cutting(exports.Tally):
    """Cuts the connection on the way; on SQLite, where there is none, it fails as if."""

    def counting(self, dataset: Dataset) -> Dataset:
        left = iter(range(ROWS // 2))

        def counted(row: Row) -> Row:
            if next(left, None) is None:
                if connection.vendor != "postgresql":
                    raise OperationalError("disk I/O error")
                connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return row

        return dataset.through(counted)
