"""What may be relied on when labels are exported: into the storage, a stream, a file."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from annotations.errors import InvalidInput, JobCancelled, JobSuperseded
from annotations.exporters import table
from annotations.exporters.contents import Contents
from annotations.exporters.registry import exporters, streamed
from annotations.models import Aggregation, Campaign, ExportRun
from annotations.samples.recipe import Recipe
from annotations.selectors import dataset
from annotations.services.aggregation import aggregate, start_aggregation
from annotations.services.exports import (
    prepared,
    start_export,
    stream_labels,
    write_dataset,
    write_export,
)
from annotations.services.jobs import cancel_job, claim_job, run_job
from annotations.services.running_job import LEASE, RunningJob
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_campaign,
    build_comment,
    build_membership,
    build_thread,
    build_unit,
    build_user,
)

State = ExportRun.State


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    """The file storage of the test, as a folder."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    campaign = build_campaign(slug="bridge-study")
    thread = build_thread(campaign.corpus)
    member = build_membership(campaign)
    for number in range(5):
        comment = build_comment(thread, f"Comment {number} 😀")
        annotation = build_annotation(build_unit(campaign, comment), member)
        build_answer(annotation, "claim", label="yes")
        build_answer(annotation, "reasons", label="rude")
    return campaign


def exported(
    campaign: Campaign, format: str = "jsonl", contents: Contents | None = None
) -> ExportRun:
    run = start_export(campaign=campaign, format=format, user=None, now=NOON, contents=contents)
    run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    assert run.state == State.DONE, run.error
    return run


def content(run: ExportRun) -> bytes:
    with default_storage.open(run.file) as file:
        return bytes(file.read())


def export_command(*args: str) -> str:
    """What the command says on stderr."""
    said = io.StringIO()
    call_command("export", *args, stderr=said)
    return said.getvalue()


class TestExport:
    @pytest.mark.parametrize("format", exporters())
    def test_the_row_describes_the_file(self, campaign: Campaign, format: str) -> None:
        run = exported(campaign, format)
        data = content(run)
        assert run.file == f"exports/bridge-study-{run.pk}-1.{exporters()[format].extension}"
        assert (run.rows, run.done, run.total) == (5, 5, 5)
        assert run.bytes == len(data)
        assert run.sha256 == hashlib.sha256(data).hexdigest()

    @pytest.mark.parametrize("format", exporters())
    def test_the_same_labels_give_the_same_bytes(self, campaign: Campaign, format: str) -> None:
        first, second = exported(campaign, format), exported(campaign, format)
        assert first.file != second.file
        assert content(first) == content(second)

    @pytest.mark.parametrize("format", streamed())
    def test_a_stream_has_the_bytes_of_the_file(self, campaign: Campaign, format: str) -> None:
        streamed_bytes = b"".join(stream_labels(campaign, format))
        assert streamed_bytes == content(exported(campaign, format))

    def test_a_campaign_without_labels_gives_an_empty_file(self, transactional_db: None) -> None:
        run = exported(build_campaign())
        assert (run.rows, run.bytes, content(run)) == (0, 0, b"")

    def test_only_the_finished_file_is_left(self, campaign: Campaign, storage: Path) -> None:
        run = exported(campaign)
        assert [path.name for path in (storage / "exports").iterdir()] == [Path(run.file).name]
        assert (storage / run.file).stat().st_mode & 0o077 == 0

    def test_an_unknown_format_is_refused_before_anything_is_stored(
        self, campaign: Campaign
    ) -> None:
        with pytest.raises(InvalidInput, match="'xml' is no export format"):
            start_export(campaign=campaign, format="xml", user=None, now=NOON)
        with pytest.raises(InvalidInput, match="'xml' is no export format"):
            stream_labels(campaign, "xml")
        assert not ExportRun.objects.exists()


