"""Lists that are read page by page while rows are written: whatever stood from the beginning to the
end is there, and nothing is there twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rest_framework.test import APIClient

from annotations.models import Annotation, Comment, Corpus, Membership, Thread
from tests.annotations.api.routes import listings, views
from tests.annotations.api.test_paging import ADDRESSES, ASKED_BY, MORE
from tests.annotations.api.world import API, World
from tests.builders import (
    NOON,
    build_annotation,
    build_campaign,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
    build_user,
)

pytestmark = pytest.mark.slow
NAMES = ("id", "slug", "prefix", "pseudonym", "unit", "number", "key", "version")
ORDERS = sorted((name, order) for name in listings() for order in views()[name].orders)


def address(world: World, name: str) -> str:
    of_something = {
        "revisions": f"annotations/{world.annotation.pk}/revisions",
        "aggregation_rows": f"aggregations/{world.aggregation.pk}/rows",
        "deliveries": f"campaigns/study/webhooks/{world.delivery.webhook_id}/deliveries",
    }
    return API + of_something.get(name, ADDRESSES.get(name, name)) + "/"


def names(rows: list[dict[str, Any]]) -> list[str]:
    """What tells the rows apart, whatever else of them changes."""
    return [json.dumps({name: row[name] for name in NAMES if name in row}) for row in rows]


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_rows_that_are_added_hide_and_repeat_none(world: World, name: str, order: str) -> None:
    """In every list, and every order of it."""
    client = world.client(ASKED_BY.get(name, "viewer"))
    query = {"page_size": "1"}
    if len(views()[name].orders) > 1:
        query["ordering"] = order
    if within := views()[name].orders[order].within:
        query[within] = {"corpus": world.corpus.slug}[within]
    while len(client.get(address(world, name), {**query, "page_size": "9"}).json()["results"]) < 3:
        MORE[name](world)
    stood = names(client.get(address(world, name), {**query, "page_size": "500"}).json()["results"])
    seen: list[str] = []
    page = client.get(address(world, name), query).json()
    for number in range(200):
        seen += names(page["results"])
        if not page["next"]:
            break
        if number < 3:
            MORE[name](world)
        page = client.get(page["next"]).json()
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in stood] == stood


KEYS = st.integers(0, 3)
WRITES = st.lists(
    st.tuples(st.sampled_from(["add", "delete", "change", "move"]), st.integers(0, 30), KEYS),
    max_size=3,
)


class Kind:
    """Rows of a kind: how one is made, changed beside its key, and moved by its key."""

    def make(self, key: int | None) -> Any:
        raise NotImplementedError

    def change(self, row: Any) -> None:
        raise NotImplementedError

    def move(self, row: Any, key: int) -> None:
        raise NotImplementedError

    def write(
        self,
        act: str,
        which: int,
        key: int,
        rows: list[Any],
        standing: set[Any],
        moved: set[Any],
    ) -> None:
        if act == "add" or not rows:
            rows.append(self.make(key))
            return
        row = rows[which % len(rows)]
        if act == "delete":
            standing.discard(row.pk)
            rows.remove(row)
            row.delete()
        elif act == "change":
            self.change(row)
        else:
            moved.add(row.pk)
            self.move(row, key)


def _after(key: int | None) -> Any:
    return None if key is None else NOON + timedelta(days=key)


class Threads(Kind):
    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def make(self, key: int | None) -> Thread:
        return build_thread(self.corpus, comment_count=key or 0, started_at=_after(key))

    def change(self, row: Thread) -> None:
        Thread.objects.filter(pk=row.pk).update(title="Should it stay?")

    def move(self, row: Thread, key: int) -> None:
        Thread.objects.filter(pk=row.pk).update(comment_count=key, started_at=_after(key))


class Comments(Kind):
    def __init__(self, threads: list[Thread]) -> None:
        self.threads = threads

    def make(self, key: int | None) -> Comment:
        return build_comment(self.threads[(key or 0) % 2], position=key or 0)

    def change(self, row: Comment) -> None:
        Comment.objects.filter(pk=row.pk).update(text="Edited.")

    def move(self, row: Comment, key: int) -> None:
        Comment.objects.filter(pk=row.pk).update(position=key)


class Notes(Kind):
    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.thread = build_thread(membership.campaign.corpus)

    def make(self, key: int | None) -> Annotation:
        unit = build_unit(self.membership.campaign, build_comment(self.thread))
        return build_annotation(unit, self.membership, note="Is it?", saved_at=_after(key))

    def change(self, row: Annotation) -> None:
        Annotation.objects.filter(pk=row.pk).update(flagged=True)

    def move(self, row: Annotation, key: int) -> None:
        Annotation.objects.filter(pk=row.pk).update(saved_at=_after(key))


class Interleaved(TestCase):
    """One list of each kind of order; keys repeat, and those that may be null are."""

    def check(
        self,
        query: dict[str, Any],
        path: str,
        rows: list[Model],
        writes: list[list[tuple[str, int, int]]],
        kind: Kind,
    ) -> None:
        client = APIClient()
        client.force_login(build_user(is_staff=True))
        standing = {row.pk for row in rows}
        moved: set[Any] = set()
        seen: list[Any] = []
        page = client.get(API + path, query).json()
        for step in range(200):
            seen += [row["id"] for row in page["results"]]
            if not page["next"]:
                break
            for act, which, key in writes[step] if step < len(writes) else ():
                kind.write(act, which, key, rows, standing, moved)
            page = client.get(page["next"]).json()
        kept = [pk for pk in seen if pk not in moved]
        assert len(kept) == len(set(kept))
        assert standing - moved <= set(seen)

    @settings(max_examples=25, deadline=None)
    @given(
        keys=st.lists(st.none() | KEYS, min_size=1, max_size=9),
        writes=st.lists(WRITES, max_size=8),
        size=st.integers(1, 3),
        order=st.sampled_from(
            [*("id", "-id", "comment_count", "-comment_count"), *("started_at", "-started_at")]
        ),
    )
    def test_threads(
        self,
        keys: list[int | None],
        writes: list[list[tuple[str, int, int]]],
        size: int,
        order: str,
    ) -> None:
        kind = Threads(build_corpus())
        rows: list[Model] = [kind.make(key) for key in keys]
        query = {"corpus": kind.corpus.slug, "ordering": order, "page_size": size}
        self.check(query, "threads/", rows, writes, kind)

    @settings(max_examples=15, deadline=None)
    @given(
        keys=st.lists(KEYS, min_size=1, max_size=9),
        writes=st.lists(WRITES, max_size=8),
        size=st.integers(1, 3),
    )
    def test_comments_in_reading_order(
        self, keys: list[int], writes: list[list[tuple[str, int, int]]], size: int
    ) -> None:
        corpus = build_corpus()
        kind = Comments([build_thread(corpus) for _ in range(2)])
        rows: list[Model] = [kind.make(key) for key in keys]
        query = {"corpus": corpus.slug, "page_size": size}
        self.check(query, "comments/", rows, writes, kind)

    @settings(max_examples=15, deadline=None)
    @given(
        keys=st.lists(KEYS, min_size=1, max_size=7),
        writes=st.lists(WRITES, max_size=6),
        size=st.integers(1, 3),
        order=st.sampled_from(["saved_at", "-saved_at"]),
    )
    def test_notes_by_the_time_of_their_save(
        self,
        keys: list[int],
        writes: list[list[tuple[str, int, int]]],
        size: int,
        order: str,
    ) -> None:
        campaign = build_campaign()
        kind = Notes(build_membership(campaign))
        rows: list[Model] = [kind.make(key) for key in keys]
        query: dict[str, Any] = {"ordering": order, "page_size": size}
        self.check(query, f"campaigns/{campaign.slug}/notes/", rows, writes, kind)


def test_a_cursor_is_of_its_order_alone(world: World) -> None:
    for _ in range(3):
        build_thread(world.corpus)
    client = world.client("viewer")
    first = client.get(API + "threads/", {"page_size": "1", "ordering": "-id"}).json()
    other = first["next"].replace("ordering=-id", "ordering=id")
    assert other != first["next"]
    refused = client.get(other)
    assert refused.status_code == 400
    assert refused.json()["fields"] == {
        "cursor": ["This cursor is one of another order: start without one."]
    }


def test_a_cursor_under_another_filter_goes_on_from_the_same_place(world: World) -> None:
    made = [build_thread(world.corpus, title=title) for title in ("one", "two", "one", "two")]
    client = world.client("viewer")
    first = client.get(API + "threads/", {"page_size": "1", "q": "one"}).json()
    assert [row["id"] for row in first["results"]] == [made[0].pk]
    other = client.get(first["next"].replace("q=one", "q=two") + "&fields=id").json()
    assert [row["id"] for row in other["results"]] == [made[1].pk]


@pytest.mark.parametrize("order", ["comment_count", "-started_at"])
def test_an_order_within_a_corpus_needs_one(world: World, order: str) -> None:
    refused = world.client("viewer").get(API + "threads/", {"ordering": order})
    assert refused.status_code == 400
    sentence = f"The order {order} is one of a corpus: name it as corpus."
    assert refused.json()["fields"] == {"ordering": [sentence]}


def test_an_unknown_order_is_told_the_known_ones(world: World) -> None:
    refused = world.client("viewer").get(API + "exports/", {"ordering": "rows"})
    assert refused.json()["message"] == "There is no order 'rows'; the known ones are: -id, id."


def test_threads_without_a_time_come_last_either_way(world: World) -> None:
    corpus = build_corpus()
    pk = {day: build_thread(corpus, started_at=_after(day)).pk for day in (None, 1, 2)}
    client = world.client("staff")

    def order(name: str) -> list[int]:
        query = {"corpus": corpus.slug, "ordering": name}
        return [row["id"] for row in client.get(API + "threads/", query).json()["results"]]

    assert order("started_at") == [pk[1], pk[2], pk[None]]
    assert order("-started_at") == [pk[2], pk[1], pk[None]]
