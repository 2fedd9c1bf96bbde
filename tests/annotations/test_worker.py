"""Jobs with a real worker, a real broker and a real database, some of which get killed.

Broker and worker are this page's own, so that they may die without harm to other tests.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from celery import current_app
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from redis import Redis

from annotations.models import Annotation, Campaign, Comment, ExportRun, Job, Unit, Worker
from annotations.queue import enqueue
from annotations.selectors.jobs import worker_alive
from annotations.services.exports import start_export, stream_labels
from annotations.services.jobs import cancel_job
from annotations.services.releases import verify_release
from project.broker import embedded_broker
from project.launch import worker as worker_program
from project.processes import Child
from tests.annotations.released import confirmed
from tests.builders import NOON, build_campaign, build_membership, build_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long]

J = TypeVar("J", bound=Job)
State = ExportRun.State
LONG_AGO = timedelta(minutes=2)
ENOUGH_FOR_SECONDS = 20_000
ENOUGH_FOR_A_RELEASE = 5_000


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: the path of a socket has room for 100 characters."""
    path = Path(tempfile.mkdtemp(prefix="threadmark-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def own_broker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A broker that does not run yet; this process and the worker will look for it."""
    socket = folder / "broker.sock"
    address = f"redis+socket://{socket}"
    monkeypatch.setenv("REDIS_URL", address)
    monkeypatch.setattr(current_app.conf, "broker_url", address)
    broker = Child(embedded_broker(socket, folder / "broker"), folder)
    yield broker
    broker.kill()


@pytest.fixture
def own_worker(folder: Path, own_broker: Child) -> Iterator[Child]:
    """A worker that does not run yet."""
    worker = Child(worker_program(), folder)
    yield worker
    worker.kill()


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def big_campaign(size: int = ENOUGH_FOR_SECONDS) -> Campaign:
    """A campaign whose export takes seconds, in a format that is slow to write."""
    campaign = build_campaign()
    thread, member = build_thread(campaign.corpus), build_membership(campaign)
    comments = Comment.objects.bulk_create(
        Comment(
            corpus=campaign.corpus,
            thread=thread,
            source_id=f"c{place}",
            ordinal=place,
            position=place,
            text=f"Comment {place}",
            created_at=NOON,
        )
        for place in range(size)
    )
    units = Unit.objects.bulk_create(
        Unit(campaign=campaign, thread=thread, comment=comment, order=comment.position)
        for comment in comments
    )
    Annotation.objects.bulk_create(
        Annotation(
            unit=unit,
            membership=member,
            state="submitted",
            created_at=NOON,
            saved_at=NOON,
            submitted_at=NOON,
        )
        for unit in units
    )
    return campaign


def enqueued(campaign: Campaign, format: str = "uima_xmi") -> ExportRun:
    with transaction.atomic():
        run = start_export(campaign=campaign, format=format, user=None, now=timezone.now())
        enqueue(run)
    return run


def refreshed(run: J) -> J:
    return type(run)._default_manager.get(pk=run.pk)


def wait_for(run: J, state: str) -> J:
    wait_until(lambda: refreshed(run).state == state or refreshed(run).finished)
    run = refreshed(run)
    assert run.state == state, run.error
    return run


def let_time_pass(run: Job) -> None:
    """As if two minutes had gone by since the row was last touched."""
    run = refreshed(run)
    run.sent_at = timezone.now() - LONG_AGO
    run.lease_until = run.lease_until and timezone.now() - LONG_AGO
    run.save(update_fields=["sent_at", "lease_until"])


def file_of(run: ExportRun) -> bytes:
    with default_storage.open(run.file) as file:
        return bytes(file.read())


def test_a_job_is_done_by_a_worker_that_is_seen_while_it_lives(
    own_broker: Child, own_worker: Child
) -> None:
    own_broker.start()
    own_worker.start()
    wait_until(lambda: worker_alive(timezone.now()))
    campaign = big_campaign(size=50)
    run = wait_for(enqueued(campaign, "jsonl"), State.DONE)
    assert (run.rows, run.attempt) == (50, 1)
    assert file_of(run) == b"".join(stream_labels(campaign, "jsonl"))
    own_worker.ask_to_stop()
    wait_until(lambda: not Worker.objects.exists())


def test_what_a_worker_started_ends_with_it_however_it_ends(
    own_broker: Child, own_worker: Child
) -> None:
    """Its clock would send sweeps for ever; its processes would finish their jobs unseen."""
    own_broker.start()
    own_worker.start()
    wait_until(lambda: worker_alive(timezone.now()))
    assert own_worker.process is not None
    main = psutil.Process(own_worker.process.pid)
    children = main.children(recursive=True)
    assert len(children) >= 2
    main.kill()
    wait_until(lambda: not any(map(lives, children)))


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended may wait long for somebody to take note of it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_job_whose_worker_is_killed_is_done_by_the_next_one(
    own_broker: Child, own_worker: Child
) -> None:
    campaign = big_campaign()
    own_broker.start()
    own_worker.start()
    run = enqueued(campaign)
    wait_until(lambda: refreshed(run).done > 0)
    own_worker.kill()
    assert refreshed(run).state == State.RUNNING
    assert not refreshed(run).file

    let_time_pass(run)
    own_worker.start()
    run = wait_for(run, State.DONE)
    data = file_of(run)
    assert run.attempt == 2
    assert (len(data), hashlib.sha256(data).hexdigest()) == (run.bytes, run.sha256)
    begins = f"{campaign.slug}-{run.pk}-"  # other tests leave files of theirs
    assert data == file_of(wait_for(enqueued(campaign), State.DONE))
    left = [name for name in default_storage.listdir("exports")[1] if name.startswith(begins)]
    assert left == [Path(run.file).name]


@pytest.mark.parametrize(("step", "freezes"), [("jsonl.zst", True), ("zip", False)])
def test_a_release_whose_worker_is_killed_is_made_whole_by_the_next_one(
    own_broker: Child, own_worker: Child, step: str, freezes: bool
) -> None:
    """Killed while it freezes the rows, or while it writes the archive of those it froze."""
    campaign = big_campaign(size=ENOUGH_FOR_A_RELEASE)
    own_broker.start()
    own_worker.start()
    with transaction.atomic():
        release = confirmed(campaign, "csv", "threads")
        enqueue(release)
    name = f".{campaign.slug}-1.0-{release.pk}-1.{step}.part"
    wait_until(Path(default_storage.path("releases"), name).exists)
    own_worker.kill()
    release = refreshed(release)
    assert (release.state, release.file) == (State.RUNNING, "")
    assert bool(release.frozen) is not freezes
    Annotation.objects.filter(unit__campaign=campaign, unit__order=1).update(flagged=True)

    let_time_pass(release)
    own_worker.start()
    release = wait_for(release, State.DONE)
    assert (release.attempt, release.rows) == (2, ENOUGH_FOR_A_RELEASE)
    found = verify_release(release)
    assert (found.stored.same, found.again.same, found.now.same) == (True, True, freezes)
    begins = f"{campaign.slug}-1.0-{release.pk}-"  # other tests leave files of theirs
    left = [name for name in default_storage.listdir("releases")[1] if name.startswith(begins)]
    assert set(left) == {Path(release.file).name, Path(release.frozen).name}


def test_a_job_is_cancelled_while_a_worker_works_on_it(
    own_broker: Child, own_worker: Child
) -> None:
    own_broker.start()
    own_worker.start()
    run = enqueued(big_campaign())
    wait_until(lambda: refreshed(run).state == State.RUNNING)
    assert cancel_job(job=run, now=timezone.now()).state == State.RUNNING
    run = wait_for(run, State.CANCELLED)
    assert not run.file
    assert run.attempt == 1


def test_a_job_waits_for_a_broker_that_is_away(own_broker: Child, own_worker: Child) -> None:
    campaign = big_campaign(size=5)
    began = time.monotonic()
    run = enqueued(campaign)
    assert time.monotonic() - began < 4
    assert refreshed(run).state == State.QUEUED

    let_time_pass(run)
    own_broker.start()
    own_worker.start()
    assert wait_for(run, State.DONE).rows == 5


def test_a_job_outlives_a_broker_that_is_killed_and_forgets(
    own_broker: Child, own_worker: Child, folder: Path
) -> None:
    own_broker.start()
    wait_until((folder / "broker.sock").exists)
    run = enqueued(big_campaign(size=5))
    own_broker.kill()
    shutil.rmtree(folder / "broker")
    (folder / "broker").mkdir()

    let_time_pass(run)
    own_broker.start()
    own_worker.start()
    assert wait_for(run, State.DONE).rows == 5


def test_nothing_is_sent_for_a_job_that_was_not_committed(own_broker: Child, folder: Path) -> None:
    own_broker.start()
    wait_until((folder / "broker.sock").exists)
    with transaction.atomic():
        run = start_export(campaign=build_campaign(), format="csv", user=None, now=NOON)
        enqueue(run)
        transaction.set_rollback(True)
    assert Redis(unix_socket_path=str(folder / "broker.sock")).llen("celery") == 0
