"""Filters choose of a dataset what they choose of a corpus when a sample is drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from annotations.errors import InvalidInput
from annotations.exporters.contents import Contents
from annotations.exporters.rows import CommentRow, ThreadRow
from annotations.models import Campaign, Comment, DuplicateGroup, DuplicateMember
from annotations.samples.recipe import Recipe
from annotations.selectors.candidates import Scope, candidates
from annotations.selectors.dataset import dataset_of
from tests.builders import (
    build_annotation,
    build_campaign,
    build_comment,
    build_corpus,
    build_thread,
    build_unit,
)

pytestmark = pytest.mark.django_db

RECIPES: tuple[dict[str, Any], ...] = (
    {},
    {"platforms": ("reddit",)},
    {"platforms": ("nowhere",)},
    {"languages": ("de",)},
    {"languages": ("de", "en")},
    {"posted_from": date(2026, 1, 2)},
    {"posted_to": date(2026, 1, 2)},
    {"posted_from": date(2026, 1, 2), "posted_to": date(2026, 1, 3)},
    {"depth_min": 1},
    {"depth_max": 1, "languages": ("en",)},
    {"length_min": 12},
    {"length_max": 11},
    {"keywords": ("BRIDGE",)},
    {"keywords": ("straße",)},
    {"keywords": ("nothing",)},
    {"excluded": ("bridge",)},
    {"keywords": ("bridge",), "excluded": ("old",), "depth_max": 2},
    {"without_copies": True},
    {"thread_min": 3},
    {"thread_max": 2},
    {"not_in": ("other",)},
    {"not_in": ("other",), "keywords": ("bridge",)},
    {"not_in": ("study",)},
)
TEXTS = ("The old bridge", "A bridge", "STRASSE", "Nobody knows 😀", "The bridge, once more")


@pytest.fixture
def campaign(db: None) -> Campaign:
    """Every comment and every thread of the corpus is in the sample; some are elsewhere too."""
    corpus = build_corpus()
    campaign, other = build_campaign(corpus, slug="study"), build_campaign(corpus, slug="other")
    for number in range(4):
        thread = build_thread(
            corpus,
            f"t{number}",
            platform=("reddit", "news")[number % 2],
            language=("de", "en", "")[number % 3],
            started_at=datetime(2026, 1, 1 + number, tzinfo=UTC) if number < 3 else None,
            comment_count=number + 1,
        )
        build_unit(campaign, thread=thread)
        for place in range(number + 1):
            comment = _comment(thread, number, place)
            build_annotation(build_unit(campaign, comment))
            if (number + place) % 3 == 0:
                build_unit(other, comment)
    build_unit(other, thread=corpus.threads.get(source_id="t2"))
    _copies(corpus.comments.order_by("pk"))
    return campaign


def _comment(thread: Any, number: int, place: int) -> Comment:
    return build_comment(
        thread,
        TEXTS[(number + place) % len(TEXTS)],
        source_id=f"c{number}-{place}",
        language=("en", "de")[place % 2],
        depth=place,
        posted_at=datetime(2026, 1, 1 + place, 23, 59, tzinfo=UTC) if place < 3 else None,
    )


def _copies(comments: Any) -> None:
    first, *others = comments.filter(source_id__in=("c0-0", "c2-1", "c3-2"))
    group = DuplicateGroup.objects.create(
        corpus=first.corpus, rank=1, size=3, authors=0, threads=3, example=first
    )
    for position, one in enumerate((first, *others)):
        DuplicateMember.objects.create(group=group, comment=one, position=position, similarity=1)


@pytest.mark.parametrize("around", ["none", "article", "thread"])
@pytest.mark.parametrize("asked", RECIPES, ids=str)
def test_the_same_is_chosen_as_when_a_sample_is_drawn(
    campaign: Campaign, asked: dict[str, Any], around: str
) -> None:
    recipe = Recipe(**asked)
    drawn = candidates(Scope(campaign.corpus, comments=True, threads=True), recipe)
    expected = [one.comment_source or one.thread_source for one in drawn]
    assert sorted(_chosen(campaign, recipe, around)) == sorted(expected)


def _chosen(campaign: Campaign, recipe: Recipe, context: str) -> list[str]:
    """Whole threads are told by an annotation of theirs."""
    for unit in campaign.units.filter(comment=None, annotations=None):
        build_annotation(unit)
    found = []
    for row in dataset_of(campaign, Contents(filters=recipe, context=context)).rows():
        if isinstance(row, ThreadRow):
            found += [row.id] if row.annotations else []
        elif row.sampled:
            assert row.annotations
            found.append(row.id)
    return found


def test_a_thread_in_which_nothing_fits_is_not_there_not_even_as_context(
    campaign: Campaign,
) -> None:
    rows = list(
        dataset_of(
            campaign, Contents(filters=Recipe(keywords=("straße",)), context="thread")
        ).rows()
    )
    threads = [row.id for row in rows if isinstance(row, ThreadRow)]
    fitting = {c.thread.source_id for c in Comment.objects.filter(text="STRASSE")}
    assert threads == sorted(fitting)
    unfit = [row for row in rows if isinstance(row, CommentRow) and row.text != "STRASSE"]
    assert unfit
    assert not any(row.sampled or row.annotations for row in unfit)


def test_a_filter_that_names_no_campaign_is_refused(campaign: Campaign) -> None:
    with pytest.raises(InvalidInput, match="no campaign 'nowhere'"):
        dataset_of(campaign, Contents(filters=Recipe(not_in=("nowhere",))))