class TestAttempts:
    def test_a_new_attempt_clears_up_after_a_killed_one(
        self, campaign: Campaign, storage: Path
    ) -> None:
        """Killed once half-way through the file, once after it was stored but not yet told."""
        run = start_export(campaign=campaign, format="csv", user=None, now=NOON)
        for number, left in enumerate((".{}.part", "{}"), 1):
            claim_job(ExportRun, run.pk, now=NOON + (number - 1) * LEASE)
            path = storage / "exports" / left.format(f"bridge-study-{run.pk}-{number}.csv")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"half")
        run_job(ExportRun, run.pk, write_export, clock=lambda: NOON + 2 * LEASE)
        run.refresh_from_db()
        assert (run.state, run.attempt) == (State.DONE, 3)
        assert [path.name for path in (storage / "exports").iterdir()] == [Path(run.file).name]
        assert content(run) == b"".join(stream_labels(campaign, "csv"))

    def test_an_attempt_from_the_dead_does_not_touch_the_file_of_the_next(
        self, campaign: Campaign, storage: Path
    ) -> None:
        run = start_export(campaign=campaign, format="jsonl", user=None, now=NOON)
        old_job = claim_job(ExportRun, run.pk, now=NOON)
        assert old_job is not None
        run_job(ExportRun, run.pk, write_export, clock=lambda: NOON + LEASE)
        build_annotation(build_unit(campaign))
        with pytest.raises(JobSuperseded):
            write_export(RunningJob(old_job, clock=lambda: NOON + LEASE))
        run.refresh_from_db()
        assert hashlib.sha256(content(run)).hexdigest() == run.sha256
        assert [path.name for path in (storage / "exports").iterdir()] == [Path(run.file).name]

    def test_a_cancelled_export_leaves_no_file(self, campaign: Campaign, storage: Path) -> None:
        run = start_export(campaign=campaign, format="jsonl", user=None, now=NOON)
        job = claim_job(ExportRun, run.pk, now=NOON)
        assert job is not None
        cancel_job(job=run, now=NOON + timedelta(seconds=1))
        with pytest.raises(JobCancelled):
            write_export(RunningJob(job, clock=timezone.now))
        assert list((storage / "exports").iterdir()) == []


class TestWarnings:
    def test_kept_formulas_are_counted_and_escaped_ones_are_none(self, campaign: Campaign) -> None:
        unit = build_unit(campaign, build_comment(campaign.corpus.threads.get(), "=1+1"))
        annotation = build_annotation(unit, campaign.memberships.get(), note="-- see above")
        build_answer(annotation, "reasons", label="rude")
        build_answer(annotation, "reasons", label="wrong")
        build_answer(annotation, "why", text="@everybody")
        (warning,) = exported(campaign, "csv").warnings
        assert warning.startswith(
            "7 cells begin with a sign that a spreadsheet takes for a formula"
        )
        assert exported(campaign, "jsonl").warnings == []
        escaped = exported(campaign, "csv", contents=Contents(formulas="escape"))
        assert escaped.warnings == []
        assert escaped.contents["formulas"] == "escape"

    def test_what_the_source_took_back_is_counted(self, campaign: Campaign) -> None:
        campaign.corpus.comments.filter(text__startswith="Comment 1").update(status="spam")
        run = exported(campaign)
        assert (run.withheld, run.rows) == (1, 4)
        assert run.warnings == ["1 comment of the sample stayed behind: the source took it back."]

    def test_an_aggregation_that_is_older_than_labels_is_told(self, campaign: Campaign) -> None:
        aggregation = start_aggregation(campaign=campaign, method="majority", user=None, now=NOON)
        run_job(Aggregation, aggregation.pk, aggregate)
        contents = Contents(layers=("human", "aggregated"), method="majority")
        assert exported(campaign, contents=contents).warnings == []
        later = timezone.now() + timedelta(minutes=1)
        for _ in range(2):
            annotation = build_annotation(build_unit(campaign), saved_at=later)
            build_answer(annotation, "claim", label="no")
        assert exported(campaign, contents=contents).warnings == [
            "The aggregation by Majority is older than 2 labels: "
            "compute it again on the page Quality.",
            "2 labeled units have no answer of the aggregation by Majority.",
        ]

    def test_an_aggregation_that_there_is_not_is_refused(self, campaign: Campaign) -> None:
        contents = Contents(layers=("aggregated",), method="mace")
        with pytest.raises(InvalidInput, match="no finished aggregation by mace"):
            start_export(campaign=campaign, format="csv", user=None, now=NOON, contents=contents)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["jsonl", "threads", "csv", "parquet", "huggingface", "doccano"])
def test_memory_does_not_grow_with_the_number_of_labels(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, format: str
) -> None:
    monkeypatch.setattr(dataset, "COMMENTS_AT_ONCE", 50)
    monkeypatch.setattr(table, "ROWS_AT_ONCE", 50)
    campaign = build_campaign()
    thread, member = build_thread(campaign.corpus), build_membership(campaign)

    @transaction.atomic
    def label_more(count: int) -> None:
        for number in range(count):
            comment = build_comment(thread, f"{number} " + "x" * 5_000)
            annotation = build_annotation(build_unit(campaign, comment), member)
            build_answer(annotation, "claim", label="yes")

    def peak() -> int:
        gc.collect()
        tracemalloc.start()
        rows = prepared(campaign, Contents(), "key")
        written = write_dataset(exporters()[format], rows, tmp_path / "written")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert written.size > 1_000
        return most

    label_more(200)
    peak()
    few = peak()
    label_more(400)
    assert peak() < 1.5 * few


