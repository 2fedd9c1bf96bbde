"""A saved page becomes a thread, with the replies and relations that its text proves."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from annotations.models import Comment, CommentRelation
from tests.importers.conftest import SAMPLES
from tests.importers.golden import CASES
from tests.importers.storing import (
    NOTHING,
    created,
    run_command,
    stored,
)

pytestmark = pytest.mark.django_db


class Page(NamedTuple):
    """A saved page and what is in it; ``replies`` by the numbers on the page."""

    path: Path
    comments: int
    authors: int
    replies: dict[int, int]
    relations: dict[str, int]


GOLDEN = Page(
    CASES / "saved_page" / "replies" / "input.txt", 7, 7, {2: 1}, {"quote": 7, "mention": 1}
)
SEED = Page(
    SAMPLES / "saved_page" / "000_9cacfffb59cd1aee.txt",
    45,
    37,
    {24: 21, 31: 30, 33: 20},
    {"quote": 9, "mention": 2},
)


@pytest.mark.parametrize("saved", [saved for saved in (GOLDEN, SEED) if saved.path.exists()])
class TestSavedPage:
    def test_its_figures(self, saved: Page) -> None:
        (report,) = run_command(saved.path)
        assert (report["state"], report["format"]) == ("done", "saved_page")
        assert report["threads"] == report["openings"] == created(1)
        assert report["comments"] == created(saved.comments)
        assert report["authors"] == created(saved.authors)
        assert report["replies"] == {
            "given": 0,
            "inferred": len(saved.replies),
            "orphaned": 0,
            "cyclic": 0,
            "cut": [],
        }
        assert report["relations"] == saved.relations
        assert (report["missing"], report["refused"]) == (0, [])

    def test_replies_keep_their_evidence_and_comments_their_order(self, saved: Page) -> None:
        run_command(saved.path)
        replies = Comment.objects.filter(reply_to__isnull=False).select_related("reply_to")
        assert {on_page(c): on_page(c.reply_to) for c in replies} == saved.replies
        for reply in replies:
            assert (reply.reply_basis, reply.depth) == ("inferred", 1)
            assert reply.reply_evidence.startswith("Quotes ")
        in_order = Comment.objects.order_by("position")
        assert [on_page(comment) for comment in in_order] == list(range(saved.comments + 1))

    def test_relations_point_at_the_same_words(self, saved: Page) -> None:
        run_command(saved.path)
        assert CommentRelation.objects.count() == sum(saved.relations.values())
        for relation in CommentRelation.objects.select_related("comment", "target"):
            words = relation.comment.text[relation.start : relation.end]
            if relation.target is not None:
                assert words == relation.target.text[relation.target_start : relation.target_end]
            else:
                assert relation.target_author is not None
                assert words == relation.target_author.name

    def test_a_second_import_stores_nothing(self, saved: Page) -> None:
        run_command(saved.path)
        before = stored()
        relations = list(CommentRelation.objects.order_by("pk").values())
        (report,) = run_command(saved.path)
        assert stored() == before
        assert list(CommentRelation.objects.order_by("pk").values()) == relations
        assert report["comments"] == {**NOTHING, "unchanged": saved.comments}
        assert report["relations"] == saved.relations


def on_page(comment: Comment | None) -> int:
    """The number of a comment on its saved page."""
    assert comment is not None
    return int(comment.source_id.rpartition(":")[2])
