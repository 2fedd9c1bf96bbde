"""``python -m tests.e2e.filled_study``: a study in full swing, in the database of the environment.

Eight annotators with different error rates label twelve threads of town talk for a week, with
training, test, checks and repeats. What is true of each comment is known, so that the figures on
its pages mean something. The demo must be loaded.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from tests.e2e.study import COLUMNS

SLUG = "town"
TOPICS = ("tram line", "flood wall", "night bus", "market hall", "school kitchen", "cycle bridge")
PLACES = ("Lindhaven", "Oakmere")
NEEDED = 3
SHARE_DONE = 0.7
NOTES = (
    "Is a number without a unit a claim?",
    "Quotes the mayor in order to mock her: whose claim is it?",
    "I know the author's figure from last year, it was right then.",
)

# What a comment says, with its claim (quoted, or None), whether that misleads, and its feeling.
Line = tuple[str, str, str | None, str | None, str]
NO, MINOR, WORTH = "non_factual", "unimportant_factual", "check_worthy_factual"
LINES: tuple[Line, ...] = (
    ("The {topic} cost {number} million, twice what the council promised.", WORTH,
     "cost {number} million, twice what the council promised", "factual_error",
     "strongly_negative"),
    ("I have waited for this for years. Thank you to everybody who kept at it!", NO, None, None,
     "strongly_positive"),
    ("The report says {number} people a day use it, and that is before the summer.", WORTH,
     "{number} people a day use it", None, "weakly_positive"),
    ("My sister lives next to it and has heard nothing at night.", MINOR,
     "has heard nothing at night", None, "weakly_positive"),
    ("Did anybody read the tender before it was signed?", NO, None, None, "neutral"),
    ("Everybody knows that the {topic} made the rents in {place} double.", WORTH,
     "the {topic} made the rents in {place} double", "unverified_claim_as_fact",
     "strongly_negative"),
    ("Good idea, bad plan, worse paint.", NO, None, None, "mixed"),
    ("I walked past on Tuesday and {number} chairs stood in the rain.", MINOR,
     "{number} chairs stood in the rain", None, "neutral"),
    ("The inspectors found {number} faults, all mended by March.", WORTH,
     "found {number} faults, all mended by March", None, "neutral"),
    ("Nobody asked us. Nobody ever does.", NO, None, None, "weakly_negative"),
    ("{place} had none of this and its shops closed one by one.", WORTH,
     "its shops closed one by one", "missing_important_context", "weakly_positive"),
    ("Wait a year and judge it then.", NO, None, None, "neutral"),
)  # fmt: skip
CLAIMS = (NO, MINOR, WORTH)
FEELINGS = (
    *("strongly_negative", "weakly_negative", "neutral", "weakly_positive", "strongly_positive"),
)


@dataclass(eq=False)
class Person:
    """Who answers a question rightly with the probability ``accuracy``, and how fast."""

    username: str
    accuracy: float
    seconds: float
    chance: random.Random


PEOPLE = (
    ("mira", 0.95, 19), ("jon", 0.93, 24), ("tess", 0.92, 28), ("omar", 0.9, 17),
    ("lena", 0.88, 33), ("paul", 0.86, 21), ("ruth", 0.8, 25), ("nico", 0.5, 6),
)  # fmt: skip


def main() -> None:
    import django

    django.setup()
    from django.db import transaction
    from django.utils import timezone

    with transaction.atomic():
        fill(timezone.now())


def fill(now: datetime) -> None:
    """Make the study, as it is after a week at ``now``."""
    from annotations.models import Codebook, Membership, User
    from annotations.services.campaigns import Design, add_member, create_campaign
    from annotations.services.disputes import measure_disputes
    from annotations.services.stage_settings import StageSettings

    begun = now - timedelta(days=7)
    corpus = _corpus(begun)
    people = [Person(name, good, pace, random.Random(name)) for name, good, pace in PEOPLE]
    users = [User.objects.create_user(one.username, password=None) for one in people]
    researcher, ada = (User.objects.get(username=name) for name in ("researcher", "ada"))
    campaign = create_campaign(
        slug=SLUG,
        name="Town talk",
        description="What people say of what the town builds.",
        corpus=corpus,
        codebook=Codebook.objects.get(key="claims-misinformation-sentiment", version=2),
        design=Design(overlap=NEEDED, seed=3, order="random"),
        stages=StageSettings(test_score=0.4, check_every=8, check_score=0.62, repeat_every=30),
        manager=researcher,
        annotators=users,
        now=begun,
    )
    add_member(campaign=campaign, user=ada, role=Membership.Role.ADJUDICATOR, now=begun)
    _draw(campaign)
    truth = _truth(corpus)
    _know(campaign, truth, begun)
    _label(campaign, people, truth, begun)
    measure_disputes(campaign=campaign, now=now)


def _corpus(now: datetime) -> Any:
    from annotations.services.corpora import create_corpus
    from annotations.services.jobs import run_job
    from importers.models import ImportRun
    from importers.running import run_import
    from importers.services import stage_import, start_import

    corpus = create_corpus(slug=SLUG, name="Town talk", description="", licence="CC0-1.0", now=now)
    file = BytesIO(_table().encode())
    run = stage_import(corpus=corpus, file=file, name="town.csv", user=None, now=now)
    start_import(run=run)
    run_job(ImportRun, run.pk, run_import)
    return corpus


def _table() -> str:
    """Twelve threads of twenty comments, each an answer to one of the three before it."""
    rows = [",".join(COLUMNS)]
    chance = random.Random(1)
    for number in range(len(TOPICS) * len(PLACES)):
        topic, place = TOPICS[number % len(TOPICS)], PLACES[number // len(TOPICS)]
        order = [*range(len(LINES)), *chance.sample(range(len(LINES)), 8)]
        chance.shuffle(order)
        for turn, line in enumerate(order):
            text = _filled(LINES[line][0], topic, place, _figure(number, turn))
            parent = f"t{number}c{turn - chance.randint(1, min(3, turn))}" if turn else ""
            name = f"t{number}c{turn}"
            author = f"Voice {chance.randint(1, 9)}"
            time = f"2026-03-{number + 1:02}T{8 + turn // 4:02}:{turn * 13 % 60:02}:00Z"
            title = f"{place}: what becomes of the {topic}?"
            rows.append(f't{number},"{title}",{name},{parent},{author},{time},"{text}"')
    return "\n".join(rows)


def _figure(thread: int, turn: int) -> int:
    return 11 + 7 * thread + 3 * turn


def _filled(words: str, topic: str, place: str, number: int) -> str:
    return words.format(topic=topic, place=place, number=number)


def _truth(corpus: Any) -> dict[int, dict[str, Any]]:
    """What is true of each comment, by its number."""
    return {
        one.pk: _true(one.text, int(one.source_id[1:].split("c")[0]), one.source_id)
        for one in corpus.comments.all()
    }


def _true(text: str, thread: int, name: str) -> dict[str, Any]:
    topic, place = TOPICS[thread % len(TOPICS)], PLACES[thread // len(TOPICS)]
    number = _figure(thread, int(name.split("c")[1]))
    for words, claim, quote, misleads, feeling in LINES:
        if _filled(words, topic, place, number) == text:
            quoted = _filled(quote, topic, place, number) if quote else ""
            return _answers(text, claim, quoted, misleads, feeling)
    raise AssertionError(text)


def _answers(
    text: str, claim: str, quote: str, misleads: str | None, feeling: str
) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "claim": claim,
        "misinformation": "misleading" if misleads else "not_misleading",
        "sentiment": feeling,
    }
    if misleads:
        answers["misleading_reasons"] = [misleads]
    if quote and claim != NO:
        start = text.index(quote)
        mark = {"start": start, "end": start + len(quote), "quote": quote, "label": "claim"}
        answers["claim_span"] = [mark]
    return answers


def _draw(campaign: Any) -> None:
    from annotations.models import Sample
    from annotations.services.jobs import run_job
    from annotations.services.sampling import draw_sample

    for sample in campaign.samples.filter(state=Sample.State.QUEUED):
        run_job(Sample, sample.pk, draw_sample)


def _know(campaign: Any, truth: dict[int, dict[str, Any]], now: datetime) -> None:
    """Three units to train with, four to test with, twelve to check with."""
    from annotations.services.known import Known, add_known_units

    free = sorted(truth, key=lambda pk: random.Random(pk).random())
    for purpose, number in (("training", 3), ("test", 4), ("check", 12)):
        known = [Known(free.pop(), {}, "") for _ in range(number)]
        known = [
            Known(one.comment, truth[one.comment], "A number that anybody can look up.")
            for one in known
        ]
        add_known_units(campaign=campaign, purpose=purpose, known=known, now=now)


def _label(
    campaign: Any, people: list[Person], truth: dict[int, dict[str, Any]], begun: datetime
) -> None:
    """All label day by day until enough is done, is paused, or nothing is left."""
    from annotations.errors import Conflict
    from annotations.models import Membership
    from annotations.services.annotations import save_annotation
    from annotations.services.assignments import take_unit

    members = {
        one: Membership.objects.get(campaign=campaign, user__username=one.username)
        for one in people
    }
    wanted = int(len(truth) * NEEDED * SHARE_DONE)
    times = {one: begun + timedelta(hours=8 + place) for place, one in enumerate(people)}
    for turn in range(wanted):
        one = people[turn % len(people)]
        times[one] += timedelta(seconds=one.seconds * one.chance.uniform(0.5, 2))
        if turn % 72 == 0:
            times = {who: time + timedelta(days=0.55) for who, time in times.items()}
        try:
            unit = take_unit(membership=members[one], now=times[one]).unit
        except Conflict:
            continue
        save = _save(one, unit, truth[unit.comment_id or 0])
        save_annotation(membership=members[one], unit=unit, save=save, now=times[one])
        members[one].refresh_from_db()


def _save(one: Person, unit: Any, true: dict[str, Any]) -> Any:
    from annotations.services.annotations import Save

    chance = one.chance
    claim, feeling = true["claim"], true["sentiment"]
    if chance.random() > one.accuracy:
        claim = chance.choice([other for other in CLAIMS if other != claim])
    if chance.random() > one.accuracy:
        feeling = chance.choice([other for other in FEELINGS if other != feeling])
    quote = "".join(mark["quote"] for mark in true.get("claim_span", []))
    if quote and chance.random() > one.accuracy:
        quote = quote.split(" ", 1)[-1]
    misleads = next(iter(true.get("misleading_reasons", [])), None)
    if misleads and chance.random() > one.accuracy:
        misleads = None
    note = chance.choice(NOTES) if chance.random() < 0.03 else ""
    return Save(
        save_id=UUID(int=chance.getrandbits(128), version=4),
        based_on=0,
        state="submitted",
        answers=_answers(unit.comment.text, claim, quote, misleads, feeling),
        seconds=one.seconds * chance.uniform(0.5, 2),
        note=note,
        flagged=bool(note),
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    main()
