"""Drawing a campaign's units from its corpus, and the slots that go with them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection
from django.db.models.functions import Collate

from annotations.models import Assignment, Campaign, Comment, Question, Thread, Unit

BATCH = 2_000


def draw_units(*, campaign: Campaign) -> int:
    """Freeze the sample: a unit for each comment to label and, if asked for, for each thread.

    Each unit gets as many free slots as the campaign's overlap. Gives the number of units. The
    order is the same for the same corpus and seed, whatever the database.
    """
    chosen = _in_order(campaign)
    units = (
        Unit(campaign=campaign, thread_id=thread, comment_id=comment, order=order)
        for order, (thread, comment) in enumerate(chosen)
    )
    count = 0
    while batch := list(islice(units, BATCH)):
        Unit.objects.bulk_create(batch)
        Assignment.objects.bulk_create(_slots(campaign, batch), batch_size=BATCH)
        count += len(batch)
    return count


def _in_order(campaign: Campaign) -> Iterable[tuple[int, int | None]]:
    """Pairs of thread and comment (None: the thread as a whole), in the order of working."""
    pairs = _candidates(campaign)
    if campaign.order == Campaign.Order.THREAD:
        return pairs
    shuffled = list(pairs)
    random.Random(campaign.seed).shuffle(shuffled)  # noqa: S311 (a sample, no secret)
    return shuffled


def _candidates(campaign: Campaign) -> Iterator[tuple[int, int | None]]:
    kinds = set(Question.objects.filter(codebook=campaign.codebook).values_list("unit", flat=True))
    threads = Thread.objects.filter(corpus=campaign.corpus).order_by(_by_code_points())
    for thread in threads.values_list("pk", flat=True).iterator(chunk_size=BATCH):
        if Question.Unit.COMMENT in kinds:
            for comment in _comments(thread):
                yield thread, comment
        if Question.Unit.THREAD in kinds:
            yield thread, None


def _by_code_points() -> Collate:
    """Threads by their source's id, however the database sorts words otherwise."""
    return Collate("source_id", "C" if connection.vendor == "postgresql" else "BINARY")


def _comments(thread: int) -> Iterator[int]:
    comments = Comment.objects.filter(
        thread=thread, kind=Comment.Kind.COMMENT, status=Comment.Status.VISIBLE
    ).exclude(text="")
    ids = comments.order_by("position", "pk").values_list("pk", flat=True)
    return ids.iterator(chunk_size=BATCH)


def _slots(campaign: Campaign, units: list[Unit]) -> list[Assignment]:
    return [
        Assignment(campaign=campaign, unit=unit, slot=slot, order=unit.order)
        for unit in units
        for slot in range(1, campaign.overlap + 1)
    ]
