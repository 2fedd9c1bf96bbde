"""Scans of a corpus's texts: their warnings, the language of each, groups of near-duplicates."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from annotations.models import (
    Corpus,
    DuplicateGroup,
    DuplicateMember,
    TextScan,
    Thread,
    User,
)
from annotations.selectors.texts import (
    READ_AT_ONCE,
    OwnText,
    common_language,
    own_texts,
    own_texts_of,
    threads_after,
    visible_comments,
)
from annotations.services.changes import note_comments, note_threads
from annotations.services.running_job import RunningJob
from annotations.services.warning_scan import WarningScan
from annotations.texts.duplicates import Sketches, copies
from annotations.texts.language import language_of
from annotations.texts.shingles import Shingles, shingles_of, similarity

THREADS_AT_ONCE = 200
ROWS_AT_ONCE = 1000
# Not bulk_update, whose CASE of a thousand branches is slow. A text that changed since it was
# read keeps its empty language, for the next scan.
TELL = "UPDATE comment SET language = %s WHERE id = %s AND text_revision = %s"


def start_scan(*, corpus: Corpus, user: User | None, now: datetime) -> TextScan:
    """A waiting scan, which the caller enqueues: the one that waits already, where there is one."""
    with transaction.atomic():
        Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
        waiting = TextScan.objects.filter(corpus=corpus, state=TextScan.State.QUEUED)
        return waiting.order_by("pk").first() or TextScan.objects.create(
            corpus=corpus, created_by=user, created_at=now
        )


def scan_texts(running: RunningJob[TextScan]) -> dict[str, Any]:
    """Warn of what the rules find, tell languages, and put the groups of near-duplicates anew.

    Gives what the finished row says. Warnings and languages are stored as they are found, so
    another attempt goes on from there; the old groups stay until the new ones are all there.
    """
    corpus = running.job.corpus
    total = visible_comments(corpus).count()
    languages: Counter[str] = Counter()
    sketches = Sketches()
    warnings = WarningScan(corpus, running.job.started_at or running.job.created_at)
    done = 0
    for batch in own_texts(corpus):
        warnings.mark([one.comment for one in batch])
        languages.update(_tell_languages(batch, corpus, running.now()))
        sketches.add([one.comment for one in batch], shingles_of([one.text for one in batch]))
        done += len(batch)
        running.progress(done, max(done, total))

    def tick() -> None:
        running.progress(done, max(done, total))

    warnings.forget_orphans(tick)
    _tell_thread_languages(corpus, tick, running.now)
    candidates = sketches.candidates(tick)
    del sketches
    found = sorted(_groups(candidates, tick), key=lambda group: group.place)
    running.check()
    _replace_groups(corpus, found)
    return {
        "languages": dict(languages),
        "groups": len(found),
        "copies": sum(len(group.comments) for group in found),
    }


def _tell_languages(batch: Sequence[OwnText], corpus: Corpus, now: datetime) -> list[str]:
    """The language of each text; those that were not told before are stored."""
    told = [one.language or language_of(one.text) for one in batch]
    new = [
        (language, one.comment, one.revision)
        for language, one in zip(told, batch, strict=True)
        if not one.language
    ]
    if new:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.executemany(TELL, new)
            note_comments(corpus=corpus, comments=[comment for _, comment, _ in new], now=now)
    return told


def _tell_thread_languages(
    corpus: Corpus, tick: Callable[[], None], clock: Callable[[], datetime]
) -> None:
    last = 0
    while threads := threads_after(corpus, last, THREADS_AT_ONCE):
        found = Thread.objects.filter(pk__in=threads)
        with transaction.atomic():
            before = set(found.values_list("pk", "language"))
            found.update(language=common_language())
            changed = set(found.values_list("pk", "language")) - before
            note_threads(corpus=corpus, threads=[pk for pk, _ in changed], now=clock())
        last = threads[-1]
        tick()


@dataclass(frozen=True, slots=True)
class _Copy:
    """A comment that may be a copy, without its text."""

    comment: int
    thread: int
    author: int | None
    source_id: str
    posted_at: datetime | None
    shingles: Shingles

    @property
    def place(self) -> tuple[bool, float, str]:
        """Its place among others: by time, those without one last."""
        at = self.posted_at
        return at is None, at.timestamp() if at else 0.0, self.source_id


@dataclass(frozen=True, slots=True)
class _Group:
    """A group as it will be stored: ids of comments and their similarity, by time."""

    comments: array[int]
    similarities: array[float]
    authors: int
    threads: int
    first_at: datetime | None
    last_at: datetime | None
    example_place: tuple[bool, float, str]

    @property
    def place(self) -> tuple[int, tuple[bool, float, str]]:
        return -len(self.comments), self.example_place


def _groups(candidates: Iterable[array[int]], tick: Callable[[], None]) -> Iterator[_Group]:
    for together in _read_at_once(candidates):
        tick()
        read = _read_copies([comment for cluster in together for comment in cluster])
        for cluster in together:
            found = [read[comment] for comment in cluster if comment in read]
            for places in copies([one.shingles for one in found], tick):
                yield _group([found[place] for place in places])


def _read_at_once(candidates: Iterable[array[int]]) -> Iterator[list[array[int]]]:
    """The clusters in lists that are worth a query: of 1,000 comments, more in a large cluster."""
    together: list[array[int]] = []
    size = 0
    for cluster in candidates:
        if together and size + len(cluster) > READ_AT_ONCE:
            yield together
            together, size = [], 0
        together.append(cluster)
        size += len(cluster)
    if together:
        yield together


def _read_copies(comments: Sequence[int]) -> dict[int, _Copy]:
    """Those that are still visible and still long enough, by their ids."""
    read = {}
    for start in range(0, len(comments), READ_AT_ONCE):
        texts = own_texts_of(comments[start : start + READ_AT_ONCE])
        for one, shingles in zip(texts, shingles_of([one.text for one in texts]), strict=True):
            if shingles:
                read[one.comment] = _Copy(
                    one.comment, one.thread, one.author, one.source_id, one.posted_at, shingles
                )
    return read


def _group(members: list[_Copy]) -> _Group:
    members.sort(key=lambda one: one.place)
    example = members[0]
    times = [one.posted_at for one in members if one.posted_at]
    return _Group(
        comments=array("Q", [one.comment for one in members]),
        similarities=array("d", [similarity(example.shingles, one.shingles) for one in members]),
        authors=len({one.author for one in members} - {None}),
        threads=len({one.thread for one in members}),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        example_place=example.place,
    )


def _replace_groups(corpus: Corpus, groups: Sequence[_Group]) -> None:
    """These groups in place of those that the corpus had, in one transaction."""
    with transaction.atomic():
        Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
        DuplicateMember.objects.filter(group__corpus=corpus).delete()
        DuplicateGroup.objects.filter(corpus=corpus).delete()
        for start in range(0, len(groups), ROWS_AT_ONCE):
            some = groups[start : start + ROWS_AT_ONCE]
            rows = DuplicateGroup.objects.bulk_create(
                _group_row(corpus, rank, group) for rank, group in enumerate(some, start + 1)
            )
            members = _member_rows(rows, some)
            while batch := list(islice(members, ROWS_AT_ONCE)):
                DuplicateMember.objects.bulk_create(batch)


def _group_row(corpus: Corpus, rank: int, group: _Group) -> DuplicateGroup:
    return DuplicateGroup(
        corpus=corpus,
        rank=rank,
        size=len(group.comments),
        authors=group.authors,
        threads=group.threads,
        first_at=group.first_at,
        last_at=group.last_at,
        example_id=group.comments[0],
    )


def _member_rows(
    rows: Iterable[DuplicateGroup], groups: Iterable[_Group]
) -> Iterator[DuplicateMember]:
    for row, group in zip(rows, groups, strict=True):
        members = zip(group.comments, group.similarities, strict=True)
        for position, (comment, share) in enumerate(members):
            yield DuplicateMember(
                group=row, comment_id=comment, position=position, similarity=share
            )
