"""Which units a campaign has, and in which order: the same on every database."""

from __future__ import annotations

import pytest
from django.db import connection

from annotations.models import Campaign, Codebook, Corpus
from annotations.samples.recipe import Recipe
from annotations.services.campaigns import Design, create_campaign
from tests.annotations.study import draw
from tests.builders import (
    NOON,
    build_codebook,
    build_comment,
    build_corpus,
    build_question,
    build_thread,
)

pytestmark = pytest.mark.django_db


def sample(
    corpus: Corpus,
    codebook: Codebook | None = None,
    recipe: Recipe | None = None,
    **design: object,
) -> Campaign:
    campaign = create_campaign(
        slug=f"{corpus.slug}-{Campaign.objects.count()}",
        corpus=corpus,
        codebook=codebook or build_codebook(),
        recipe=recipe,
        design=Design(**design),  # type: ignore[arg-type]
        now=NOON,
    )
    return draw(campaign)


def said(campaign: Campaign) -> list[str]:
    """The text of each unit, in the order of working; of a thread as a whole its title."""
    units = campaign.units.select_related("comment", "thread").order_by("order")
    return [unit.comment.text if unit.comment else unit.thread.title for unit in units]


def build_threads(*source_ids: str, comments: int = 1) -> Corpus:
    corpus = build_corpus()
    for source_id in source_ids:
        thread = build_thread(corpus, source_id, title=source_id)
        for n in range(comments):
            build_comment(thread, f"{source_id}/{n}", source_id=f"{source_id}/{n}")
    return corpus


def speak_english() -> None:
    """Make PostgreSQL sort ids as a dictionary does, with the server's first English collation."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT collname FROM pg_collation WHERE collname ~ '^en' ORDER BY 1")
            for (name,) in cursor.fetchmany(1):
                collated = f'ALTER source_id TYPE varchar(500) COLLATE "{name}"'
                cursor.execute(f"ALTER TABLE thread {collated}")


class TestWhich:
    def test_visible_comments_with_text_and_nothing_else(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        article = build_comment(thread, "Article", kind="article")
        build_comment(thread, "Post", kind="post")
        build_comment(thread, "Seen", reply_to=article)
        build_comment(thread, "")
        for status in ("deleted_by_author", "removed_by_moderator", "spam", "missing"):
            build_comment(thread, f"[{status}]", status=status)
        build_comment(build_thread(build_corpus()), "Elsewhere")
        assert said(sample(corpus)) == ["Seen"]

    def test_threads_too_where_the_codebook_asks_about_them(self) -> None:
        codebook = build_codebook()
        build_question(codebook, "mood", "single_label", ("good", "bad"), unit="thread")
        corpus = build_threads("t1", "t2", comments=2)
        assert said(sample(corpus, codebook)) == ["t1/0", "t1/1", "t1", "t2/0", "t2/1", "t2"]

    def test_threads_alone_where_it_asks_about_nothing_else(self) -> None:
        codebook = Codebook.objects.create(key="whole", version=1, created_at=NOON)
        build_question(codebook, "mood", "single_label", ("good", "bad"), unit="thread")
        assert said(sample(build_threads("t1", "t2"), codebook)) == ["t1", "t2"]

    def test_each_unit_has_a_free_slot_for_each_label_wanted(self) -> None:
        campaign = sample(build_threads("t1", comments=2), overlap=3)
        slots = campaign.assignments.order_by("order", "slot").values_list("order", "slot", "state")
        assert list(slots) == [(unit, n, "pending") for unit in (0, 1) for n in (1, 2, 3)]

    def test_comments_that_come_later_change_nothing(self) -> None:
        corpus = build_threads("t1")
        campaign = sample(corpus)
        build_comment(corpus.threads.get(), "Late")
        assert said(campaign) == ["t1/0"]


class TestOrder:
    def test_threads_by_their_id_and_comments_as_they_are_read(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus, "t1")
        for place in (2, 0, 1):
            build_comment(thread, f"at {place}", position=place)
        assert said(sample(corpus)) == ["at 0", "at 1", "at 2"]

    def test_ids_are_compared_sign_by_sign_whatever_the_database_speaks(self) -> None:
        speak_english()
        corpus = build_threads("b", "A", "a_1", "ä", "10", "9", "B", "a-2", "a")
        titles = [text.removesuffix("/0") for text in said(sample(corpus))]
        assert titles == ["10", "9", "A", "B", "a", "a-2", "a_1", "b", "ä"]

    def test_a_seed_gives_one_order_everywhere(self) -> None:
        corpus = build_threads("t1", "t2", comments=3)
        shuffled = ["t2/0", "t2/2", "t1/1", "t1/2", "t1/0", "t2/1"]
        assert said(sample(corpus, order="random", seed=7)) == shuffled
        assert said(sample(corpus, order="random", seed=7)) == shuffled
        assert said(sample(corpus, order="random", seed=8)) != shuffled
