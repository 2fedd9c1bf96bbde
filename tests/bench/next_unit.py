"""`next`: what taking a unit and saving it costs, at 1,000 units and at a million.

The floor is one row read by an index over the same connection, in the same run. The units of each
size are loaded by plain SQL into a database of its own, half of them labeled once, and three
annotators are measured: one who has labeled that half and goes on, one who joins only now, and
one who reads a single language that one text in a thousand is in. ``BENCH_SIZE=xl`` adds ten
million units.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.bench.database import series

SIZES = (1_000, 100_000, 1_000_000)
LARGEST = 10_000_000
TIMES = 200
ROWS_AT_ONCE = 100_000
FOR_LOADING = ("cache_size=-4000000", "synchronous=OFF")
NOON = "'2026-03-01 12:00:00'"
COMMENT = (
    "INSERT INTO comment (id, corpus_id, thread_id, source_id, kind, reply_to_source_id, "
    "reply_basis, reply_evidence, ordinal, position, depth, status, text, text_revision, html, "
    "blocks, links, language, posted_at_estimated, raw, created_at) SELECT i + 1, {corpus}, "
    "{thread}, CAST(i AS varchar(20)), 'comment', '', 'given', '', i, i, 0, 'visible', 'A text.', "
    "1, '', '[]', '[]', {language}, {no}, '{{}}', {noon} FROM {series}"
)
# As far apart as real ids, which are drawn by chance: multiples of a number modulo a prime.
UNIT_ID = "CAST(i + 1 AS bigint) * 900719925474 % 9007199254740881 + 1"
UNIT = (
    'INSERT INTO unit (id, campaign_id, thread_id, comment_id, purpose, overlap, "order") '
    f"SELECT {UNIT_ID}, {{campaign}}, {{thread}}, i + 1, 'study', 2, i FROM {{series}}"
)
SLOT = (
    'INSERT INTO assignment (campaign_id, unit_id, slot, "order", language, purpose, '
    f"membership_id, state, changed_at) SELECT {{campaign}}, {UNIT_ID}, {{slot}}, i, {{language}}, "
    "'study', {membership}, {state}, {noon} FROM {series}"
)
LANGUAGE = "CASE WHEN i % 1000 = 999 THEN 'qq' ELSE 'en' END"


def compare() -> None:
    """Prints the milliseconds of each size, each in a process and a database of its own."""
    print(f"\nThe next unit: milliseconds, median and 99th percentile of {TIMES}", flush=True)
    sizes = [*SIZES, LARGEST] if os.environ.get("BENCH_SIZE") == "xl" else SIZES
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
            command = [sys.executable, "-m", "tests.bench.next_unit", str(size)]
            subprocess.run(command, env={**os.environ, "VAR_DIR": folder}, check=True)


def measure(size: int) -> None:
    """The same for one size, in this process, whose database is emptied first."""
    from tests.bench.database import prepare

    prepare()
    began = time.monotonic()
    members = _load(size)
    print(f"  {size:,} units, loaded in {time.monotonic() - began:.0f} s", flush=True)
    print(f"    floor, one row by an index: {_shown(_times(_row_reader(size)))}", flush=True)
    for name, member in members.items():
        taken, saved, counted = _work(member, min(TIMES, size // 5))
        told = f"next {_shown(taken)}, save {_shown(saved)}, progress {_shown(counted)}"
        print(f"    {name}: {told}", flush=True)


def _load(size: int) -> dict[str, Any]:
    """The annotators of a campaign with so many units of two slots each."""
    from django.core.management.color import no_style
    from django.db import connection

    from annotations.models import Assignment, Comment, Unit
    from tests.builders import (
        build_campaign,
        build_codebook,
        build_corpus,
        build_membership,
        build_thread,
    )

    corpus = build_corpus()
    campaign = build_campaign(corpus, build_codebook(), overlap=2)
    early = build_membership(campaign)
    names = {
        "corpus": corpus.pk,
        "thread": build_thread(corpus).pk,
        "campaign": campaign.pk,
        "language": LANGUAGE,
        "noon": NOON,
        "no": "false" if connection.vendor == "postgresql" else "0",
    }
    half = size // 2
    first = {
        "membership": f"CASE WHEN i < {half} THEN {early.pk} END",
        "state": f"CASE WHEN i < {half} THEN 'submitted' ELSE 'pending' END",
    }
    free = {"membership": "NULL", "state": "'pending'"}
    with connection.cursor() as cursor:
        for pragma in FOR_LOADING if connection.vendor == "sqlite" else ():
            cursor.execute(f"PRAGMA {pragma}")
        for begin in range(0, size, ROWS_AT_ONCE):
            some = {**names, "series": series(begin, min(size, begin + ROWS_AT_ONCE))}
            cursor.execute(COMMENT.format(**some))
            cursor.execute(UNIT.format(**some))
            cursor.execute(SLOT.format(**some, slot=1, **first))
            cursor.execute(SLOT.format(**some, slot=2, **free))
        for statement in connection.ops.sequence_reset_sql(no_style(), [Comment, Unit, Assignment]):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    connection.close()  # the next one is as the settings want it
    return {
        "who has labeled half": early,
        "who joins now": build_membership(campaign),
        "who reads a rare language": build_membership(campaign, languages=["qq"]),
    }


def _row_reader(size: int) -> Callable[[], object]:
    from annotations.models import Unit

    return lambda: Unit.objects.filter(order=size // 3).values_list("pk").get()


def _work(member: Any, times: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each unit taken, saved, and counted with what is left."""
    from django.utils import timezone

    from annotations.errors import NothingLeft
    from annotations.selectors.assignments import progress
    from annotations.services.annotations import Save, save_annotation
    from annotations.services.assignments import take_unit

    taken: list[float] = []
    saved: list[float] = []
    counted: list[float] = []
    for _ in range(times):
        now = timezone.now()
        began = time.perf_counter()
        try:
            unit = take_unit(membership=member, now=now).unit
        except NothingLeft:
            break
        taken.append(_since(began))
        began = time.perf_counter()
        save = Save(save_id=uuid4(), based_on=0, state="submitted", answers={"claim": "yes"})
        save_annotation(membership=member, unit=unit, save=save, now=now)
        saved.append(_since(began))
        began = time.perf_counter()
        progress(member)
        counted.append(_since(began))
    return taken, saved, counted


def _times(act: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        times.append(_since(began))
    return times


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1_000


def _shown(times: list[float]) -> str:
    if len(times) < 2:
        return "not enough to measure"
    return f"{statistics.median(times):.1f} / {statistics.quantiles(times, n=100)[98]:.1f}"


if __name__ == "__main__":
    measure(int(sys.argv[1]))
