"""Threads asked for by what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from annotations.models import Annotation, Thread
from tests.annotations.api.world import API, World
from tests.builders import (
    build_annotation,
    build_campaign,
    build_comment,
    build_corpus,
    build_thread,
    build_unit,
)


@pytest.fixture
def talk(world: World) -> World:
    """Beside the world's own thread a small German one, and a large English one."""
    small = {"platform": "disqus", "language": "de", "comment_count": 2, "max_depth": 0}
    large = {"platform": "reddit", "language": "en", "comment_count": 90, "max_depth": 7}
    build_thread(world.corpus, "small", title="Der Tunnel", **small, started_at=_day(1))
    build_thread(world.corpus, "large", title="Tunnel 100%", **large, started_at=_day(9))
    return world


def _day(day: int) -> datetime:
    return datetime(2025, 4, day, 23, 30, tzinfo=UTC)


def found(world: World, role: str = "viewer", **query: Any) -> list[str]:
    response = world.client(role).get(API + "threads/", query)
    assert response.status_code == 200, response.content
    own = world.thread.source_id
    return [
        "own" if row["source_id"] == own else row["source_id"] for row in response.json()["results"]
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "tunnel"}, ["small", "large"]),
        ({"q": "100%"}, ["large"]),
        ({"q": "small"}, ["small"]),
        ({"platform": "reddit"}, ["large"]),
        ({"language": "de"}, ["small"]),
        ({"from": "2025-04-02"}, ["large"]),
        ({"to": "2025-04-01"}, ["small"]),
        ({"from": "2025-04-01", "to": "2025-04-09"}, ["small", "large"]),
        ({"from": "9999-12-31"}, []),
        ({"to": "9999-12-31", "platform": "disqus"}, ["small"]),
        ({"min_comments": 3, "q": "tunnel"}, ["large"]),
        ({"min_depth": 7}, ["large"]),
        ({"min_depth": 0, "q": "tunnel"}, ["small", "large"]),
        ({"q": "tunnel", "language": "en", "has_labels": "true"}, []),
    ],
)
def test_every_filter_narrows(talk: World, query: dict[str, Any], expected: list[str]) -> None:
    assert found(talk, **query) == expected


def test_labels_count_once_they_are_submitted(talk: World) -> None:
    assert found(talk, has_labels="true") == []
    Annotation.objects.filter(pk=talk.annotation.pk).update(state="submitted", submitted_at=_day(1))
    assert found(talk, has_labels="true") == ["own"]
    assert found(talk, has_labels="false") == ["small", "large"]


def test_labels_that_one_may_not_read_are_no_labels(talk: World) -> None:
    other = build_campaign(talk.corpus)
    comment = build_comment(Thread.objects.get(source_id="small"))
    build_annotation(build_unit(other, comment))
    assert found(talk, "staff", has_labels="true") == ["small"]
    assert found(talk, "viewer", has_labels="true") == []


@pytest.mark.parametrize(
    "query",
    [
        {"has_labels": "maybe"},
        {"from": "yesterday"},
        {"to": "2025-02-30"},
        {"min_comments": "many"},
        {"min_comments": "-1"},
        {"min_depth": str(2**31)},
        {"q": "a\0b"},
        {"q": "x" * 201},
    ],
)
def test_a_value_that_makes_no_sense_is_refused(talk: World, query: dict[str, str]) -> None:
    response = talk.client("viewer").get(API + "threads/", query)
    assert response.status_code == 400
    assert response.json()["fields"].keys() == query.keys()


def test_filters_stay_within_what_one_may_read(talk: World) -> None:
    build_thread(build_corpus("other"), "elsewhere", title="Tunnel elsewhere")
    assert found(talk, q="elsewhere") == []
    assert found(talk, "staff", q="elsewhere") == ["elsewhere"]