class TestCommand:
    def test_it_writes_the_file_and_records_the_export(
        self, campaign: Campaign, tmp_path: Path
    ) -> None:
        user, out = build_user("rosa"), tmp_path / "labels.jsonl"
        said = export_command(
            "bridge-study", "--format=jsonl", f"--out={out}", f"--user={user.username}"
        )
        run = ExportRun.objects.get()
        assert out.read_bytes() == content(run)
        assert (run.state, run.created_by) == (State.DONE, user)
        assert f"5 rows, {run.bytes:,} bytes, in {out}." in said
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["labels.jsonl"]

    def test_a_dash_is_standard_output(
        self, campaign: Campaign, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        export_command("bridge-study", "--format=jsonl", "--out=-")
        lines = capfdbinary.readouterr().out.splitlines()
        assert [json.loads(line)["answers"] for line in lines] == [
            {"claim": "yes", "reasons": ["rude"]}
        ] * 5

    def test_what_is_in_it_is_chosen_by_options_and_a_file(
        self, campaign: Campaign, tmp_path: Path
    ) -> None:
        chosen, out = tmp_path / "contents.yaml", tmp_path / "out.zip"
        chosen.write_text("layers: [human]\nprivacy: redacted\nfilters: {keywords: [comment 1]}\n")
        args = ("--layers", "human", "gold", "--context=thread", "--split-by=thread")
        export_command(
            "bridge-study", "--format=huggingface", f"--out={out}", f"--contents={chosen}", *args
        )
        run = ExportRun.objects.get()
        assert Contents.from_json(run.contents) == Contents(
            layers=("human", "gold"),
            privacy="redacted",
            context="thread",
            split_by="thread",
            filters=Recipe(keywords=("comment 1",)),
        )
        with zipfile.ZipFile(out) as archive:
            assert "README.md" in archive.namelist()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("layers: [human", "not valid YAML"),
            ("- human", "write the fields of the contents"),
            ("layer: [human]", "no 'layer'"),
            ("context: everything", "one of none, article, thread"),
            ("filters: {depth_min: deep}", "Expected `int"),
        ],
    )
    def test_a_file_of_contents_that_is_wrong_is_told(
        self, campaign: Campaign, tmp_path: Path, content: str, message: str
    ) -> None:
        chosen = tmp_path / "contents.yaml"
        chosen.write_text(content)
        with pytest.raises(CommandError, match=message):
            export_command(
                "bridge-study", "--format=csv", f"--out={tmp_path / 'x'}", f"--contents={chosen}"
            )

    def test_it_replaces_an_older_file_as_a_whole(self, campaign: Campaign, tmp_path: Path) -> None:
        out = tmp_path / "labels.csv"
        out.write_text("old")
        with out.open() as reader:
            export_command("bridge-study", "--format=csv", f"--out={out}")
            assert reader.read() == "old"
        assert out.read_bytes().startswith(b"campaign,")

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["nowhere", "--format=csv", "--out=x"], "no campaign 'nowhere'.*bridge-study"),
            (["bridge-study", "--format=xml", "--out=x"], "'csv'"),
            (["bridge-study", "--format=csv", "--out=x", "--user=nobody"], "no user 'nobody'"),
            (["bridge-study", "--format=csv", "--out=no/such/x"], "cannot be written: No such"),
            (["bridge-study", "--format=csv", "--out=."], "is a folder: name a file in it"),
        ],
    )
    def test_a_mistake_is_told_before_any_work_starts(
        self,
        campaign: Campaign,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        args: list[str],
        message: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(CommandError, match=message):
            export_command(*args)
        assert not ExportRun.objects.exists()
        assert [path for path in tmp_path.iterdir() if path.is_file()] == []

    def test_an_export_that_fails_leaves_the_older_file(
        self, campaign: Campaign, tmp_path: Path, storage: Path
    ) -> None:
        storage.mkdir()
        (storage / "exports").write_text("a file where the folder should be")
        out = tmp_path / "labels.csv"
        out.write_text("old")
        with pytest.raises(CommandError, match=r"Export \d+ has no file: Unexpected error"):
            export_command("bridge-study", "--format=csv", f"--out={out}")
        assert out.read_text() == "old"
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["labels.csv"]
