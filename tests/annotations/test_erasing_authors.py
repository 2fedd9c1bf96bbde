"""Erasing the author of comments: nothing of theirs stays, and no file brings it back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from annotations.errors import Conflict
from annotations.exporters.contents import Contents
from annotations.models import (
    Annotation,
    Author,
    Change,
    Comment,
    CommentRevision,
    Corpus,
    Erasure,
    Revision,
    Thread,
)
from annotations.pseudonyms import ERASED
from annotations.selectors.erasing import erasure_preview
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit
from annotations.services.erasing import erase_person
from annotations.services.label_files import file_of_tag, label_file
from importers.models import ImportRun
from importers.records import GoldRecord
from importers.store.gold import LABELS_KEPT_OUT, store_gold
from importers.store.load import Load
from tests.annotations.study import draw
from tests.builders import NOON, build_campaign, build_codebook, build_membership, build_user
from tests.importers.storing import CORPUS, line, run_command, stored, tree, write_lines

pytestmark = pytest.mark.django_db
SECRET = "Ada's own words about the bridge"
LINES = [
    line("c1", text="An opening.", author="Eve", author_id="eve-1"),
    line("c2", text=SECRET, parent="c1", author="Ada Lovelace", author_id="ada-1"),
    line("c3", text="I do not think so.", parent="c2", author="Eve", author_id="eve-1"),
    line("c4", text=f"{SECRET}, once more", parent="c3", author="Ada Lovelace", author_id="ada-1"),
    line("c5", text="Let it be.", parent="c4", author="Bob", author_id="bob-1"),
]
NAMES = (SECRET, "Ada Lovelace", "ada-1", "Ada")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Two versions of a file: Ada's first comment said something else before."""
    before = [LINES[0], {**LINES[1], "text": f"{SECRET}, at first"}, *LINES[2:]]
    run_command(write_lines(tmp_path / "before.jsonl", before))
    run_command(write_lines(tmp_path / "after.jsonl", LINES))
    return Corpus.objects.get(slug=CORPUS)


def ada_of(corpus: Corpus) -> Author:
    return Author.objects.get(corpus=corpus, source_id="ada-1")


def everything() -> str:
    """All rows of all tables as text, as somebody with the database's file would read them."""
    with connection.cursor() as cursor:
        written = []
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            written += [repr(row) for row in cursor.fetchall()]
    return "\n".join(written)


def label(corpus: Corpus) -> Annotation:
    """An annotator quotes Ada, answers in words and writes a note; then changes the note."""
    campaign = build_campaign(corpus, build_codebook(), state="open")
    member = build_membership(campaign)
    campaign.samples.create(created_at=NOON)
    draw(campaign)
    saved: Annotation | None = None
    comment = Comment.objects.get(source_id="c2")
    while saved is None:
        unit = take_unit(membership=member, now=NOON).unit
        mine = unit.comment_id == comment.pk
        answers: dict[str, Any] = {"claim": "yes"}
        if mine:
            answers |= {
                "part": [{"start": 0, "end": len(SECRET), "quote": SECRET, "label": "fact"}],
                "why": f"She says: {SECRET}",
            }
        for based_on, note in enumerate((f"{SECRET}?", "")):
            save = Save(
                save_id=uuid4(),
                based_on=based_on,
                state="submitted",
                answers=answers,
                note=note if mine else "",
            )
            one = save_annotation(membership=member, unit=unit, save=save, now=NOON)
        saved = one if mine else None
    return saved


