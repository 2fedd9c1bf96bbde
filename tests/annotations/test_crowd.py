"""Fifty annotators in processes of their own, all asking at once, while units are still drawn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from annotations.models import Assignment, Campaign, Sample
from annotations.samples.recipe import Recipe
from annotations.services.campaigns import Design, create_campaign
from annotations.services.jobs import run_job
from annotations.services.sampling import draw_sample, raise_overlap, start_sample
from tests.annotations.study import build_comments, draw
from tests.builders import NOON, build_codebook, build_corpus, build_membership, build_thread

PROCESSES, ANNOTATORS = 5, 50
ROOT = Path(__file__).parents[2]


def build_crowd(**design: Any) -> tuple[Campaign, list[int]]:
    corpus = build_corpus()
    for number in range(6):
        build_comments(build_thread(corpus, f"t{number}"), 20)
    campaign = create_campaign(
        slug=corpus.slug,
        corpus=corpus,
        codebook=build_codebook(),
        design=Design(**design),
        recipe=Recipe(draw="random", size=2, of="threads"),
        now=NOON,
    )
    draw(campaign)
    return campaign, [build_membership(campaign).pk for _ in range(ANNOTATORS)]


def start(members: list[int]) -> subprocess.Popen[str]:
    database = settings.DATABASES["default"]
    environment = {**os.environ, "VAR_DIR": str(settings.VAR_DIR)}
    assert database["NAME"]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.annotations.crowd", *map(str, members)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def label_at_once(members: list[int], meanwhile: Any) -> dict[int, dict[str, Any]]:
    """What each got; ``meanwhile`` is done while they work."""
    crowd = [start(members[part::PROCESSES]) for part in range(PROCESSES)]
    try:
        for process in crowd:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in crowd:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        meanwhile()
        told = [process.communicate(timeout=240)[0] for process in crowd]
    finally:
        for process in crowd:
            process.kill()
    return {int(pk): one for some in told for pk, one in json.loads(some).items()}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("design", [{"overlap": 3}, {"overlap": 3, "whole_threads": True}], ids=str)
def test_nobody_gets_a_unit_twice_and_no_unit_one_too_many(design: dict[str, Any]) -> None:
    campaign, members = build_crowd(**design)
    more = start_sample(
        campaign=campaign,
        recipe=Recipe(draw="random", size=3, of="threads"),
        user=None,
        now=NOON,
    )
    rounds = [label_at_once(members, lambda: run_job(Sample, more.pk, draw_sample))]
    raised = raise_overlap(campaign=campaign, overlap=4, user=None, now=NOON)
    rounds.append(label_at_once(members, lambda: run_job(Sample, raised.pk, draw_sample)))
    rounds.append(label_at_once(members, lambda: None))
    states = Sample.objects.filter(pk__in=[more.pk, raised.pk]).values_list("state", flat=True)
    assert set(states) == {"done"}
    _expect_only_to_wait(rounds[:2])
    assert {one["error"] for one in rounds[2].values()} == {""}
    given = Counter(
        (pk, unit) for told in rounds for pk, one in told.items() for unit in one["units"]
    )
    assert set(given.values()) == {1}
    labels = Counter(unit for _, unit in given)
    assert set(labels.values()) == {4}
    assert len(labels) == campaign.units.count() == 100
    slots = Assignment.objects.filter(campaign=campaign)
    assert slots.filter(state="submitted").count() == slots.count() == 400
    if campaign.whole_threads:
        threads = campaign.turns.values_list("thread", "membership")
        assert len(threads) == len(set(threads)) == 20
        assert all(holder for _, holder in threads)


def _expect_only_to_wait(rounds: list[dict[int, dict[str, Any]]]) -> None:
    """Whoever comes too early is told that units are still being drawn, and nothing worse."""
    told = {one["error"] for some in rounds for one in some.values()} - {""}
    assert all("still being drawn" in error for error in told), told
