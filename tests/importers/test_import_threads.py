"""Files become threads: once, whole, and again only what is new."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from annotations.models import (
    Author,
    Comment,
    CommentRevision,
    Corpus,
    Membership,
    Thread,
)
from annotations.services.campaigns import create_campaign
from importers.models import ImportRun
from tests.annotations.study import a_save, draw, label_next
from tests.builders import (
    NOON,
    build_codebook,
    build_user,
)
from tests.importers.storing import (
    CORPUS,
    NOTHING,
    Line,
    created,
    line,
    run_command,
    stored,
    tree,
    try_command,
    write_lines,
)

pytestmark = pytest.mark.django_db


class TestFirstImport:
    def test_the_report_counts_what_was_stored(self, file: Path) -> None:
        (report,) = run_command(file)
        assert (report["state"], report["format"], report["error"]) == ("done", "table", "")
        assert (report["file"], report["corpus"]) == ("talk.jsonl", CORPUS)
        assert report["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert report["threads"] == report["openings"] == created(1)
        assert report["comments"] == created(3)
        assert report["authors"] == created(3)
        assert report["replies"] == {
            "given": 3,
            "inferred": 0,
            "orphaned": 0,
            "cyclic": 0,
            "cut": [],
        }
        assert (report["missing"], report["refused_count"], report["refused"]) == (0, 0, [])

    def test_the_thread_stands_in_reading_order(self, file: Path) -> None:
        run_command(file)
        assert tree() == [("a", None, 0), ("c1", "a", 1), ("c3", "c1", 2), ("c2", "a", 1)]

    def test_a_comment_is_what_the_line_said(self, file: Path) -> None:
        run_command(file)
        comment = Comment.objects.get(source_id="c1")
        assert (comment.text, comment.score) == ("This is what c1 says.", 3)
        assert comment.posted_at is not None
        assert comment.posted_at.isoformat() == "2024-03-01T11:00:00+00:00"
        assert comment.raw["author"] == "Ada"
        assert comment.author is not None
        assert comment.author.name == "Ada"

    def test_an_author_has_one_pseudonym_a_corpus(self, file: Path) -> None:
        run_command(file)
        run_command(file, corpus="other")
        pseudonyms = Counter(Author.objects.filter(name="Ada").values_list("pseudonym", flat=True))
        assert sorted(pseudonyms.values()) == [1, 1]
        assert not Author.objects.filter(pseudonym__icontains="ada").exists()

    def test_the_run_is_kept_with_its_report(self, file: Path) -> None:
        (report,) = run_command(file, user=build_user("rosa").username)
        run = ImportRun.objects.get()
        assert (run.state, run.done, run.total) == ("done", file.stat().st_size, run.done)
        assert run.counts["comments"] == report["comments"]
        assert run.created_by is not None
        assert run.created_by.username == "rosa"

    def test_it_reads_for_people_too(self, file: Path) -> None:
        out = io.StringIO()
        call_command("import_threads", str(file), corpus=CORPUS, stdout=out)
        shown = out.getvalue()
        assert "talk.jsonl: done, as table" in shown
        assert "comments: 3 created, 0 updated, 0 unchanged" in shown


class TestSecondImport:
    def test_it_stores_nothing(self, file: Path) -> None:
        run_command(file)
        before = stored()
        (report,) = run_command(file)
        assert stored() == before
        assert report["threads"] == report["openings"] == {**NOTHING, "unchanged": 1}
        assert report["comments"] == report["authors"] == {**NOTHING, "unchanged": 3}
        assert report["replies"]["given"] == 3

    def test_an_edited_text_is_updated_and_what_it_said_is_kept(self, file: Path) -> None:
        run_command(file)
        said = "This is what c2 says."
        file.write_text(file.read_text().replace(said, "I take it back."))
        (report,) = run_command(file)
        assert report["comments"] == {"created": 0, "updated": 1, "unchanged": 2}
        comment = Comment.objects.get(source_id="c2")
        assert (comment.text, comment.text_revision) == ("I take it back.", 2)
        (revision,) = CommentRevision.objects.all()
        assert (revision.comment, revision.number, revision.text) == (comment, 1, said)

    def test_labels_stay_when_the_text_is_edited(self, file: Path) -> None:
        run_command(file)
        member = campaign_member()
        span = {"start": 0, "end": 4, "quote": "This", "label": "fact"}
        annotation = label_next(member, a_save({"part": [span]}))
        file.write_text(file.read_text().replace("This is what c1 says.", "No."))
        run_command(file)
        annotation.refresh_from_db()
        answer = annotation.answers.get()
        assert (annotation.text_revision, answer.quote) == (1, "This")
        assert annotation.unit.comment is not None
        old = annotation.unit.comment.revisions.get(number=annotation.text_revision)
        assert old.text[answer.start : answer.end] == "This"

    def test_what_changed_besides_the_text_is_updated_without_a_revision(self, file: Path) -> None:
        run_command(file)
        file.write_text(file.read_text().replace('"score": 3', '"score": 4'))
        (report,) = run_command(file)
        assert report["comments"]["updated"] == 1
        assert Comment.objects.get(source_id="c1").score == 4
        assert not CommentRevision.objects.exists()

    def test_a_thread_gets_the_title_that_came_late(self, tmp_path: Path) -> None:
        first = write_lines(tmp_path / "1.jsonl", [line("c1"), line("c2")])
        titled = [line("c1", thread_title="The bridge"), line("c2", thread_title="The bridge")]
        (one, other) = run_command(first, write_lines(tmp_path / "2.jsonl", titled))
        assert (one["threads"], other["threads"]) == (created(1), {**NOTHING, "updated": 1})
        assert Thread.objects.get().title == "The bridge"

    def test_a_comment_that_the_file_lacks_now_stays(self, file: Path, tmp_path: Path) -> None:
        run_command(file)
        shorter = write_lines(tmp_path / "shorter.jsonl", file.read_text().splitlines()[:2])
        run_command(shorter)
        assert len(tree()) == 4


def campaign_member() -> Membership:
    campaign = create_campaign(
        slug="talk",
        corpus=Corpus.objects.get(),
        codebook=build_codebook(),
        annotators=[build_user()],
        now=NOON,
    )
    return draw(campaign).memberships.get()


class TestDryRun:
    def test_it_stores_nothing_and_reports_what_an_import_would(
        self, file: Path, tmp_path: Path
    ) -> None:
        run_command(file)
        before = stored()
        lines: list[Line] = [
            *file.read_text().replace("c2 says", "c2 meant").splitlines(),
            line("c4", parent="gone", author="Eve"),
            line("c5", parent="c5"),
            line("c6", thread="t2"),
            "{",
        ]
        path = write_lines(tmp_path / "more.jsonl", lines)
        (dry,) = run_command(path, dry_run=True)
        assert stored() == before
        assert Author.objects.count() == 3
        (real,) = run_command(path)
        assert dry.pop("dry_run") is True
        assert real.pop("dry_run") is False
        assert dry == real
        assert real["comments"] == {"created": 3, "updated": 1, "unchanged": 2}
        assert (real["replies"]["orphaned"], real["replies"]["cut"]) == (1, ["c5"])

    def test_on_sqlite_it_takes_no_file_that_would_keep_everybody_waiting(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("importers.running.DRY_RUN_BYTES_ON_SQLITE", 10)
        ((report,), _) = try_command(file, dry_run=True)
        refused = "keeps everybody waiting" in report["error"]
        assert refused is (connection.vendor == "sqlite")
        assert report["state"] == ("failed" if refused else "done")

    def test_it_is_a_run_of_its_own(self, file: Path) -> None:
        run_command(file, dry_run=True)
        assert [(run.dry_run, run.state) for run in ImportRun.objects.all()] == [(True, "done")]


def test_a_corpus_may_keep_pseudonyms_and_nothing_else_of_its_people(tmp_path: Path) -> None:
    names = Corpus.AuthorNames
    for slug, choice in (("named", names.PSEUDONYM), ("nameless", names.DROPPED)):
        corpus = Corpus.objects.create(
            slug=slug, author_names=choice, pseudonym_key="ab" * 32, created_at=NOON
        )
        lines = [line("c1", author="Ada Lovelace"), line("c2", parent="c1", author="Ada Lovelace")]
        path = write_lines(tmp_path / "talk.jsonl", lines)
        run_command(path, corpus=slug)
        (again,) = run_command(path, corpus=slug)
        assert again["authors"] == {**created(0), "unchanged": 1}
        assert again["comments"]["unchanged"] == 2
    author = Author.objects.get(corpus=corpus)
    known = Author.objects.get(corpus__slug="named")
    assert (author.name, known.name) == ("", "Ada Lovelace")
    assert author.source_id == author.pseudonym == known.pseudonym
    assert not any("Lovelace" in json.dumps(row.raw) for row in corpus.comments.all())
    assert tree("nameless") == tree("named")