class TestWhatGoes:
    def test_nothing_of_the_author_is_left_in_any_table(self, corpus: Corpus) -> None:
        label(corpus)
        assert all(name in everything() for name in NAMES)
        erase_person(person=ada_of(corpus), by=build_user(), now=NOON)
        left = everything()
        assert [name for name in NAMES if name in left] == []

    def test_the_tree_keeps_its_shape(self, corpus: Corpus) -> None:
        shape = [depth for _, _, depth in tree()]
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        assert [depth for _, _, depth in tree()] == shape
        assert [name.startswith(ERASED) for name, _, _ in tree()] == [
            False,
            True,
            False,
            True,
            False,
        ]
        statuses = list(Comment.objects.order_by("position").values_list("status", flat=True))
        assert statuses == ["visible", "deleted_by_author"] * 2 + ["visible"]
        assert Author.objects.exclude(name="").count() == 2

    def test_labels_stay_without_words(self, corpus: Corpus) -> None:
        annotation = label(corpus)
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        claim, why, part = annotation.answers.order_by("question__position")
        assert claim.label is not None
        assert (claim.label.key, why.text) == ("yes", "█")
        assert (part.start, part.end, part.quote) == (0, len(SECRET), "█" * len(SECRET))
        first, second = Revision.objects.filter(annotation=annotation).order_by("number")
        assert first.content["note"] == ""
        assert first.content["answers"]["claim"] == "yes"
        assert first.erased_at == second.erased_at == NOON

    def test_earlier_versions_are_emptied(self, corpus: Corpus) -> None:
        assert CommentRevision.objects.exclude(text="").count() == 1
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        assert CommentRevision.objects.exclude(text="").count() == 0

    def test_the_thread_that_they_opened_has_no_title(self, corpus: Corpus) -> None:
        eve = Author.objects.get(source_id="eve-1")
        Comment.objects.filter(source_id="c1").update(kind="post")
        Thread.objects.update(title="Eve's title", url="https://example.org/eve", raw={"by": "Eve"})
        erase_person(person=eve, by=None, now=NOON)
        thread = Thread.objects.get()
        assert (thread.title, thread.url, thread.raw) == ("", "", {})
        assert thread.source_id.startswith(ERASED)

    def test_files_go_when_it_is_committed(
        self, corpus: Corpus, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        campaign = label(corpus).unit.campaign
        names = [
            default_storage.save(f"{folder}/one", ContentFile(b"Ada")) for folder in ("a", "b", "c")
        ]
        for state, file in (("done", names[0]), ("staged", names[1])):
            ImportRun.objects.create(corpus=corpus, state=state, file=file, created_at=NOON)
        campaign.exports.create(format="csv", state="done", file=names[2], created_at=NOON)
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(person=ada_of(corpus), by=None, now=NOON)
        assert [default_storage.exists(name) for name in names] == [False, True, False]
        default_storage.delete(names[1])

    def test_mirrors_are_told(self, corpus: Corpus) -> None:
        annotation = label(corpus)
        Change.objects.all().delete()
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        told = set(Change.objects.values_list("kind", "row"))
        gone = Comment.objects.filter(source_id__startswith=ERASED)
        assert {("comment", pk) for pk in gone.values_list("pk", flat=True)} <= told
        assert ("annotation", annotation.pk) in told

    def test_nobody_is_named_in_what_is_noted(self, corpus: Corpus) -> None:
        by = build_user("root")
        counted = dict(erasure_preview(ada_of(corpus)).goes)
        noted = erase_person(person=ada_of(corpus), by=by, now=NOON)
        assert (noted.kind, noted.corpus, noted.erased_by) == ("author", corpus, by)
        assert noted.counts == counted
        assert sum(noted.counts.values()) >= 4


class TestComingBack:
    def test_the_same_file_changes_nothing(self, corpus: Corpus, tmp_path: Path) -> None:
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        before = stored()
        (report,) = run_command(write_lines(tmp_path / "again.jsonl", LINES))
        assert stored() == before
        assert report["comments"] == {"created": 0, "updated": 0, "unchanged": 5}

    def test_what_they_wrote_since_is_kept_out(self, corpus: Corpus, tmp_path: Path) -> None:
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        lines = [
            line("c6", text=f"{SECRET}, later", parent="c5", author="Ada", author_id="ada-1"),
            line("c7", text="An answer.", parent="c6", author="Bob", author_id="bob-1"),
            line("c8", text="Another answer.", parent="c2", author="Bob", author_id="bob-1"),
        ]
        run_command(write_lines(tmp_path / "more.jsonl", lines))
        left = everything()
        assert [name for name in NAMES if name in left] == []
        new = {comment.text: comment for comment in Comment.objects.filter(text__contains="answer")}
        parent = new["An answer."].reply_to
        assert parent is not None
        assert (parent.text, parent.status) == ("", "deleted_by_author")
        erased = new["Another answer."].reply_to
        assert erased is not None
        assert erased.pk == Comment.objects.order_by("position")[1].pk

    def test_a_reply_that_came_before_what_they_wrote_finds_its_place(
        self, corpus: Corpus, tmp_path: Path
    ) -> None:
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        reply = line("c7", text="An answer.", parent="c6", author="Bob", author_id="bob-1")
        run_command(write_lines(tmp_path / "reply.jsonl", [reply]))
        parent = line("c6", text=SECRET, parent="c5", author="Ada", author_id="ada-1")
        run_command(write_lines(tmp_path / "parent.jsonl", [parent]))
        assert Comment.objects.get(source_id="c7").depth == 6
        assert SECRET not in everything()
        assert "'c6'" not in everything()

    def test_labels_that_come_with_the_data_are_not_asked_for(self, corpus: Corpus) -> None:
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        run = ImportRun.objects.create(corpus=corpus, created_at=NOON)
        load = Load(run=run, now=NOON, base=0)
        load.gold = [GoldRecord(comment_id="c2", codebook="sdqc", question="stance", label="deny")]
        store_gold(load)
        assert load.report.refused == []
        assert load.report.counts()["notes"] == {LABELS_KEPT_OUT: 1}

    def test_others_are_imported_as_ever(self, corpus: Corpus, tmp_path: Path) -> None:
        erase_person(person=ada_of(corpus), by=None, now=NOON)
        changed = [{**LINES[2], "text": "I changed my mind."}]
        run_command(write_lines(tmp_path / "changed.jsonl", changed))
        assert Comment.objects.get(source_id="c3").text == "I changed my mind."


class TestRefused:
    def test_twice(self, corpus: Corpus) -> None:
        ada = ada_of(corpus)
        erase_person(person=ada, by=None, now=NOON)
        ada.refresh_from_db()
        with pytest.raises(Conflict, match="erased already"):
            erase_person(person=ada, by=None, now=NOON)
        assert Erasure.objects.count() == 1


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = io.StringIO()
        call_command("erase_person", *arguments, stdout=out)
        return out.getvalue()

    def test_a_dry_run_tells_and_changes_nothing(self, corpus: Corpus) -> None:
        before = everything()
        told = self.run("--corpus", CORPUS, "--author", "ada-1", "--dry-run")
        assert "2 comments: their texts" in told
        assert "Nothing was erased" in told
        assert everything() == before

    @pytest.mark.parametrize("by_pseudonym", [True, False])
    def test_it_erases_by_id_or_pseudonym(self, corpus: Corpus, by_pseudonym: bool) -> None:
        name = ada_of(corpus).pseudonym if by_pseudonym else "ada-1"
        self.run("--corpus", CORPUS, "--author", name, "--yes")
        assert not Author.objects.filter(source_id="ada-1").exists()
        assert corpus.scans.count() >= 1

    def test_something_else_typed_erases_nobody(
        self, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("builtins.input", lambda _: "eve-1")
        with pytest.raises(CommandError, match="something else"):
            self.run("--corpus", CORPUS, "--author", "ada-1")
        assert ada_of(corpus).name == "Ada Lovelace"

    def test_an_unknown_author_is_refused(self, corpus: Corpus) -> None:
        with pytest.raises(CommandError, match="No author"):
            self.run("--corpus", CORPUS, "--author", "nobody")

    def test_where_names_are_dropped_the_source_s_id_finds_the_author(self, tmp_path: Path) -> None:
        Corpus.objects.create(slug=CORPUS, name="a", author_names="dropped", created_at=NOON)
        path = write_lines(tmp_path / "a.jsonl", LINES)
        run_command(path)
        self.run("--corpus", CORPUS, "--author", "ada-1", "--yes")
        assert SECRET not in everything()
        run_command(path)
        assert SECRET not in everything()


def test_no_file_of_labels_is_read_on(
    corpus: Corpus, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Whoever knows the tag of a kept file may ask for that one, whatever the labels are now."""
    campaign = build_campaign(corpus=corpus)
    file = label_file(campaign, "parquet", Contents())
    assert file_of_tag(campaign, "parquet", Contents(), file.tag) is not None
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(person=ada_of(corpus), by=None, now=NOON)
    assert file_of_tag(campaign, "parquet", Contents(), file.tag) is None
