"""The places of comments whose whole thread is stored at once, known before they are rows.

Most threads of a file lie together in it. Theirs are written in their final order; only threads
that go on in a later batch are put in order afterwards (``importers.store.order``).
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from importers.records import CommentRecord
from importers.tree import NOBODY, cut_cycles, reading_order


class Place(NamedTuple):
    """Where a comment stands; ``answered`` is the number, in the batch, of what it answers."""

    answered: int | None
    position: int
    depth: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a thread is summed up by (see ``annotations.models.Thread``)."""

    comment_count: int
    max_depth: int
    started_at: datetime | None
    ended_at: datetime | None


def places_of(
    records: Sequence[CommentRecord], threads: Collection[str]
) -> tuple[Mapping[int, Place], Mapping[str, Figures]]:
    """Places by the comments' numbers in the batch, and figures, of these threads."""
    numbers: dict[str, list[int]] = {}
    for number, record in enumerate(records):
        if record.thread_id in threads:
            numbers.setdefault(record.thread_id, []).append(number)
    places: dict[int, Place] = {}
    figures = {}
    for thread, members in numbers.items():
        members.sort(key=lambda number: records[number].kind == "comment")  # openings first
        figures[thread] = _place(records, members, places)
    return places, figures


def _place(
    records: Sequence[CommentRecord], members: Sequence[int], places: dict[int, Place]
) -> Figures:
    at = {records[number].id: ordinal for ordinal, number in enumerate(members)}
    parents, inferred = array("q"), bytearray()
    for ordinal, number in enumerate(members):
        record = records[number]
        parent = at.get(record.reply_to, NOBODY) if record.reply_to else NOBODY
        parents.append(parent if parent != ordinal else NOBODY)
        inferred.append(record.basis == "inferred")
    for ordinal in cut_cycles(parents):
        parents[ordinal] = NOBODY
    order = reading_order(parents, inferred)
    for ordinal, number in enumerate(members):
        parent = parents[ordinal]
        answered = members[parent] if parent != NOBODY else None
        places[number] = Place(answered, order.positions[ordinal], order.depths[ordinal])
    times = [time for number in members if (time := records[number].posted_at)]
    return Figures(
        comment_count=sum(records[number].kind == "comment" for number in members),
        max_depth=max(order.depths),
        started_at=min(times, default=None),
        ended_at=max(times, default=None),
    )
