"""Agreement of a million labels: read, and computed with a thousand samples of threads.

The floor is numpy counting how often each value was given in the same arrays, which everything
has to do at least once. ``DATABASE_URL`` chooses PostgreSQL (its database is made anew: name one
for this); otherwise the database is an SQLite file in a temporary folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tests.bench.database import prepare

if TYPE_CHECKING:
    from annotations.models import Campaign, Unit

LABELS = 1_000_000
OVERLAP, PEOPLE, UNITS_A_THREAD, VALUES = 3, 40, 30, 4
AT_ONCE = 20_000
WANTED_SECONDS = 2
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

T = TypeVar("T")


def measure(labels: int) -> None:
    """Prints the seconds of each step, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VAR_DIR": folder}
        command = [sys.executable, "-m", "tests.bench.agreement", str(labels)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"\n{labels:,} labels of one question by {PEOPLE} people: seconds, those of the processor"
    )
    for step, (seconds, of_processor) in told["steps"].items():
        print(f"  {step:44s}{seconds:9.3f}{of_processor:9.3f}", flush=True)
    print(f"  reading holds {told['bytes'] / labels:.0f} bytes a label at most")
    print(f"  (wanted at {LABELS:,}: figures, pairs and breakdowns under {WANTED_SECONDS} s)")


def main() -> None:
    prepare()
    labels = int(sys.argv[1])
    campaign = _campaign(labels)
    print(json.dumps(_measured(campaign)))


def _measured(campaign: Campaign) -> dict[str, Any]:
    from annotations.selectors.agreement_figures import ratings_result
    from annotations.selectors.codebooks import questions_of
    from annotations.selectors.ratings import column_of, frame_of

    times: dict[str, tuple[float, float]] = {}
    (question,) = questions_of(campaign.codebook_id)

    def timed(step: str, work: Callable[[], T]) -> T:
        began, began_processor = time.perf_counter(), time.process_time()
        done = work()
        times[step] = (time.perf_counter() - began, time.process_time() - began_processor)
        return done

    frame = timed("reading annotations and units", lambda: frame_of(campaign))
    column = timed("reading the answers", lambda: column_of(frame, question))
    timed("floor: numpy counts the same values", lambda: np.bincount(column.values))
    timed(
        "figures, pairs, breakdowns, 1,000 samples",
        lambda: ratings_result(frame, question, column, seed=1, resamples=1000),
    )
    tracemalloc.start()
    column_of(frame_of(campaign), question)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"steps": times, "bytes": held}


def _campaign(labels: int) -> Campaign:
    """Units of threads of 30, three labels each, by people who are right four times of five."""
    from annotations.models import Annotation, Answer, Codebook, Comment, Thread, Unit
    from tests.builders import build_campaign, build_question

    codebook = Codebook.objects.create(key="bench", version=1, title="Bench", created_at=NOW)
    question = build_question(
        codebook, "claim", "single_label", labels=tuple(f"l{n}" for n in range(VALUES))
    )
    campaign = build_campaign(codebook=codebook)
    people = _people(campaign)
    keys = list(question.labels.order_by("position").values_list("pk", flat=True))
    units, chance = labels // OVERLAP, np.random.default_rng(7)
    truth = chance.choice(VALUES, units, p=[0.7, 0.15, 0.1, 0.05])
    for start in range(0, units, AT_ONCE):
        some = range(start, min(start + AT_ONCE, units))
        threads = Thread.objects.bulk_create(
            Thread(corpus=campaign.corpus, source_id=f"t{n}", created_at=NOW)
            for n in some[::UNITS_A_THREAD]
        )
        made = _units(campaign, threads, some, Comment, Unit)
        said = [
            (unit, people[(number + turn * 13 + number // 40) % PEOPLE], number, turn)
            for number, unit in zip(some, made, strict=True)
            for turn in range(OVERLAP)
        ]
        annotations = Annotation.objects.bulk_create(
            Annotation(
                unit=unit,
                membership_id=person,
                state="submitted",
                seconds=5 + (number * 7 + turn) % 60,
                created_at=NOW,
                saved_at=NOW,
                submitted_at=NOW + timedelta(minutes=number % 50_000),
            )
            for unit, person, number, turn in said
        )
        right = [truth[number] for _, _, number, _ in said]
        Answer.objects.bulk_create(
            Answer(annotation=annotation, question=question, label_id=keys[value])
            for annotation, value in zip(annotations, _errs(right, chance), strict=True)
        )
    return campaign


def _errs(right: list[int], chance: np.random.Generator) -> list[int]:
    """What people say where this is right."""
    wrong = chance.random(len(right)) < 0.2
    said: list[int] = np.where(wrong, chance.integers(VALUES, size=len(right)), right).tolist()
    return said


def _people(campaign: Campaign) -> list[int]:
    from tests.builders import build_membership

    return [build_membership(campaign).pk for _ in range(PEOPLE)]


def _units(
    campaign: Campaign, threads: list[Any], some: range, comment: Any, unit: Any
) -> list[Unit]:
    comments = comment.objects.bulk_create(
        comment(
            corpus=campaign.corpus,
            thread=threads[(n - some.start) // UNITS_A_THREAD],
            source_id=f"c{n}",
            ordinal=n % UNITS_A_THREAD,
            position=n % UNITS_A_THREAD,
            depth=n % 12,
            text="x" * (n % 300),
            created_at=NOW,
        )
        for n in some
    )
    found: list[Unit] = unit.objects.bulk_create(
        unit(campaign=campaign, thread_id=one.thread_id, comment=one, order=n)
        for n, one in zip(some, comments, strict=True)
    )
    return found


if __name__ == "__main__":
    main()
