"""A mirror that reads between any two steps of an import ends with what was imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from annotations.models import Corpus, Thread
from importers.models import ImportRun
from importers.records import CommentRecord, RelationRecord
from importers.store.batch import store_batch
from importers.store.load import Load
from importers.store.order import order_threads
from importers.store.relations import store_late_relations
from tests.annotations.mirror import Mirror, listed
from tests.builders import NOON, build_annotation, build_campaign, build_corpus, build_unit
from tests.builders import build_user as user

pytestmark = pytest.mark.django_db


def comment(name: str, thread: str = "t", **fields: Any) -> CommentRecord:
    text = fields.pop("text", f"This is what {name} says.")
    return CommentRecord(id=name, thread_id=thread, text=text, posted_at=NOON, **fields)


def quoting(name: str, target: str) -> CommentRecord:
    quote = RelationRecord(kind="quote", basis="given", start=0, end=4, target_id=target)
    return comment(name, relations=(quote,))


def naming(name: str, author: str) -> CommentRecord:
    named = RelationRecord(kind="mention", basis="given", start=0, end=4, target_author_id=author)
    return comment(name, relations=(named,))


class Followed:
    """An import whose steps are taken one by one, and a mirror that reads after each."""

    def __init__(self) -> None:
        self.client = APIClient()
        self.client.force_login(user(is_staff=True))
        self.corpus = build_corpus("talk", author_names=Corpus.AuthorNames.SHOWN)
        self.mirror = Mirror(self.client, self.corpus)
        self.begin()

    def begin(self) -> None:
        run = ImportRun.objects.create(
            corpus=self.corpus, file_name="f", format="table", sha256="0" * 64, created_at=NOON
        )
        before = ImportRun.objects.count()
        self.load = Load(run=run, now=NOON, base=before * 1000)

    def steps(self, *batches: list[CommentRecord]) -> Iterator[None]:
        for batch in batches:
            with transaction.atomic():
                store_batch(self.load, batch)
            yield
        store_late_relations(self.load)
        yield
        order_threads(self.corpus, tick=lambda: None)
        yield

    def take(self, *batches: list[CommentRecord]) -> list[set[str]]:
        """The source ids that the mirror heard of after each step; in the end it has all."""
        heard = []
        for _ in self.steps(*batches):
            came = self.mirror.follow()
            assert self.mirror.rows == listed(self.client, self.corpus)
            heard.append({self.name_of(one) for one in came})
        self.begin()
        return heard

    def name_of(self, change: dict[str, Any]) -> str:
        row = change[change["kind"]]
        return str(row["source_id"]) if row else "nothing"


def test_a_quote_whose_target_comes_later_is_told_when_it_is_known() -> None:
    followed = Followed()
    heard = followed.take([quoting("a", "z")], [comment("z")])
    assert heard[:3] == [{"t", "a"}, {"z"}, {"a"}]


def test_a_thread_that_goes_on_is_told_with_those_that_moved() -> None:
    followed = Followed()
    followed.take([comment("a"), comment("b"), comment("c")])
    heard = followed.take([comment("d", reply_to="a")])
    assert heard[0] == {"d"}
    assert heard[2] == {"t", "d", "b", "c"}


def test_what_did_not_change_is_not_told() -> None:
    followed = Followed()
    records = [comment("a"), comment("b", reply_to="a")]
    followed.take(records)
    assert followed.take(records) == [set(), set(), set()]


def test_whoever_is_renamed_is_told_with_what_they_wrote_and_where_they_are_named() -> None:
    followed = Followed()
    first = comment("a", author_id="ada", author_name="Ada")
    followed.take([first, naming("b", "ada"), comment("c")])
    heard = followed.take([comment("a", author_id="ada", author_name="Ada Byron")])
    assert heard[0] == {"a", "b"}


def test_a_comment_that_moves_takes_its_annotations_with_it_and_an_empty_thread_is_gone() -> None:
    followed = Followed()
    followed.take([comment("a", "guessed"), comment("b", "t")])
    thread = Thread.objects.get(source_id="guessed")
    campaign = build_campaign(followed.corpus)
    labels = Mirror(followed.client, campaign)
    said = build_annotation(build_unit(campaign, thread.comments.get()))
    assert "nothing" in followed.take([comment("a", "t")])[0]
    assert ("thread", thread.pk) in followed.mirror.gone
    labels.follow()
    assert labels.rows == listed(followed.client, campaign)
    moved_to = Thread.objects.get(source_id="t").pk
    assert labels.rows["annotation", said.pk]["thread"] == moved_to
