"""``kill -9`` of everything, in the middle of saves, imports and exports.

``CHAOS=1`` kills each CHAOS_TIMES (100) times, for CHAOS_SECONDS at most, and prints what it saw
(``-s``); CHAOS_SEED draws other moments.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.annotations.receiver import Receiver, receiving
from tests.chaos.checks import (
    check_files,
    check_jobs,
    check_nothing_is_half_or_twice,
    check_revisions,
    check_saves,
    check_told,
)
from tests.chaos.crew import AT_SCREEN
from tests.chaos.havoc import ALL, WORK, Havoc, Work
from tests.chaos.machine import Machine, Victim
from tests.chaos.study import CAMPAIGN, Study, begun

pytestmark = [pytest.mark.slow, pytest.mark.long]

LONG = os.environ.get("CHAOS") == "1"
TIMES = int(os.environ.get("CHAOS_TIMES", "100"))
SECONDS = float(os.environ.get("CHAOS_SECONDS", "7200"))
SEED = os.environ.get("CHAOS_SEED", "1")
Kill = tuple[Victim | Literal["browser"], Work]
SHORT: tuple[Kill, ...] = (
    ("web", "import"),
    ("worker", "pieces"),
    ("database", "export"),
    ("browser", "saves"),
    ("broker", "import"),
    ("worker", "export"),
    ("launcher", "import"),
)


def test_nothing_acknowledged_is_lost_and_nothing_done_twice_whoever_is_killed(
    machine: Machine, tmp_path: Path
) -> None:
    chance = random.Random(f"{SEED} {machine.postgres is None}")
    sizes = {"comments": 4_000, "labels": 8_000} if LONG else {"comments": 1_000, "labels": 1_500}
    with (
        receiving() as receiver,
        begun(machine, tmp_path, receiver, pause=0.25, **sizes) as study,
    ):
        havoc = Havoc(study, chance, comments=4_000 if LONG else 1_500)
        havoc.learn(*(work for work in WORK if work != "saves"))
        began = time.monotonic()
        for victim, work in kills(chance):
            if time.monotonic() - began > SECONDS:
                break
            print(f"{time.monotonic() - began:.0f} s: {victim} during {work}", flush=True)
            havoc.strike(victim, work)
        machine.wait_until_up()
        machine.let_time_pass()
        machine.wait_for_deliveries()
        told(study, havoc, receiver, time.monotonic() - began)
    assert study.wrong == ""
    check_saves(machine, CAMPAIGN, study.journal, AT_SCREEN)
    check_revisions(machine, study.journal)
    check_nothing_is_half_or_twice(machine)
    check_jobs(machine)
    check_files(machine)
    check_told(machine, receiver)


def kills(chance: random.Random) -> Iterator[Kill]:
    if not LONG:
        yield from SHORT
        return
    for _ in range(TIMES):
        victims = list(ALL)
        chance.shuffle(victims)
        for victim in victims:
            yield victim, chance.choice(WORK)


def told(study: Study, havoc: Havoc, receiver: Receiver, seconds: float) -> None:
    """What it saw, for whoever watches."""
    unanswered = sum((one.asker.unanswered for one in study.streams), Counter[str]())
    jobs = study.machine.jobs()
    print(
        f"\n{'SQLite' if study.machine.postgres is None else 'PostgreSQL'}, {seconds:.0f} s: "
        f"{havoc.kills.total()} kills {dict(havoc.kills)}\n"
        f"acknowledged saves: {dict(study.journal.told())}; unanswered: {dict(unanswered)}\n"
        f"jobs: {len(jobs)}, by attempts {dict(sorted(Counter(j.attempt for j in jobs).items()))}; "
        f"webhooks: {len({got.headers['webhook-id'] for got in receiver.got})} events "
        f"in {len(receiver.got)} calls"
    )
