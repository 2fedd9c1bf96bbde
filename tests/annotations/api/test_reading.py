"""Corpora, threads, comments, codebooks and annotations as researchers read them."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import Comment, Corpus
from tests.annotations.api.world import API, TEXT, World
from tests.builders import (
    build_annotation,
    build_answer,
    build_comment,
    build_corpus,
    build_thread,
)


def rows(world: World, address: str, role: str = "viewer", **query: Any) -> list[dict[str, Any]]:
    response = world.client(role).get(API + address, query)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_comments_come_in_reading_order_with_their_place(world: World) -> None:
    article, first, second, gone = rows(world, "comments/", thread=world.thread.pk)
    assert [article["kind"], first["kind"]] == ["article", "comment"]
    assert first["text"] == TEXT
    assert first["thread"] == world.thread.pk
    assert first["thread_source_id"] == world.thread.source_id
    assert first["source_id"] == world.comments[1].source_id
    assert (second["reply_to"], second["depth"]) == (first["id"], 1)
    assert (gone["status"], gone["text"]) == ("deleted_by_author", "")


def test_raw_records_and_html_stay_inside(world: World) -> None:
    for row in rows(world, "comments/"):
        assert {"raw", "html"}.isdisjoint(row)
    content = world.client("staff").get(API + "comments/").content.decode()
    assert "secret" not in content


def test_authors_are_pseudonyms_unless_the_corpus_shows_names(world: World) -> None:
    assert {row["author"] for row in rows(world, "comments/")} == {None, "pada"}
    assert rows(world, "comments/", author="Ada Byron") == []
    Corpus.objects.update(author_names="shown")
    assert {row["author"] for row in rows(world, "comments/")} == {None, "Ada Byron"}
    assert len(rows(world, "comments/", author="Ada Byron")) == 3


def test_lists_hold_only_what_one_may_read(world: World) -> None:
    other = build_corpus("other")
    build_comment(build_thread(other), "elsewhere")
    assert [row["slug"] for row in rows(world, "corpora/")] == ["talk"]
    assert len(rows(world, "threads/")) == 1
    assert len(rows(world, "comments/")) == 4
    assert [row["slug"] for row in rows(world, "corpora/", "staff")] == ["other", "talk"]
    for address in ("corpora/", "threads/", "comments/", "campaigns/", "annotations/"):
        assert rows(world, address, "outsider") == []
    for address in ("threads/", "comments/"):
        response = world.client("viewer").get(API + address, {"corpus": "other"})
        assert response.status_code == 404
        assert len(rows(world, address, "staff", corpus="other")) == 1


def test_annotations_are_filtered_by_what_they_are(world: World) -> None:
    submitted = build_annotation(world.unit)
    build_answer(submitted, "claim", label="yes")
    model = build_annotation(world.unit, source="model")
    assert [row["id"] for row in rows(world, "annotations/", state="draft")] == [
        world.annotation.pk
    ]
    assert [row["id"] for row in rows(world, "annotations/", source="model")] == [model.pk]
    assert rows(world, "annotations/", source="model")[0]["annotator"] is None
    by_comment = rows(world, "annotations/", comment=world.comments[1].pk, campaign="study")
    assert [row["id"] for row in by_comment] == [world.annotation.pk, submitted.pk, model.pk]
    assert rows(world, "annotations/", unit=world.unit.pk + 1) == []
    assert by_comment[1]["answers"] == {"claim": "yes"}
    assert by_comment[1]["campaign"] == "study"
    assert world.client("viewer").get(API + "annotations/?state=lost").status_code == 400


def test_the_quote_of_a_comment_that_is_gone_is_gone(world: World) -> None:
    Comment.objects.filter(pk=world.comments[1].pk).update(status="deleted_by_author")
    place = f"annotations/{world.annotation.pk}/"
    one = world.client("viewer").get(API + place).json()
    saves = rows(world, place + "revisions/")
    for answers in (one["answers"], saves[0]["answers"]):
        assert answers["part"] == [{"start": 11, "end": 12, "quote": "", "label": "fact"}]


@pytest.mark.parametrize("role", ["manager", "outsider"])
def test_me_says_who_one_is(world: World, role: str) -> None:
    body = world.client(role).get(API + "me/").json()
    own = {"campaign": "study", "name": "study", "role": "manager", "pseudonym": "A1"}
    memberships = [own] if role == "manager" else []
    assert body == {"username": role, "is_staff": False, "memberships": memberships, "token": None}


def test_times_are_utc_whatever_the_pages_show(world: World, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    assert rows(world, "comments/")[1]["posted_at"] == "2026-03-01T12:00:00Z"
