"""A saved page becomes a thread, with the replies and relations that its text proves."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from annotations.models import (
    Comment,
    CommentRelation,
)
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


@pytest.mark.parametrize("page", [page for page in (GOLDEN, SEED) if page.path.exists()])
class TestSavedPage:
    def test_its_figures(self, page: Page) -> None:
        (report,) = run_command(page.path)
        assert (report["state"], report["format"]) == ("done", "saved_page")
        assert report["threads"] == report["openings"] == created(1)
        assert report["comments"] == created(page.comments)
        assert report["authors"] == created(page.authors)
        assert report["replies"] == {
            "given": 0,
            "inferred": len(page.replies),
            "orphaned": 0,
            "cyclic": 0,
            "cut": [],
        }
        assert report["relations"] == page.relations
        assert (report["missing"], report["refused"]) == (0, [])

    def test_replies_stand_under_what_they_answer_with_their_evidence(self, page: Page) -> None:
        run_command(page.path)
        replies = Comment.objects.filter(reply_to__isnull=False).select_related("reply_to")
        assert {on_page(c): on_page(c.reply_to) for c in replies} == page.replies
        for reply in replies:
            assert (reply.reply_basis, reply.depth) == ("inferred", 1)
            assert reply.reply_evidence.startswith("Quotes ")
            assert reply.reply_to is not None
            assert reply.position == reply.reply_to.position + 1

    def test_relations_point_at_the_same_words(self, page: Page) -> None:
        run_command(page.path)
        assert CommentRelation.objects.count() == sum(page.relations.values())
        for relation in CommentRelation.objects.select_related("comment", "target"):
            words = relation.comment.text[relation.start : relation.end]
            if relation.target is not None:
                assert words == relation.target.text[relation.target_start : relation.target_end]
            else:
                assert relation.target_author is not None
                assert words == relation.target_author.name

    def test_a_second_import_stores_nothing(self, page: Page) -> None:
        run_command(page.path)
        before = stored()
        relations = list(CommentRelation.objects.order_by("pk").values())
        (report,) = run_command(page.path)
        assert stored() == before
        assert list(CommentRelation.objects.order_by("pk").values()) == relations
        assert report["comments"] == {**NOTHING, "unchanged": page.comments}
        assert report["relations"] == page.relations


def on_page(comment: Comment | None) -> int:
    """The number of a comment on its saved page."""
    assert comment is not None
    return int(comment.source_id.rpartition(":")[2])
