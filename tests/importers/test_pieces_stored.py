"""A large file is stored piece by piece: as if in one, whoever takes the pieces and dies of it."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from annotations.models import Author, Comment, CommentRelation, Corpus, Thread
from annotations.queue import enqueue
from annotations.selectors.jobs import worker_alive
from annotations.services.jobs import cancel_job, retry_job, run_job
from annotations.services.running_job import RunningJob
from importers import pieces, running
from importers.models import ImportPiece, ImportRun, ImportTouch
from importers.pieces import cut_lines
from importers.records import Record
from importers.report import run_report
from importers.running import import_source, run_piece
from importers.services import recognise, stage_import, start_import
from importers.source import Source
from importers.store.batch import store_batch
from project.environment import ROOT
from tests.builders import NOON, build_corpus
from tests.importers.crawls import Message, reddit_dump
from tests.importers.storing import line, run_command, write_lines

pytestmark = pytest.mark.django_db(transaction=True)

State = ImportRun.State
IDS = {"id", "corpus_id", "thread_id", "author_id", "reply_to_id", "pseudonym"}
LATER = {"created_at", "language"}  # when it was stored; what a worker finds out afterwards
LONG_AGO = timedelta(minutes=2)


def rows(corpus: Corpus) -> dict[str, list[dict[str, Any]]]:
    """Every column of all that is stored, with the source's ids in place of the rows' own."""

    def told(found: Any, **names: str) -> list[dict[str, Any]]:
        columns = [field.attname for field in found.model._meta.fields]
        own = [column for column in columns if column not in IDS | LATER]
        named = [*own, *names.values()]
        return sorted(found.order_by().values(*named), key=lambda row: repr(sorted(row.items())))

    return {
        "comments": told(
            Comment.objects.filter(corpus=corpus),
            thread="thread__source_id",
            author="author__source_id",
            reply_to="reply_to__source_id",
        ),
        "threads": told(Thread.objects.filter(corpus=corpus)),
        "authors": told(Author.objects.filter(corpus=corpus)),
        "relations": [
            *CommentRelation.objects.filter(comment__corpus=corpus)
            .order_by("comment__source_id", "start", "kind")
            .values_list(
                *("comment__source_id", "kind", "basis", "start", "end", "target__source_id"),
                *("target_author__source_id", "target_start", "target_end"),
            )
        ],
    }


def build_run(path: Path) -> ImportRun:
    """The import of the file into a corpus of its own, which waits for somebody to do it."""
    run = ImportRun(corpus=build_corpus(), file_name=path.name, created_at=timezone.now())
    recognise(run, Source(path))
    run.save()
    return run


def work(run: ImportRun, path: Path, share: running.Share | None = None) -> ImportRun:
    run_job(ImportRun, run.pk, lambda job: import_source(job, Source(path), share))
    run.refresh_from_db()
    return run


def imported(path: Path) -> ImportRun:
    run = work(build_run(path), path)
    assert (run.state, run.error) == (State.DONE, "")
    return run


def report(run: ImportRun) -> dict[str, Any]:
    return {name: value for name, value in run_report(run).items() if name != "corpus"}


@contextmanager
def cut_every(size: int, batch: int = 10_000) -> Iterator[None]:
    """Files are cut into pieces of about so many bytes, and stored in batches of ``batch``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "WHOLE_UP_TO", 1)
        patch.setattr(pieces, "PIECE_BYTES", size)
        patch.setattr(pieces, "BLOCK_BYTES", max(size // 4, 1))
        patch.setattr(running, "RECORDS_AT_ONCE", batch)
        yield


def in_another_order(source: Source, order: Callable[[list[int]], list[int]]) -> running.Share:
    """Does all pieces but the first as soon as they are there, in the order that is given."""
    shared: list[int] = []

    def do_all() -> None:
        for pk in order(list(shared)):
            run_job(ImportPiece, pk, lambda part: run_piece(part, source, tick=lambda: None))
        shared.clear()

    def share(piece: ImportPiece) -> None:
        shared.append(piece.pk)
        transaction.on_commit(do_all)

    return share


def forwards(pks: list[int]) -> list[int]:
    return pks


def backwards(pks: list[int]) -> list[int]:
    return pks[::-1]


def talk(size: int = 60) -> list[dict[str, Any]]:
    """Comments of three threads by four authors; some answer later ones, some nobody there."""
    return [
        line(
            f"c{n}",
            parent="gone" if n % 17 == 0 else f"c{(n * 7) % size}" if n % 3 else "",
            thread=f"t{n % 3}",
            author=f"A{n % 4}",
            score=n,
            time=f"2024-03-01T12:{n // 60 % 60:02}:{n % 60:02}Z",
        )
        for n in range(size)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is cut into ten pieces or more by ``cut_every(1_000)``."""
    return write_lines(tmp_path / "talk.jsonl", [*talk(40), "{", *talk(60)[40:]])


class TestTheSameRows:
    def test_a_table_in_pieces_is_as_in_one(self, path: Path) -> None:
        whole = imported(path)
        with cut_every(1_000):
            cut = imported(path)
        assert rows(cut.corpus) == rows(whole.corpus)
        assert report(cut) == report(whole)
        assert report(cut)["refused"][0]["line"] == 41
        assert report(cut)["comments"]["created"] == 60

    @pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
    def test_a_packed_file_in_pieces_is_as_the_plain_one(
        self, path: Path, tmp_path: Path, pack: Callable[[bytes], bytes]
    ) -> None:
        packed = tmp_path / "packed"
        packed.write_bytes(pack(path.read_bytes()))
        plain = imported(path)
        with cut_every(1_000):
            run = build_run(packed)
            assert len(cut_lines(Source(packed))) > 3
            work(run, packed)
        assert (run.state, run.error) == (State.DONE, "")
        assert rows(run.corpus) == rows(plain.corpus)

    def test_the_pieces_may_be_taken_in_any_order(self, path: Path) -> None:
        whole = imported(path)
        with cut_every(1_000):
            cut = work(build_run(path), path, in_another_order(Source(path), backwards))
        assert rows(cut.corpus) == rows(whole.corpus)
        assert report(cut) == report(whole)

    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data(), size=st.integers(60, 2_000), batch=st.integers(1, 12))
    def test_any_conversation_cut_anywhere(
        self, tmp_path: Path, data: st.DataObject, size: int, batch: int
    ) -> None:
        """Comments of a dump in any order, some deleted, some of them answering ones not there."""
        numbers = data.draw(st.permutations(range(2, 22)), "order")
        messages = [
            Message(
                number,
                data.draw(st.sampled_from(others(number)), f"above {number}"),
                text=data.draw(st.text(max_size=30).filter(storable), f"text of {number}"),
                gone=data.draw(st.booleans(), f"whether {number} is gone"),
            )
            for number in numbers
        ]
        place = data.draw(st.integers(0, len(messages)), "place of the opening")
        path = tmp_path / "dump.jsonl"
        path.write_text(reddit_dump([*messages[:place], Message(1), *messages[place:]], 0))
        whole = imported(path)
        order = data.draw(st.sampled_from([forwards, backwards]), "order of the pieces")
        with cut_every(size, batch):
            cut = work(build_run(path), path, in_another_order(Source(path), order))
        assert rows(cut.corpus) == rows(whole.corpus)
        assert report(cut) == report(whole)

    def test_the_second_import_in_pieces_changes_nothing(self, path: Path) -> None:
        whole = imported(path)
        before = rows(whole.corpus)
        with cut_every(1_000):
            again = ImportRun(corpus=whole.corpus, file_name="again", created_at=timezone.now())
            recognise(again, Source(path))
            again.save()
            work(again, path)
        assert again.counts["comments"] == {"created": 0, "updated": 0, "unchanged": 60}
        assert again.counts["threads"] == {"created": 0, "updated": 0, "unchanged": 3}
        assert again.counts["authors"] == {"created": 0, "updated": 0, "unchanged": 4}
        assert rows(whole.corpus) == before

    def test_nothing_of_the_work_is_left_behind(self, path: Path) -> None:
        with cut_every(1_000):
            run_command(path)
        assert not ImportPiece.objects.exists()
        assert not ImportTouch.objects.exists()


def others(number: int) -> list[int]:
    """What a comment may answer: the opening, one of twenty others, or one that is not there."""
    return [above for above in range(1, 25) if above != number]


def storable(text: str) -> bool:
    return "\0" not in text


class Interrupted:
    """Has something happen once, in the transaction of the batch with the number ``at``.

    Batches count from 0; ``before`` it, if so told, and so outside of any transaction.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        at: int,
        happen: Callable[[], None],
        *,
        before: bool = False,
    ) -> None:
        self._store, self._batches = store_batch, running._batches
        self._at, self._happen, self._count = at, happen, 0
        if before:
            patch.setattr(running, "_batches", self._reading)
        else:
            patch.setattr(running, "store_batch", self._storing)

    def _storing(self, *arguments: Any) -> None:
        self._store(*arguments)
        self._met()

    def _reading(self, records: Iterator[Record]) -> Iterator[list[Record]]:
        for batch in self._batches(records):
            self._met()
            yield batch

    def _met(self) -> None:
        self._count += 1
        if self._count == self._at + 1:
            self._happen()


def fails() -> None:
    raise RuntimeError("The computer caught fire.")


@pytest.mark.parametrize("at", [0, 1, 5, 11])
class TestTakenUpAgain:
    """In batches of 4 in pieces of about 10 lines."""

    @pytest.fixture(autouse=True)
    def _small(self) -> Iterator[None]:
        with cut_every(1_000, batch=4):
            yield

    @pytest.fixture
    def unbroken(self, path: Path) -> ImportRun:
        return imported(path)

    def expect_same(self, run: ImportRun, unbroken: ImportRun) -> None:
        assert (run.state, run.error) == (State.DONE, "")
        assert rows(run.corpus) == rows(unbroken.corpus)
        assert report(run) == report(unbroken)
        assert run.stored == unbroken.stored

    def test_after_a_failure_in_a_batch(
        self, path: Path, unbroken: ImportRun, at: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Interrupted(monkeypatch, at, fails)
        run = work(build_run(path), path)
        assert run.state == State.FAILED
        assert "RuntimeError: The computer caught fire." in run.error
        assert Comment.objects.filter(corpus=run.corpus).count() < 60
        retry_job(job=run, now=timezone.now())
        self.expect_same(work(run, path), unbroken)

    def test_after_the_piece_was_taken_over_by_another(
        self, path: Path, unbroken: ImportRun, at: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the frozen attempt goes on to store is taken back, and stored by the other."""

        def freeze() -> None:
            piece = ImportPiece.objects.get(state=State.RUNNING)
            piece.attempt += 1
            piece.lease_until = timezone.now() - LONG_AGO
            piece.save()

        run = build_run(path)
        Interrupted(monkeypatch, at, freeze, before=True)
        self.expect_same(work(run, path), unbroken)

    def test_after_it_was_cancelled(
        self, path: Path, unbroken: ImportRun, at: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = build_run(path)
        jobs: list[RunningJob[ImportRun]] = []

        def cancel() -> None:
            cancel_job(job=run, now=timezone.now())
            jobs[0].beat()

        def import_it(job: RunningJob[ImportRun]) -> dict[str, Any]:
            jobs.append(job)
            return import_source(job, Source(path))

        Interrupted(monkeypatch, at, cancel)
        run_job(ImportRun, run.pk, import_it)
        run.refresh_from_db()
        assert run.state == State.CANCELLED
        assert not run.pieces.filter(state__in=(State.QUEUED, State.RUNNING)).exists()
        assert 0 < Comment.objects.filter(corpus=run.corpus).count() < 60
        retry_job(job=run, now=timezone.now())
        self.expect_same(work(run, path), unbroken)


def test_a_worker_back_from_the_dead_leaves_the_pieces_to_the_one_that_took_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = build_run(path)
    held: list[RunningJob[ImportRun]] = []

    def import_it(job: RunningJob[ImportRun]) -> dict[str, Any]:
        held.append(job)
        return import_source(job, Source(path))

    def take_over() -> None:
        ImportRun.objects.filter(pk=run.pk).update(attempt=2)
        held[0].beat()

    Interrupted(monkeypatch, 3, take_over, before=True)
    with cut_every(1_000, batch=4):
        run_job(ImportRun, run.pk, import_it)
    assert not run.pieces.filter(state=State.CANCELLED).exists()
    assert not run.pieces.filter(cancel_asked=True).exists()


def test_an_import_started_again_while_a_piece_still_stops_is_not_stopped_with_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = build_run(path)
    with cut_every(1_000):
        for number, cut in enumerate(cut_lines(Source(path))):
            run.pieces.create(
                number=number,
                start=cut.start,
                end=cut.end,
                first_line=cut.first_line,
                created_at=NOON,
            )
        stopping = run.pieces.filter(number=1)
        stopping.update(
            state=State.RUNNING,
            attempt=1,
            tries=1,
            cancel_asked=True,
            lease_until=timezone.now() + timedelta(seconds=60),
        )

        def stop_late() -> None:
            stopping.update(state=State.CANCELLED, lease_until=None)

        Interrupted(monkeypatch, 2, stop_late, before=True)
        work(run, path)
    assert (run.state, run.error) == (State.DONE, "")


def test_the_failure_of_a_piece_fails_the_import_in_its_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise InvalidInput("Somebody took the corpus away.")

    Interrupted(monkeypatch, 3, refuse)
    with cut_every(1_000):
        run = work(build_run(path), path)
    assert (run.state, run.error) == (State.FAILED, "Somebody took the corpus away.")
    states = set(run.pieces.values_list("state", flat=True))
    assert {State.FAILED} < states <= {State.DONE, State.FAILED, State.CANCELLED}


def long_talk(folder: Path, size: int) -> Path:
    """A chain of answers, so that every piece has replies into another, and two other threads."""
    lines = [
        line(
            f"c{n}",
            parent=f"c{n - 3}" if n >= 3 else "",
            thread=f"t{n % 3}",
            author=f"A{n % 400}",
            text=f"This is what {n} says. " * 8,
        )
        for n in range(size)
    ]
    return write_lines(folder / "long.jsonl", lines)


def kept(path: Path) -> ImportRun:
    """The import of an uploaded file, started, with its pieces already cut."""
    with path.open("rb") as file:
        run = stage_import(
            corpus=build_corpus(), file=File(file), name=path.name, user=None, now=timezone.now()
        )
    run = start_import(run=run)
    with cut_every(200_000):
        cuts = cut_lines(Source(path))
    ImportPiece.objects.bulk_create(
        ImportPiece(
            run=run,
            number=number,
            start=cut.start,
            end=cut.end,
            first_line=cut.first_line,
            created_at=NOON,
            sent_at=timezone.now(),
        )
        for number, cut in enumerate(cuts)
    )
    return run


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"Not true within {seconds} seconds."
        time.sleep(0.02)


@pytest.mark.slow
def test_two_processes_of_a_worker_take_pieces_side_by_side(
    tmp_path: Path, broker: str, worker: None
) -> None:
    path = long_talk(tmp_path, 6_000)
    run = kept(path)
    assert run.pieces.count() > 5
    at_once = 0

    def state() -> str:
        nonlocal at_once
        at_once = max(at_once, run.pieces.filter(state=State.RUNNING).count())
        return ImportRun.objects.get(pk=run.pk).state

    wait_until(lambda: worker_alive(timezone.now()))
    enqueue(run)
    wait_until(lambda: state() == State.RUNNING)
    for piece in run.pieces.exclude(number=0):
        enqueue(piece)
    wait_until(lambda: state() not in (State.QUEUED, State.RUNNING))
    run.refresh_from_db()
    assert (run.state, run.error) == (State.DONE, "")
    assert at_once == 2
    whole = imported(path)
    assert rows(run.corpus) == rows(whole.corpus)
    assert report(run) == report(whole)


DIE = """
import os, signal
from annotations.services.jobs import run_job
from importers import running
from importers.models import ImportRun

running.RECORDS_AT_ONCE = 100
store, batches = running.store_batch, []

def store_and_die(load, batch):
    store(load, batch)
    batches.append(batch)
    if len(batches) == {at}:
        os.kill(os.getpid(), signal.SIGKILL)

running.store_batch = store_and_die
run_job(ImportRun, {pk}, running.run_import)
"""


@pytest.mark.slow
def test_a_worker_may_be_killed_again_and_again(tmp_path: Path) -> None:
    """Each is killed with a batch half stored; no comment is lost, and none counted twice."""
    path = long_talk(tmp_path, 4_000)
    run = kept(path)
    for at in (3, 1, 8):
        code = DIE.format(pk=run.pk, at=at)
        manage = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", code]
        died = subprocess.run(manage, capture_output=True, timeout=120)
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()
        for model in (ImportRun, ImportPiece):
            jobs = model._default_manager.filter(state=State.RUNNING)
            assert jobs.update(lease_until=timezone.now() - LONG_AGO) == 1
    assert run.pieces.filter(state=State.DONE).exists()
    run_job(ImportRun, run.pk, running.run_import)
    run.refresh_from_db()
    assert (run.state, run.error) == (State.DONE, "")
    whole = imported(path)
    assert rows(run.corpus) == rows(whole.corpus)
    assert report(run) == report(whole)
