"""A campaign with its units and people, made as a researcher makes it: what tests label in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connection

from annotations.models import (
    Annotation,
    Campaign,
    Codebook,
    Comment,
    Membership,
    Sample,
    Thread,
    Unit,
    User,
)
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit
from annotations.services.campaigns import Design, create_campaign
from annotations.services.jobs import run_job
from annotations.services.sampling import draw_sample
from tests.builders import NOON, build_codebook, build_comment, build_corpus, build_thread

T = TypeVar("T")


@dataclass(frozen=True)
class Study:
    """``comments`` and ``units`` are in the order of working, ``members`` the annotators."""

    campaign: Campaign
    comments: list[Comment]
    units: list[Unit]
    members: list[Membership]


def build_study(
    texts: int | list[str] = 3,
    *,
    annotators: int = 1,
    codebook: Codebook | None = None,
    **design: Any,
) -> Study:
    """One thread of these comments (or of so many), a campaign on it, and its annotators."""
    corpus = build_corpus()
    thread = build_thread(corpus)
    said = [f"Comment {n}." for n in range(texts)] if isinstance(texts, int) else texts
    comments = [build_comment(thread, text) for text in said]
    campaign = create_campaign(
        slug=corpus.slug,
        corpus=corpus,
        codebook=codebook or build_codebook(),
        design=Design(**design),
        annotators=[User.objects.create(username=f"{corpus.slug}-{n}") for n in range(annotators)],
        now=NOON,
    )
    draw(campaign)
    members = list(campaign.memberships.order_by("number"))
    return Study(campaign, comments, list(campaign.units.order_by("order")), members)


def draw(campaign: Campaign) -> Campaign:
    """Do the drawings of units that wait, as a worker does; fails where one of them fails."""
    for sample in campaign.samples.filter(state=Sample.State.QUEUED):
        run_job(Sample, sample.pk, draw_sample)
        sample.refresh_from_db()
        assert sample.state == Sample.State.DONE, sample.error
    return campaign


def build_comments(thread: Thread, number: int, **fields: Any) -> list[Comment]:
    """So many comments at the end of a thread, in one statement; they answer nothing."""
    begin = thread.comments.count()
    return Comment.objects.bulk_create(
        Comment(
            corpus=thread.corpus,
            thread=thread,
            source_id=f"{thread.source_id}:{place}",
            ordinal=place,
            position=place,
            created_at=NOON,
            **{"text": f"Comment {place}.", **fields},
        )
        for place in range(begin, begin + number)
    )


def a_save(
    answers: Mapping[str, Any] | None = None,
    *,
    based_on: int = 0,
    state: str = "submitted",
    save_id: UUID | None = None,
    **fields: Any,
) -> Save:
    given = {"claim": "yes"} if answers is None else answers
    return Save(save_id=save_id or uuid4(), based_on=based_on, state=state, answers=given, **fields)


def label_next(member: Membership, save: Save | None = None) -> Annotation:
    """Take the next unit and save it, submitted unless ``save`` says otherwise."""
    unit = take_unit(membership=member, now=NOON).unit
    return save_annotation(membership=member, unit=unit, save=save or a_save(), now=NOON)


def at_once(acts: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each act gives or raises, all begun at the same moment on connections of their own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Exception:
        try:
            start.wait(timeout=20)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
