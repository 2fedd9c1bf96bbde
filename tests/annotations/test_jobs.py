"""What may be relied on when jobs are claimed, run, cancelled, repeated and swept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from annotations.errors import Conflict, InvalidInput, JobCancelled, JobSuperseded
from annotations.exporters.contents import Contents
from annotations.models import ExportRun, Worker
from annotations.selectors.dataset import dataset_of
from annotations.selectors.jobs import worker_alive
from annotations.services import running_job
from annotations.services.jobs import (
    MAX_TRIES,
    cancel_job,
    claim_job,
    retry_job,
    run_job,
    sweep_jobs,
)
from annotations.services.running_job import LEASE, RunningJob
from annotations.services.workers import forget_workers, record_worker
from tests.builders import NOON, build_annotation, build_campaign, build_unit

LATER = NOON + LEASE + timedelta(seconds=1)
State = ExportRun.State
Running = RunningJob[ExportRun]


def build_export(**fields: Any) -> ExportRun:
    if fields.get("state") == State.RUNNING:
        fields = {"lease_until": NOON + LEASE, "attempt": 1, "tries": 1, **fields}
    defaults = {"format": "jsonl", "created_at": NOON}
    return ExportRun.objects.create(campaign=build_campaign(), **{**defaults, **fields})


def claimed(run: ExportRun, now: datetime) -> ExportRun:
    job = claim_job(ExportRun, run.pk, now=now)
    assert job is not None
    return job


def running(job: ExportRun, now: datetime = NOON) -> Running:
    return RunningJob(job, clock=lambda: now)


def refreshed(run: ExportRun) -> ExportRun:
    return ExportRun.objects.get(pk=run.pk)


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.django_db
class TestClaim:
    def test_a_waiting_job_becomes_the_first_attempt(self) -> None:
        job = claimed(build_export(), NOON)
        assert (job.state, job.attempt, job.lease_until) == (State.RUNNING, 1, NOON + LEASE)
        assert refreshed(job).started_at == NOON

    def test_a_job_in_a_living_worker_s_hands_is_left_alone(self) -> None:
        run = build_export()
        claimed(run, NOON)
        assert claim_job(ExportRun, run.pk, now=NOON + LEASE / 2) is None

    def test_a_dead_worker_s_job_becomes_the_next_attempt(self) -> None:
        run = build_export()
        claimed(run, NOON)
        assert claimed(run, LATER).attempt == 2

    @pytest.mark.parametrize("state", [State.STAGED, State.DONE, State.FAILED, State.CANCELLED])
    def test_nothing_else_is_taken(self, state: str) -> None:
        run = build_export(state=state, error="It broke.")
        assert claim_job(ExportRun, run.pk, now=LATER) is None
        assert refreshed(run).state == state

    def test_a_message_about_a_row_that_is_gone_does_nothing(self) -> None:
        assert claim_job(ExportRun, 987_654, now=NOON) is None

    def test_a_dead_worker_s_job_that_was_to_be_cancelled_is_cancelled(self) -> None:
        run = build_export(state=State.RUNNING, cancel_asked=True)
        assert claim_job(ExportRun, run.pk, now=LATER) is None
        assert refreshed(run).state == State.CANCELLED

    def test_a_job_that_kills_its_worker_every_time_is_given_up_in_words(self) -> None:
        run, now = build_export(), NOON
        for _ in range(MAX_TRIES):
            claimed(run, now)
            now += LEASE
        assert claim_job(ExportRun, run.pk, now=now) is None
        run = refreshed(run)
        assert run.state == State.FAILED
        assert run.error.startswith("Given up after 5 tries. Its worker stopped each time")


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_claim_at_the_same_moment_one_gets_the_job() -> None:
    runs = [build_export() for _ in range(20)]
    start = threading.Barrier(4)

    def claim_all() -> list[bool]:
        try:
            connection.ensure_connection()
            return [claim_at_once(run) for run in runs]
        finally:
            connection.close()

    def claim_at_once(run: ExportRun) -> bool:
        start.wait(timeout=30)
        return claim_job(ExportRun, run.pk, now=NOON) is not None

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(claim_all) for _ in range(4)]
    won = zip(*(worker.result() for worker in workers), strict=True)
    assert [sum(claims) for claims in won] == [1] * len(runs)
    assert {refreshed(run).attempt for run in runs} == {1}


@pytest.mark.django_db
class TestFence:
    """A worker that comes back from the dead changes nothing."""

    @pytest.mark.parametrize(
        "write",
        [
            lambda old: old.finish(rows=7),
            lambda old: old.fail("Too late."),
            lambda old: old.cancel(),
            lambda old: old.release("Too late."),
            lambda old: old.check(),
        ],
        ids=["finish", "fail", "cancel", "release", "check"],
    )
    def test_its_writes_are_refused(self, write: Callable[[Running], None]) -> None:
        run = build_export()
        old = running(claimed(run, NOON))
        new = running(claimed(run, LATER), now=LATER)
        with pytest.raises(JobSuperseded):
            write(old)
        assert refreshed(run).attempt == 2
        new.finish(rows=3)
        assert (refreshed(run).state, refreshed(run).rows) == (State.DONE, 3)

    def test_its_progress_is_not_written_and_it_learns_to_stop(self) -> None:
        run = build_export()
        old = running(claimed(run, NOON))
        claimed(run, LATER)
        old.progress(50, 100)
        old.beat()
        with pytest.raises(JobSuperseded):
            old.progress(51)
        assert (refreshed(run).done, refreshed(run).lease_until) == (0, LATER + LEASE)

    def test_nor_does_it_write_after_the_job_was_asked_for_again(self) -> None:
        run = build_export()
        old = running(claimed(run, NOON))
        cancel_job(job=run, now=LATER)
        retry_job(job=run, now=LATER)
        with pytest.raises(JobSuperseded):
            old.finish(rows=7)
        assert refreshed(run).state == State.QUEUED


@pytest.mark.django_db
class TestBeat:
    def test_it_renews_the_lease_and_writes_the_figures(self) -> None:
        run = build_export()
        job = RunningJob(claimed(run, NOON), clock=lambda: LATER)
        job.progress(5, 20)
        job.progress(7)
        job.beat()
        run = refreshed(run)
        assert (run.done, run.total) == (7, 20)
        assert (run.heartbeat_at, run.lease_until) == (LATER, LATER + LEASE)

    def test_the_next_progress_after_a_cancel_stops_the_work(self) -> None:
        run = build_export()
        job = running(claimed(run, NOON))
        assert cancel_job(job=run, now=NOON).state == State.RUNNING
        job.beat()
        with pytest.raises(JobCancelled):
            job.progress(1)


@pytest.mark.django_db(transaction=True)
class TestRun:
    def test_what_the_work_returns_is_stored_with_the_last_progress(self) -> None:
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            job.progress(30, 30)
            return {"rows": 90}

        run_job(ExportRun, run.pk, work)
        run = refreshed(run)
        assert (run.state, run.done, run.total, run.rows) == (State.DONE, 30, 30, 90)
        assert run.lease_until is None
        assert run.finished_at is not None

    def test_a_second_message_does_not_do_it_twice(self) -> None:
        run, calls = build_export(), []

        def work(job: Running) -> dict[str, Any]:
            calls.append(job.attempt)
            run_job(ExportRun, run.pk, work)
            return {}

        run_job(ExportRun, run.pk, work)
        run_job(ExportRun, run.pk, work)
        assert calls == [1]

    def test_a_mistake_is_told_in_its_own_words(self) -> None:
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            raise InvalidInput("Line 3 has no thread.")

        run_job(ExportRun, run.pk, work)
        assert (refreshed(run).state, refreshed(run).error) == (
            State.FAILED,
            "Line 3 has no thread.",
        )

    @pytest.mark.parametrize("message", ["disk on fire", "a NUL \0 and half a pair \ud83d"])
    def test_the_unexpected_is_told_too(
        self, message: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("CRITICAL")  # pytest-xdist cannot carry a log with half a pair in it
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            raise RuntimeError(message)

        run_job(ExportRun, run.pk, work)
        run = refreshed(run)
        assert run.state == State.FAILED
        assert run.error.startswith(f"Unexpected error: RuntimeError: {message[:5]}")
        assert run.error.endswith("(see the worker's log).")

    def test_a_database_that_is_away_puts_the_job_back_and_finally_gives_up(self) -> None:
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            raise OperationalError("server closed the connection")

        for attempt in range(1, MAX_TRIES + 1):
            run_job(ExportRun, run.pk, work)
            assert (refreshed(run).state, refreshed(run).attempt) == (State.QUEUED, attempt)
        run_job(ExportRun, run.pk, work)
        run = refreshed(run)
        assert run.state == State.FAILED
        assert run.error == (
            "Given up after 5 tries. The database did not answer: server closed the connection"
        )

    def test_work_that_fails_while_it_reads_and_others_write_is_told_too(self) -> None:
        run = build_export()
        for _ in range(3):
            build_annotation(build_unit(run.campaign))

        def work(job: Running) -> dict[str, Any]:
            rows = dataset_of(run.campaign, Contents()).rows()
            next(rows)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(write_elsewhere).result()
            raise InvalidInput(f"It ended at {next(rows).id}.")

        def write_elsewhere() -> None:
            try:
                record_worker(name="another", now=NOON)
            finally:
                connection.close()

        run_job(ExportRun, run.pk, work)
        assert refreshed(run).state == State.FAILED
        assert Worker.objects.count() == 1

    def test_ctrl_c_cancels_and_goes_on_up(self) -> None:
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_job(ExportRun, run.pk, work)
        assert refreshed(run).state == State.CANCELLED

    def test_progress_is_seen_while_it_runs_and_a_cancel_stops_it(self) -> None:
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            done = 0
            while True:
                done += 1
                job.progress(done, 1_000_000)
                time.sleep(0.005)

        def in_another_process() -> None:
            try:
                wait_until(lambda: refreshed(run).done > 0)
                cancel_job(job=run, now=timezone.now())
            finally:
                connection.close()

        other = threading.Thread(target=in_another_process)
        other.start()
        run_job(ExportRun, run.pk, work)
        other.join()
        run = refreshed(run)
        assert (run.state, run.total) == (State.CANCELLED, 1_000_000)
        assert run.done > 0

    def test_a_step_longer_than_the_lease_keeps_the_job(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running_job, "LEASE", timedelta(seconds=2))
        monkeypatch.setattr(running_job, "BEAT_SECONDS", 0.1)
        monkeypatch.setattr(running_job, "SILENT_BEATS_SECONDS", 0.2)
        run = build_export()

        def work(job: Running) -> dict[str, Any]:
            time.sleep(3)
            assert claim_job(ExportRun, run.pk, now=timezone.now()) is None
            return {}

        run_job(ExportRun, run.pk, work)
        assert (refreshed(run).state, refreshed(run).attempt) == (State.DONE, 1)


@pytest.mark.django_db
class TestCancelAndRetry:
    @pytest.mark.parametrize("state", [State.STAGED, State.QUEUED])
    def test_a_waiting_job_is_cancelled_at_once(self, state: str) -> None:
        run = build_export(state=state)
        cancel_job(job=run, now=NOON)
        assert refreshed(run).state == State.CANCELLED
        assert claim_job(ExportRun, run.pk, now=NOON) is None

    def test_so_is_one_whose_worker_died(self) -> None:
        run = build_export(state=State.RUNNING)
        assert cancel_job(job=run, now=LATER).state == State.CANCELLED

    @pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
    def test_a_finished_one_is_not(self, state: str) -> None:
        with pytest.raises(Conflict, match="too late to cancel"):
            cancel_job(job=build_export(state=state, error="x"), now=NOON)

    @pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
    def test_a_failed_or_cancelled_job_starts_afresh(self, state: str) -> None:
        run = build_export(
            state=state, error="x", attempt=5, tries=5, done=4, total=9, cancel_asked=True
        )
        retry_job(job=run, now=NOON)
        job = claimed(run, NOON)
        assert (job.attempt, job.tries, job.done, job.total, job.error) == (6, 1, 0, None, "")

    @pytest.mark.parametrize("state", [State.STAGED, State.QUEUED, State.RUNNING, State.DONE])
    def test_no_other_does(self, state: str) -> None:
        with pytest.raises(Conflict, match="only a failed or cancelled one"):
            retry_job(job=build_export(state=state), now=NOON)


@pytest.mark.django_db
class TestSweep:
    def swept(self, seconds: float) -> list[int]:
        return [pk for _, pk in sweep_jobs(now=NOON + timedelta(seconds=seconds))]

    def test_a_message_that_was_lost_is_sent_again_after_half_a_minute(self) -> None:
        run = build_export(sent_at=NOON)
        assert self.swept(29) == []
        assert sweep_jobs(now=NOON + timedelta(seconds=30)) == [("annotations.export", run.pk)]
        assert self.swept(40) == []
        assert self.swept(60) == [run.pk]

    def test_so_is_a_job_that_was_never_sent(self) -> None:
        run = build_export(sent_at=None)
        assert self.swept(29) == []
        assert self.swept(30) == [run.pk]

    def test_a_running_job_is_sent_again_only_when_its_worker_died(self) -> None:
        run = build_export(state=State.RUNNING, sent_at=NOON)
        assert self.swept(59) == []
        assert self.swept(60) == [run.pk]

    @pytest.mark.parametrize("state", [State.STAGED, State.DONE, State.FAILED, State.CANCELLED])
    def test_no_other_is_sent(self, state: str) -> None:
        build_export(state=state, error="x", sent_at=NOON)
        assert self.swept(3600) == []


@pytest.mark.django_db
def test_a_worker_counts_as_alive_for_half_a_minute_and_is_forgotten_after_a_day() -> None:
    assert not worker_alive(NOON)
    record_worker(name="celery@desk", now=NOON - timedelta(hours=1))
    record_worker(name="celery@desk", now=NOON)
    assert worker_alive(NOON + timedelta(seconds=29))
    assert not worker_alive(NOON + timedelta(seconds=30))
    forget_workers(now=NOON + timedelta(hours=23))
    assert Worker.objects.count() == 1
    forget_workers(now=NOON + timedelta(hours=24))
    assert Worker.objects.count() == 0
