"""Free units in a new order: what models are least sure of first."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from annotations.errors import Conflict, JobSuperseded
from annotations.models import (
    Annotation,
    Answer,
    Assignment,
    Campaign,
    Job,
    Question,
    Ranking,
    Unit,
    User,
)
from annotations.samples.keys import ORDER, keyed_hash
from annotations.samples.uncertainty import uncertainty
from annotations.selectors.codebooks import questions_of
from annotations.selectors.samples import next_order
from annotations.services.running_job import RunningJob
from annotations.services.unit_writing import BATCH, give_way, require_room

MOVE = 'UPDATE assignment SET "order" = %s WHERE unit_id = %s AND state = %s'
VOTED = (Question.Kind.SINGLE_LABEL, Question.Kind.MULTI_LABEL, Question.Kind.RATING)
MANY = 2**31
COLUMNS = ("unit", "known", "doubt", "tie", "key")


def start_ranking(*, campaign: Campaign, user: User | None, now: datetime) -> Ranking:
    """A waiting job, which the caller enqueues: the one that waits already, where there is one.

    Raises Conflict where the campaign gives units in another order, or is closed.
    """
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if locked.order != Campaign.Order.UNCERTAIN:
            raise Conflict(f"{locked.name} gives its units in another order, fixed when it began.")
        if locked.state == Campaign.State.CLOSED:
            raise Conflict(f"{locked.name} is closed: it gives no units any more.")
        waiting = Ranking.objects.filter(campaign=locked, state=Job.State.QUEUED)
        return waiting.order_by("pk").first() or Ranking.objects.create(
            campaign=locked, created_by=user, created_at=now
        )


def rank_after_suggestions(*, campaign: Campaign, now: datetime) -> Ranking | None:
    """A ranking where the campaign goes by what models say, for the caller to enqueue."""
    if campaign.order != Campaign.Order.UNCERTAIN:
        return None
    return start_ranking(campaign=campaign, user=None, now=now)


def rank_units(running: RunningJob[Ranking]) -> dict[str, Any]:
    """Give the free slots orders beyond all others, by how unsure models are of their units.

    Units without suggestions come last, by the campaign's seed. What is taken meanwhile keeps
    its order. Another attempt ranks anew, which does no harm.
    """
    campaign = running.job.campaign
    columns: dict[str, Any] = {name: array("d") for name in COLUMNS}
    columns["unit"], columns["key"] = array("Q"), array("Q")
    choices = _choices(campaign)
    for rows in _free_units(campaign):
        _rank_some(campaign, rows, choices, columns)
        running.progress(0)
    order = np.lexsort(tuple(np.array(columns[name]) for name in ("key", "tie", "doubt", "known")))
    units = np.array(columns["unit"], dtype=np.int64)[order]
    moved = 0
    for start in range(0, len(units), BATCH):
        some = units[start : start + BATCH].tolist()
        _move(running, some)
        moved += len(some)
        running.progress(moved, len(units))
        give_way()
    return {"units": moved}


def _move(running: RunningJob[Ranking], units: Sequence[int]) -> None:
    campaign = running.job.campaign
    with transaction.atomic(), connection.cursor() as cursor:
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        held = Ranking.objects.select_for_update().filter(
            pk=running.job.pk, attempt=running.attempt, state=Job.State.RUNNING
        )
        if held.first() is None:
            raise JobSuperseded(f"The {running.job} went to a later attempt.")
        first = next_order(campaign)
        require_room(campaign, first + len(units))
        cursor.executemany(
            MOVE,
            [(first + n, unit, Assignment.State.PENDING) for n, unit in enumerate(units)],
        )


def _free_units(campaign: Campaign) -> Iterator[list[tuple[int, str, str | None]]]:
    """Units that have a free slot, in portions: their ids, and those of their texts' sources."""
    free = Assignment.objects.filter(unit=OuterRef("pk"), state=Assignment.State.PENDING)
    units = Unit.objects.filter(
        Exists(free), campaign=campaign, purpose=Unit.Purpose.STUDY
    ).order_by("order")
    columns = ("order", "pk", "thread__source_id", "comment__source_id")
    last = -1
    while rows := list(units.filter(order__gt=last).values_list(*columns)[:BATCH]):
        last = rows[-1][0]
        yield [row[1:] for row in rows]


def _rank_some(
    campaign: Campaign,
    rows: Sequence[tuple[int, str, str | None]],
    choices: Mapping[int, int],
    columns: dict[str, Any],
) -> None:
    told = _uncertainties([row[0] for row in rows], choices)
    for unit, thread, comment in rows:
        known = told.get(unit)
        columns["unit"].append(unit)
        columns["known"].append(0 if known else 1)
        columns["doubt"].append(-known[0] if known else 0)
        columns["tie"].append(-known[1] if known else 0)
        ids = (thread,) if comment is None else (thread, comment)
        columns["key"].append(keyed_hash(campaign.seed, ORDER, *ids))


def _uncertainties(
    units: Sequence[int], choices: Mapping[int, int]
) -> dict[int, tuple[float, float]]:
    said = Annotation.objects.filter(unit__in=units, source=Annotation.Source.MODEL)
    certainties: dict[int, list[float]] = defaultdict(list)
    of_unit: dict[int, int] = {}
    for pk, unit, certainty in said.values_list("pk", "unit", "certainty").order_by("pk"):
        of_unit[pk] = unit
        if certainty is not None:
            certainties[unit].append(certainty)
    votes = _votes(of_unit)
    found = {
        unit: uncertainty(votes.get(unit, {}), choices, certainties[unit])
        for unit in set(of_unit.values())
    }
    return {unit: known for unit, known in found.items() if known is not None}


def _votes(of_unit: Mapping[int, int]) -> dict[int, dict[int, list[Hashable]]]:
    """What each model says, by unit and question; of several labels all together are a vote."""
    answers = Answer.objects.filter(annotation__in=of_unit, question__kind__in=VOTED)
    values: dict[tuple[int, int], list[tuple[int | None, float | None]]] = defaultdict(list)
    columns = ("annotation", "question", "label", "number")
    for annotation, question, label, number in answers.order_by("pk").values_list(*columns):
        values[annotation, question].append((label, number))
    votes: dict[int, dict[int, list[Hashable]]] = defaultdict(lambda: defaultdict(list))
    for (annotation, question), said in values.items():
        votes[of_unit[annotation]][question].append(frozenset(said))
    return votes


def _choices(campaign: Campaign) -> dict[int, int]:
    """How many different votes there can be on a question."""
    return {
        question.pk: len(question.labels.all())
        if question.kind == Question.Kind.SINGLE_LABEL
        else MANY
        for question in questions_of(campaign.codebook_id)
    }
