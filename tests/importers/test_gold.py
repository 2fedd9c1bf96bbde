"""Labels that come with the data: closed campaigns, gold annotations, rows of the export."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from annotations.errors import NotFound
from annotations.models import Annotation, Answer, Campaign, Codebook, Comment, Revision, Unit
from annotations.services.gold import GoldLabel, save_gold
from annotations.services.jobs import run_job
from importers import running
from importers.models import ImportRun
from importers.records import CommentRecord, GoldRecord, Record, ThreadRecord
from importers.registry import get_format
from importers.running import import_source
from importers.services import recognise
from importers.source import Source
from tests.annotations.exported import label_rows
from tests.builders import NOON, build_comment, build_corpus, build_thread
from tests.importers.storing import run_command

pytestmark = pytest.mark.django_db

CODEBOOK = "rumoureval-sdqc"
STANCES = {"1": "support", "2": "deny", "3": "query"}
PEOPLE = {"id_str": "7", "screen_name": "ada"}


def tweet(number: int, answered: int | None = None) -> dict[str, Any]:
    return {
        "id_str": str(number),
        "text": f"What {number} says.",
        "user": PEOPLE,
        "created_at": "Fri Mar 01 12:00:00 +0000 2024",
        "in_reply_to_status_id_str": str(answered) if answered else None,
    }


def write_rumour(folder: Path, stances: Mapping[str, str]) -> Path:
    """A rumour of three tweets, and a file of labels."""
    files = {
        "storm/1/source-tweet/1.json": tweet(1),
        "storm/1/replies/2.json": tweet(2, 1),
        "storm/1/replies/3.json": tweet(3, 2),
        "storm/1/structure.json": {"1": {"2": {"3": []}}},
        "labels.json": stances,
    }
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    return folder


@pytest.fixture
def rumour(tmp_path: Path) -> Path:
    return write_rumour(tmp_path / "rumour", STANCES)


def gold() -> dict[str, str]:
    """The gold label of each comment."""
    answers = Answer.objects.filter(annotation__source=Annotation.Source.GOLD)
    return dict(answers.values_list("annotation__unit__comment__source_id", "label__key"))


class TestImport:
    def test_the_labels_are_annotations_by_nobody_in_a_closed_campaign(self, rumour: Path) -> None:
        (report,) = run_command(rumour)
        assert (report["format"], report["gold"], report["refused"]) == ("pheme", 3, [])
        campaign = Campaign.objects.get()
        assert (campaign.state, campaign.corpus.slug) == (Campaign.State.CLOSED, "news")
        assert campaign.codebook.key == CODEBOOK
        assert not campaign.memberships.exists()
        assert gold() == STANCES
        for annotation in Annotation.objects.all():
            assert (annotation.source, annotation.state) == ("gold", "submitted")
            assert (annotation.membership, annotation.text_revision) == (None, 1)

    def test_every_annotation_has_its_revision(self, rumour: Path) -> None:
        run_command(rumour)
        for annotation in Annotation.objects.all():
            revision = annotation.revisions.get()
            (answer,) = annotation.answers.all()
            assert answer.label is not None
            assert (revision.number, annotation.revision) == (1, 1)
            assert revision.content == {
                "state": "submitted",
                "text_revision": 1,
                "answers": {"stance": answer.label.key},
            }

    def test_the_rows_of_an_export_carry_them(self, rumour: Path) -> None:
        run_command(rumour)
        rows = list(label_rows(Campaign.objects.get()))
        assert {row.comment_id: row.value for row in rows} == STANCES
        assert {(row.source, row.annotator, row.question) for row in rows} == {
            ("gold", "", "stance")
        }
        assert [row.comment_id for row in rows] == ["1", "2", "3"]

    def test_the_second_import_changes_nothing(self, rumour: Path) -> None:
        run_command(rumour)
        models = (Campaign, Codebook, Unit, Annotation, Answer, Revision)
        before = [list(model._default_manager.order_by("pk").values()) for model in models]
        (report,) = run_command(rumour)
        after = [list(model._default_manager.order_by("pk").values()) for model in models]
        assert after == before
        assert report["gold"] == 3

    def test_a_label_that_changed_is_one_more_revision(self, rumour: Path, tmp_path: Path) -> None:
        run_command(rumour)
        run_command(write_rumour(tmp_path / "newer", {**STANCES, "2": "comment"}))
        annotation = Annotation.objects.get(unit__comment__source_id="2")
        assert annotation.revision == 2
        said = [revision.content["answers"] for revision in annotation.revisions.order_by("number")]
        assert said == [{"stance": "deny"}, {"stance": "comment"}]
        assert gold() == {**STANCES, "2": "comment"}

    def test_another_corpus_has_its_own_campaign_and_the_same_codebook(self, rumour: Path) -> None:
        long = "a" * 60
        run_command(rumour, corpus=f"{long}-1")
        run_command(rumour, corpus=f"{long}-2")
        assert Codebook.objects.get().key == CODEBOOK
        assert [c.corpus.slug for c in Campaign.objects.order_by("pk")] == [
            f"{long}-1",
            f"{long}-2",
        ]
        assert Annotation.objects.count() == 6

    def test_a_dry_run_counts_them_and_keeps_none(self, rumour: Path) -> None:
        (report,) = run_command(rumour, dry_run=True)
        assert report["gold"] == 3
        assert not Campaign.objects.exists()
        assert not Annotation.objects.exists()


class TestRefusals:
    """What no format of ours gives, but a record may say."""

    def imported(self, *labels: GoldRecord, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
        def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
            yield from labels  # before the comments
            yield ThreadRecord(id="t")
            yield CommentRecord(id="c1", thread_id="t", text="The bear is out.")

        made_up = replace(get_format("table"), read=read, by_line=lambda *_: False)
        monkeypatch.setattr(running, "get_format", lambda _: made_up)
        run = ImportRun(corpus=build_corpus(), file_name="made up", created_at=timezone.now())
        source = Source(Path(__file__))
        recognise(run, source, format="table", options={})
        run.save()
        run_job(ImportRun, run.pk, lambda job: import_source(job, source))
        run.refresh_from_db()
        return run

    def test_a_label_may_come_before_its_comment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = self.imported(label("c1", "query"), monkeypatch=monkeypatch)
        assert (run.state, run.counts["gold"]) == ("done", 1)
        assert gold() == {"c1": "query"}

    def test_one_of_an_unknown_comment_is_refused_with_its_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = self.imported(label("c1", "deny"), label("c9", "deny", 7), monkeypatch=monkeypatch)
        assert (run.state, run.counts["gold"], run.counts["refused_count"]) == ("done", 1, 1)
        (refusal,) = run.refusals
        assert refusal["line"] == 7
        assert "c9" in refusal["message"]

    def test_one_that_the_codebook_has_not_is_refused_and_not_counted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wrong = GoldRecord(comment_id="c1", codebook=CODEBOOK, question="mood", label="deny")
        labels = (label("c1", "shrug"), wrong, label("c1", "deny"))
        run = self.imported(*labels, monkeypatch=monkeypatch)
        assert (run.state, run.counts["gold"], run.counts["refused_count"]) == ("done", 1, 2)
        assert [refusal["message"] for refusal in run.refusals] == [
            f"{CODEBOOK} has no label 'shrug' for the question 'stance'.",
            f"{CODEBOOK} has no label 'deny' for the question 'mood'.",
        ]
        assert gold() == {"c1": "deny"}

    def test_one_of_an_unknown_codebook_fails_the_import_in_words(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wrong = GoldRecord(comment_id="c1", codebook="tarot", question="stance", label="deny")
        run = self.imported(wrong, monkeypatch=monkeypatch)
        assert (run.state, run.error) == ("failed", "The library has no codebook 'tarot'.")

    @pytest.mark.django_db(transaction=True)
    def test_an_attempt_that_died_after_the_labels_were_stored_counts_them_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing but the end of the piece was not written yet."""
        work, attempts = running.run_piece, []

        def run_piece(*arguments: Any) -> dict[str, Any]:
            fields = work(*arguments)
            attempts.append(fields)
            if len(attempts) == 1:
                raise OperationalError("The database went away.")
            return fields

        monkeypatch.setattr(running, "run_piece", run_piece)
        run = self.imported(label("c1", "deny"), monkeypatch=monkeypatch)
        assert (run.state, len(attempts)) == ("done", 2)
        assert (run.counts["gold"], run.counts["comments"]["created"]) == (1, 1)
        assert Revision.objects.count() == 1


def label(comment: str, stance: str, line: int | None = None) -> GoldRecord:
    return GoldRecord(
        comment_id=comment, codebook=CODEBOOK, question="stance", label=stance, line=line
    )


def test_labels_need_a_codebook_of_the_library() -> None:
    comment = build_comment(build_thread(build_corpus()))
    labels = [GoldLabel(comment=comment.pk, question="stance", label="deny")]
    with pytest.raises(NotFound, match="tarot"):
        save_gold(corpus=comment.corpus, codebook="tarot", labels=labels, now=NOON)


def test_a_label_of_an_edited_comment_belongs_to_what_it_says_now() -> None:
    comment = build_comment(build_thread(build_corpus()), text_revision=3)
    labels = [GoldLabel(comment=comment.pk, question="stance", label="deny")]
    assert save_gold(corpus=comment.corpus, codebook=CODEBOOK, labels=labels, now=NOON) == []
    assert Annotation.objects.get().text_revision == 3
    assert Comment.objects.count() == 1
