"""One answer from many for each unit of a campaign: asked for, and computed by a job.

What annotators said is only read. The answers of an aggregation are rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Aggregation, Campaign, Consensus, Question, User
from annotations.selectors.codebooks import questions_of
from annotations.selectors.consensus import Aggregated, aggregated_question
from annotations.selectors.ratings import frame_of
from annotations.selectors.snapshot import snapshot
from annotations.services.running_job import RunningJob

VERSION = 1
AT_ONCE = 1_000


def start_aggregation(
    *, campaign: Campaign, method: str, user: User | None, now: datetime, seed: int = 1
) -> Aggregation:
    """A waiting aggregation, which the caller enqueues; the one that waits if it asks the same.

    Raises InvalidInput for an unknown method.
    """
    known = Aggregation.Method.values
    if method not in known:
        sentence = f"A method is one of {', '.join(known)}, not {method[:40]!r}."
        raise InvalidInput(sentence, fields={"method": [sentence]})
    same = campaign.aggregations.filter(method=method, seed=seed)
    waiting: Aggregation | None = same.filter(state=Aggregation.State.QUEUED).first()
    return waiting or Aggregation.objects.create(
        campaign=campaign, method=method, seed=seed, created_by=user, created_at=now
    )


def aggregate(running: RunningJob[Aggregation]) -> dict[str, Any]:
    """Write the answers, and return what the finished row says of them.

    Each question is read at one moment. Answers that an earlier attempt wrote are removed first.
    Raises Conflict where the campaign was recoded meanwhile.
    """
    run = running.job
    questions = questions_of(run.campaign.codebook_id)
    running.progress(0, len(questions))
    running.check()
    Consensus.objects.filter(aggregation=run).delete()
    results, units = [], 0
    for done, question in enumerate(questions, 1):
        with snapshot():
            found = aggregated_question(
                frame_of(run.campaign),
                question,
                method=run.method,
                seed=run.seed,
                tick=lambda: running.progress(*running.figures),
            )
        _require_same_codebook(run)
        written = _write(running, question, found)
        units = max(units, written)
        results.append({**found.told, "units": written})
        running.progress(done, len(questions))
    result = {
        "version": VERSION,
        "campaign": run.campaign.slug,
        "method": run.method,
        "seed": run.seed,
        "computed_at": run.started_at.isoformat() if run.started_at else None,
        "questions": results,
    }
    return {"result": result, "units": units}


def _write(running: RunningJob[Aggregation], question: Question, found: Aggregated) -> int:
    written = 0
    rows = _rows(running.job, question, found)
    while batch := list(islice(rows, AT_ONCE)):
        with transaction.atomic():
            _hold(running)
            Consensus.objects.bulk_create(batch)
        written += len(batch)
        running.progress(*running.figures)
    return written


def _require_same_codebook(run: Aggregation) -> None:
    """Raises Conflict where a recoding carried the answers on while they were read."""
    if not Campaign.objects.filter(pk=run.campaign_id, codebook=run.campaign.codebook_id).exists():
        raise Conflict(
            f"{run.campaign.name} went on with another version of its codebook meanwhile: "
            "ask for the answers again."
        )


def _hold(running: RunningJob[Aggregation]) -> None:
    """Lock the row, so that an attempt from the dead writes nothing among a later one's answers.

    Raises JobSuperseded.
    """
    mine = Aggregation.objects.select_for_update().filter(
        pk=running.job.pk, attempt=running.attempt, state=Aggregation.State.RUNNING
    )
    if not mine.exists():
        running.check()


def _rows(run: Aggregation, question: Question, found: Aggregated) -> Iterator[Consensus]:
    answers: Iterable[tuple[int, Any, dict[str, float], float | None]] = found.answers
    for unit, value, shares, median in answers:
        yield Consensus(
            aggregation=run,
            unit_id=unit,
            question=question,
            value=value,
            shares=shares,
            median=median,
        )
