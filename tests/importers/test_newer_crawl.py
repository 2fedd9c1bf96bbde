"""A conversation is crawled again after people went on: what came, changed and went is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations.models import Comment, CommentRevision, Thread
from tests.builders import build_annotation, build_campaign, build_unit
from tests.importers.crawls import SITES, Message, Site
from tests.importers.storing import CORPUS, run_command, stored

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("site", SITES, ids=lambda site: site.format),
]

# 8 answers 7, which the first crawl has not got; the second has it, but 4 no more.
FIRST = (
    Message(1),
    Message(2, 1),
    Message(3, 2),
    Message(4, 1),
    Message(5, 1),
    Message(6, 5),
    Message(8, 7),
)
SECOND = (
    Message(1),
    Message(2, 1, text="What 2 says now."),
    Message(3, 2),
    Message(5, 1, gone=True),
    Message(6, 5),
    Message(7, 1),
    Message(8, 7),
    Message(9, 2),
)
MISSING_AT_FIRST, MISSING_LATER = 4, 2


class Crawls:
    """The two crawls of a site as files, imported when a test asks."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self._folder = site, folder

    def import_first(self) -> dict[str, Any]:
        known = [m for m in FIRST if self.site.flat or m.number != 8]
        return self._import("first", known, MISSING_AT_FIRST)

    def import_second(self) -> dict[str, Any]:
        known = [m for m in SECOND if self.site.has_tombstones or not m.gone]
        return self._import("second", known, MISSING_LATER)

    def _import(self, name: str, messages: list[Message], missing: int) -> dict[str, Any]:
        path = self._folder / name
        path.write_text(self.site.write(messages, missing), encoding="utf-8")
        (report,) = run_command(path)
        assert (report["format"], report["refused"]) == (self.site.format, [])
        return report

    def comment(self, number: int) -> Comment:
        return Comment.objects.get(corpus__slug=CORPUS, source_id=self.site.id(number))


@pytest.fixture
def crawls(site: Site, tmp_path: Path) -> Crawls:
    return Crawls(site, tmp_path)


def row(comment: Comment) -> dict[str, Any]:
    """All of a comment but its place, which moves as others come in."""
    places = {"position", "ordinal", "depth", "reply_to_id"}
    found = Comment.objects.filter(pk=comment.pk).values().get()
    return {name: value for name, value in found.items() if name not in places}


def test_what_came_is_added_and_what_was_there_keeps_its_row(site: Site, crawls: Crawls) -> None:
    crawls.import_first()
    before = dict(Comment.objects.values_list("source_id", "pk"))
    report = crawls.import_second()
    known = len(before)
    came = {7, 9} if site.flat else {7, 8, 9}
    assert report["comments"]["created"] == len(came)
    assert report["comments"]["updated"] == (2 if site.has_tombstones else 1)
    assert report["openings"]["created"] == 0
    after = dict(Comment.objects.values_list("source_id", "pk"))
    assert {site.id(n) for n in came} == after.keys() - before.keys()
    assert before.items() <= after.items()
    assert len(after) == known + len(came)


def test_an_edited_text_is_a_new_revision_and_labels_stay_with_the_old_one(
    site: Site, crawls: Crawls
) -> None:
    crawls.import_first()
    labeled = crawls.comment(2)
    annotation = build_annotation(build_unit(build_campaign(labeled.corpus), labeled))
    crawls.import_second()
    comment = crawls.comment(2)
    assert (comment.text, comment.text_revision) == ("What 2 says now.", 2)
    assert [(r.number, r.text) for r in comment.revisions.all()] == [(1, "What 2 says.")]
    annotation.refresh_from_db()
    assert annotation.text_revision == 1


def test_a_deleted_comment_is_a_tombstone_that_keeps_its_place_and_author(
    site: Site, crawls: Crawls
) -> None:
    crawls.import_first()
    before = crawls.comment(5)
    crawls.import_second()
    after = crawls.comment(5)
    if not site.has_tombstones:
        assert row(after) == row(before)
        return
    assert (after.status, after.text, after.html) == ("deleted_by_author", "", "")
    assert (after.blocks, after.links) == ([], [])
    assert [(r.number, r.text) for r in after.revisions.all()] == [(1, "What 5 says.")]
    assert after.text_revision == 2
    for kept in ("author_id", "posted_at", "thread_id", "kind", "reply_to_id"):
        assert getattr(after, kept) == getattr(before, kept)
    assert after.reply_to_source_id == before.reply_to_source_id
    reply = crawls.comment(6)
    assert (reply.reply_to_id, reply.depth) == (after.pk, after.depth + 1)
    assert reply.text == "What 6 says."


def test_an_orphan_finds_its_parent(site: Site, crawls: Crawls) -> None:
    first = crawls.import_first()
    second = crawls.import_second()
    assert first["replies"]["orphaned"] == (1 if site.flat else 0)
    assert second["replies"]["orphaned"] == 0
    parent, reply = crawls.comment(7), crawls.comment(8)
    assert (reply.reply_to_id, reply.depth) == (parent.pk, parent.depth + 1)
    assert reply.position == parent.position + 1


def test_what_is_missing_gets_less(site: Site, crawls: Crawls) -> None:
    told = MISSING_AT_FIRST if site.counts_missing else 0
    assert crawls.import_first()["missing"] == Thread.objects.get().missing == told
    told = MISSING_LATER if site.counts_missing else 0
    assert crawls.import_second()["missing"] == told
    assert sum(Thread.objects.values_list("missing", flat=True)) == told


def test_what_merely_vanished_stays_as_it_is(site: Site, crawls: Crawls) -> None:
    crawls.import_first()
    before = row(crawls.comment(4))
    crawls.import_second()
    comment = crawls.comment(4)
    assert row(comment) == before
    assert (comment.status, comment.text) == ("visible", "What 4 says.")
    assert not comment.revisions.exists()


def test_no_other_thread_appears(site: Site, crawls: Crawls) -> None:
    crawls.import_first()
    before = list(Thread.objects.values_list("source_id", "created_at"))
    assert len(before) == 1
    crawls.import_second()
    assert list(Thread.objects.values_list("source_id", "created_at")) == before


def test_the_newer_crawl_imported_again_changes_nothing(site: Site, crawls: Crawls) -> None:
    crawls.import_first()
    crawls.import_second()
    before, revisions = stored(), list(CommentRevision.objects.values())
    report = crawls.import_second()
    for noun in ("threads", "openings", "comments", "authors"):
        assert (report[noun]["created"], report[noun]["updated"]) == (0, 0)
    assert stored() == before
    assert list(CommentRevision.objects.values()) == revisions
