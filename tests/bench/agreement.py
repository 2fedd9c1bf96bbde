"""`agreement`: all figures of one question, with a thousand samples of threads.

The floor is numpy counting how often each value was given in the same arrays, which everything
has to do at least once. What it takes to read the rows from the database is told beside it.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tests.bench.children import child, peak_mb
from tests.bench.database import prepare, series
from tests.bench.figures import Figure, not_more_than
from tests.bench.places import Place
from tests.bench.sizes import runs

if TYPE_CHECKING:
    from annotations.models import Campaign
    from annotations.selectors.ratings import Column, Frame

LABELS = 1_000_000
RESAMPLES = 1_000
OVERLAP, PEOPLE, UNITS_A_THREAD, VALUES = 3, 40, 80, 4
AT_ONCE = 100_000
NOON = "'2026-03-01 12:00:00'"
THREAD = (
    "INSERT INTO thread (id, corpus_id, source_id, title, url, platform, missing, order_is_stale, "
    "comment_count, max_depth, language, raw, created_at) SELECT i + 1, {corpus}, "
    "CAST(i AS varchar(20)), '', '', '', 0, {no}, 0, 0, '', '{{}}', " + NOON + " FROM {series}"
)
COMMENT = (
    "INSERT INTO comment (id, corpus_id, thread_id, source_id, kind, reply_to_source_id, "
    "reply_basis, reply_evidence, ordinal, position, depth, status, text, text_revision, html, "
    "blocks, links, language, posted_at_estimated, raw, created_at) SELECT i + 1, {corpus}, "
    "i / 80 + 1, CAST(i AS varchar(20)), 'comment', '', 'given', '', i % 80, i % 80, i % 12, "
    "'visible', 'A text.', 1, '', '[]', '[]', '', {no}, '{{}}', " + NOON + " FROM {series}"
)
UNIT = (
    'INSERT INTO unit (id, campaign_id, thread_id, comment_id, purpose, overlap, "order") '
    "SELECT i + 1, {campaign}, i / 80 + 1, i + 1, 'study', 3, i FROM {series}"
)
ANNOTATION = (
    "INSERT INTO annotation (id, unit_id, source, membership_id, model, state, revision, "
    "text_revision, flagged, note, skip_reason, harmful, reason, rule, context, seconds, "
    "created_at, saved_at, submitted_at) SELECT i * 3 + {turn} + 1, i + 1, 'human', "
    "{person} + (i + {turn} * 13 + i / 40) % 40, '', 'submitted', 1, 1, {no}, '', '', {no}, '', "
    "'', '{{}}', 5 + (i * 7 + {turn}) % 60, " + ", ".join([NOON] * 3) + " FROM {series}"
)
# As good as chance here: remainders of a prime. The truth is 0 in 70 of 100 units, then 1, 2, 3.
CHANCE = "CAST(i + 1 AS bigint) * {factor} % 2147483647 % 100"
TRUTH = "CASE WHEN {c} < 70 THEN 0 WHEN {c} < 85 THEN 1 WHEN {c} < 95 THEN 2 ELSE 3 END".replace(
    "{c}", CHANCE.format(factor=48271)
)
ERROR = CHANCE.format(factor="(16807 + {turn} * 69621)")
ANSWER = (
    "INSERT INTO answer (annotation_id, question_id, position, label_id, text, quote) "
    "SELECT i * 3 + {turn} + 1, {question}, 0, "
    f"{{label}} + (({TRUTH}) + CASE WHEN {ERROR} < 20 THEN 1 + i % 3 ELSE 0 END) % 4, '', '' "
    "FROM {series}"
)
WANTED_SECONDS = 2
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

T = TypeVar("T")


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    for size in sizes:
        with place.empty() as environment:
            told = child("tests.bench.agreement", size, runs(size), environment=environment)
        for what, (unit, values, floor) in told["figures"].items():
            wanted = not_more_than(WANTED_SECONDS) if floor and size <= LABELS else None
            yield Figure(
                part="agreement",
                what=what,
                unit=unit,
                database=place.name,
                size=size,
                values=tuple(values),
                floor=floor,
                wanted=wanted,
                peak_mb=told["peak_mb"] if floor else None,
            )


def main() -> None:
    """Makes the campaign, and tells figures as units, values and perhaps a floor."""
    prepare()
    labels, times = map(int, sys.argv[1:])
    campaign = _campaign(labels)
    print(json.dumps(_measured(campaign, labels, times)))


def _measured(campaign: Campaign, labels: int, times: int) -> dict[str, Any]:
    from annotations.selectors.agreement_figures import ratings_result
    from annotations.selectors.codebooks import questions_of
    from annotations.selectors.ratings import column_of, frame_of

    (question,) = questions_of(campaign.codebook_id)
    steps: dict[str, list[float]] = {"reading": [], "figures": [], "floor": []}

    def timed(step: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        done = work()
        steps[step].append(time.perf_counter() - began)
        return done

    def measured() -> None:
        frame, column = timed("reading", read)
        timed("floor", lambda: np.bincount(column.values))
        timed(
            "figures", lambda: ratings_result(frame, question, column, seed=1, resamples=RESAMPLES)
        )

    def read() -> tuple[Frame, Column]:
        frame = frame_of(campaign)
        return frame, column_of(frame, question)

    for _ in range(times):
        measured()
    peak = peak_mb()
    tracemalloc.start()
    read()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    floor = float(np.median(steps["floor"]))
    return {
        "peak_mb": peak,
        "figures": {
            "figures, pairs, breakdowns, 1,000 samples": ("s", steps["figures"], floor),
            "reading annotations, units and answers": ("s", steps["reading"], None),
            "held by reading, at most": ("bytes a label", [held / labels], None),
        },
    }


def _campaign(labels: int) -> Campaign:
    """Units of threads of 80, three labels each, by people who are right four times of five.

    Loaded by plain SQL: rows of a million objects would take longer than what is measured.
    """
    from django.db import connection

    from annotations.models import Codebook
    from tests.builders import build_campaign, build_membership, build_question

    codebook = Codebook.objects.create(key="bench", version=1, title="Bench", created_at=NOW)
    question = build_question(
        codebook, "claim", "single_label", labels=tuple(f"l{n}" for n in range(VALUES))
    )
    campaign = build_campaign(codebook=codebook)
    people = [build_membership(campaign).pk for _ in range(PEOPLE)]
    names = {
        "corpus": campaign.corpus_id,
        "campaign": campaign.pk,
        "question": question.pk,
        "label": question.labels.order_by("position").values_list("pk", flat=True)[0],
        "person": people[0],
        "no": "false" if connection.vendor == "postgresql" else "0",
    }
    with connection.cursor() as cursor:
        units = labels // OVERLAP
        cursor.execute(THREAD.format(**names, series=series(0, units // UNITS_A_THREAD + 1)))
        for begin in range(0, units, AT_ONCE):
            some = series(begin, min(units, begin + AT_ONCE))
            for statement in (COMMENT, UNIT):
                cursor.execute(statement.format(**names, series=some))
            for turn in range(OVERLAP):
                for statement in (ANNOTATION, ANSWER):
                    cursor.execute(statement.format(**names, series=some, turn=turn))
        cursor.execute("ANALYZE")
    return campaign


if __name__ == "__main__":
    main()
