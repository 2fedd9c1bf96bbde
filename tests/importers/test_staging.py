"""An upload is kept, recognised, shown, and then imported: by a job, as often as asked."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from annotations.errors import Conflict, InvalidInput, UnreadableFile
from annotations.models import Comment
from annotations.services.jobs import cancel_job, retry_job, run_job
from importers.files import shown_name
from importers.models import ImportRun
from importers.records import CommentRecord, RecordError, ThreadRecord
from importers.running import run_import
from importers.services import (
    candidates_of,
    change_format,
    preview,
    repeat_import,
    stage_import,
    start_import,
)
from tests.builders import NOON, build_corpus, build_user

pytestmark = pytest.mark.django_db

TABLE = b"""post,id,parent,who,said
p1,1,,Ada,The bridge is old and needs work.
p1,2,1,Ben,It is older than you think it is.
p1,three cells
p1,3,1,Ada,And so am I by now.
"""


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def kept(files: Path) -> list[Path]:
    return [path for path in files.rglob("*") if path.is_file()]


def stage(content: bytes = TABLE, name: str = "bridge.csv", **fields: Any) -> ImportRun:
    given = {"corpus": build_corpus(), "user": None, "now": NOON, **fields}
    return stage_import(file=io.BytesIO(content), name=name, **given)


def ran(run: ImportRun) -> ImportRun:
    run_job(ImportRun, run.pk, run_import)
    return ImportRun.objects.get(pk=run.pk)


class TestStage:
    def test_the_file_is_kept_and_recognised(self, files: Path) -> None:
        user = build_user()
        run = stage(user=user)
        assert (run.state, run.format, run.file_name) == ("staged", "table", "bridge.csv")
        assert (run.total, run.created_by, run.created_at) == (len(TABLE), user, NOON)
        assert run.options["columns"] == {
            "comment": "id",
            "parent": "parent",
            "text": "said",
        }
        (path,) = kept(files)
        assert path.read_bytes() == TABLE
        assert not Comment.objects.exists()

    def test_a_staged_run_is_not_worked_on(self) -> None:
        assert ran(stage()).state == "staged"

    @pytest.mark.parametrize(
        ("content", "error", "words"),
        [
            (b"", UnreadableFile, "is empty"),
            (b"PK\x03\x04", UnreadableFile, "ZIP archive"),
            (b"nothing to see", UnreadableFile, "none of the known formats"),
        ],
    )
    def test_what_cannot_be_read_is_not_kept(
        self, files: Path, content: bytes, error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            stage(content)
        assert kept(files) == []
        assert not ImportRun.objects.exists()

    def test_nor_is_what_has_an_unknown_format(self, files: Path) -> None:
        with pytest.raises(InvalidInput, match="no format 'pigeon'"):
            stage(format="pigeon")
        assert kept(files) == []

    def test_a_file_that_is_too_large_is_refused_with_the_way_out(
        self, files: Path, settings: Settings
    ) -> None:
        settings.MAX_UPLOAD_BYTES = 2_000_000
        with pytest.raises(InvalidInput, match=r"bridge.csv has 3 MB; at most 2 .*import_threads"):
            stage(TABLE + b" " * 3_000_000)
        assert kept(files) == []
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\talk\\bridge.csv", "bridge.csv"),
            ("a\0b\x1b[31m\n.csv", "ab[31m.csv"),
            ("half \ud83d.csv", "half .csv"),
            ("\n", "file"),
            ("\u05d0\u05d1.csv", "\u05d0\u05d1.csv"),
            ("x" * 400, "x" * 300),
        ],
    )
    def test_a_name_is_shown_without_what_chokes(self, files: Path, name: str, shown: str) -> None:
        assert shown_name(name) == shown
        assert stage(name=name).file_name == shown
        (path,) = kept(files)
        assert path.parent == files / "imports"


class TestPreview:
    def test_it_shows_the_first_records_and_refusals(self) -> None:
        run = stage()
        thread, one, two, refused = preview(run, limit=4)
        assert isinstance(thread, ThreadRecord)
        assert isinstance(one, CommentRecord)
        assert (one.text, two) == ("The bridge is old and needs work.", preview(run)[2])
        assert isinstance(refused, RecordError)
        assert refused.line == 4
        assert len(preview(run)) == 5

    def test_it_follows_the_columns_as_they_are_corrected(self) -> None:
        run = stage()
        run.options = {"columns": {"text": "said", "author": "who", "thread": "post"}}
        thread, one, *_ = preview(run)
        assert isinstance(thread, ThreadRecord)
        assert isinstance(one, CommentRecord)
        assert (thread.id, one.author_name) == ("p1", "Ada")

    def test_another_format_has_its_own_options(self) -> None:
        run = change_format(run=stage(), format="saved_page")
        assert (run.format, run.options, run.state) == ("saved_page", {}, "staged")
        assert change_format(run=run, format="table").options["columns"]["text"] == "said"
        with pytest.raises(InvalidInput, match="no format 'pigeon'"):
            change_format(run=run, format="pigeon")
        with pytest.raises(Conflict, match="was started already"):
            change_format(run=start_import(run=run), format="saved_page")

    def test_the_likeliest_format_comes_first(self) -> None:
        first, *others = candidates_of(stage())
        assert first.format.name == "table"
        assert all(other.score <= first.score for other in others)

    def test_it_says_which_column_is_not_there(self) -> None:
        run = stage()
        run.options = {"columns": {"text": "words"}}
        with pytest.raises(UnreadableFile, match="no column 'words' for text"):
            preview(run)


class TestStart:
    def test_a_started_run_is_imported_with_its_options(self) -> None:
        columns = {"thread": "post", "comment": "id", "parent": "parent", "text": "said"}
        run = start_import(run=stage(), options={"columns": {**columns, "author": "who"}})
        assert run.state == "queued"
        run = ran(run)
        assert (run.state, run.counts["comments"]["created"]) == ("done", 3)
        assert [refusal["line"] for refusal in run.refusals] == [4]
        assert Comment.objects.get(source_id="2").author is not None

    def test_a_run_is_started_once(self) -> None:
        run = stage()
        start_import(run=run)
        with pytest.raises(Conflict, match="This import is queued: it was started already"):
            start_import(run=run)

    def test_options_that_make_no_sense_fail_in_words(self) -> None:
        run = ran(start_import(run=stage(), options={"colums": {}}))
        assert run.state == "failed"
        assert run.error.startswith("The options of the table make no sense")

    def test_a_file_that_is_not_kept_any_more_fails_in_words(self) -> None:
        run = start_import(run=stage())
        default_storage.delete(run.file)
        run = ran(run)
        assert run.state == "failed"
        assert run.error.startswith("The file bridge.csv is not kept here.")

    def test_what_was_never_confirmed_waits_for_that_again(self) -> None:
        run = retry_job(job=cancel_job(job=stage(), now=NOON), now=NOON)
        assert run.state == "staged"
        assert ran(run).state == "staged"
        assert ran(start_import(run=run)).state == "done"

    def test_a_dry_run_is_followed_by_a_real_one(self) -> None:
        user = build_user()
        dry = ran(start_import(run=stage(), dry_run=True))
        assert (dry.state, dry.dry_run, Comment.objects.count()) == ("done", True, 0)
        again = repeat_import(run=dry, user=user, now=NOON)
        assert (again.state, again.dry_run, again.created_by) == ("staged", False, user)
        assert (again.sha256, again.format, again.options) == (dry.sha256, dry.format, dry.options)
        real = ran(start_import(run=again))
        assert (real.counts, real.refusals) == (dry.counts, dry.refusals)
        assert Comment.objects.count() == 3
