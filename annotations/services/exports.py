"""Exports of a campaign's labels: asked for, written, streamed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.crypto import salted_hmac

from annotations.errors import InvalidInput, JobCancelled, JobSuperseded
from annotations.exporters.cells import FORMULAS, formula_warning
from annotations.exporters.contents import Contents
from annotations.exporters.dataset import Dataset
from annotations.exporters.folder import Folder
from annotations.exporters.privacy import protected
from annotations.exporters.registry import Exporter, exporter, streamed
from annotations.exporters.rows import Row
from annotations.exporters.splits import split
from annotations.models import Campaign, Corpus, ExportRun, User
from annotations.selectors.dataset import dataset_of
from annotations.selectors.dataset_annotations import exported_annotations
from annotations.selectors.dataset_facts import aggregation_warnings, withheld_comments
from annotations.selectors.snapshot import snapshot
from annotations.services import export_file
from annotations.services.audit import Act, note_act
from annotations.services.running_job import J, RunningJob

BLOCK_BYTES = 64 * 1024


@transaction.atomic
def start_export(
    *,
    campaign: Campaign,
    format: str,
    user: User | None,
    now: datetime,
    contents: Contents | None = None,
) -> ExportRun:
    """A waiting export, which the caller enqueues. Raises InvalidInput for an unknown format, or
    contents that the campaign does not have."""
    chosen = contents or Contents()
    dataset_of(campaign, chosen)
    run = ExportRun.objects.create(
        campaign=campaign,
        format=exporter(format).name,
        contents=chosen.to_json(),
        created_by=user,
        created_at=now,
    )
    note_act(act=Act.EXPORT_STARTED, about=run, by=user, details={"format": run.format}, now=now)
    return run


def stream_labels(
    campaign: Campaign, format: str, contents: Contents | None = None
) -> Generator[bytes]:
    """The bytes that an export would have now, as they are read.

    Raises InvalidInput for a format that is unknown or of many files. Close it if you stop early.
    """
    write = streamed_exporter(format).write
    assert write is not None
    return _blocks(write(prepared(campaign, contents or Contents(), secrets.token_hex(32))))


def streamed_exporter(format: str) -> Exporter:
    """Raises InvalidInput for a format that is unknown or of many files."""
    chosen = exporter(format)
    if chosen.write is None:
        sentence = f"{format!r} has many files. Those that stream: {', '.join(streamed())}."
        raise InvalidInput(sentence, fields={"format": [sentence]})
    return chosen


def prepared(campaign: Campaign, contents: Contents, key: str) -> Dataset:
    """The dataset as it leaves: the campaign's rows, split and protected by ``contents``.

    Pseudonyms are hashed with ``key``: the same key gives the same. Raises InvalidInput for
    contents that the campaign does not have.
    """
    return protected(split(dataset_of(campaign, contents)), key)


def export_key(run: ExportRun) -> str:
    """What this export's pseudonyms are hashed with, at every attempt the same."""
    return salted_hmac("threadmark.export", str(run.pk)).hexdigest()


def write_export(running: RunningJob[ExportRun]) -> dict[str, Any]:
    """Write the export's file and return what the finished row says of it.

    The file is in the storage, complete, before the row is done. Its name carries the attempt,
    so an attempt that comes back from the dead cannot touch the file of a later one.
    """
    run = running.job
    wait_for_erasing(run.campaign)
    name = _name(run, running.attempt)
    for earlier in names_of(run) - {name}:
        export_file.discard(earlier)
    path = export_file.unfinished_path(name)
    contents = Contents.from_json(run.contents)
    with snapshot():
        total = exported_annotations(run.campaign, contents).count()
    tally = Tally(lambda done: running.progress(done, max(done, total)))
    try:
        dataset = tally.counting(prepared(run.campaign, contents, export_key(run)))
        written = write_dataset(exporter(run.format), dataset, path)
        running.progress(tally.annotations, tally.annotations)
        with snapshot():
            withheld = withheld_comments(run.campaign)
            warnings = [
                *formula_warnings(dataset),
                *withheld_warnings(withheld),
                *aggregation_warnings(run.campaign, contents),
            ]
        stored = store_in_time(running, written, name)
    finally:
        path.unlink(missing_ok=True)
    return {
        "file": stored,
        "rows": tally.annotations,
        "bytes": written.size,
        "sha256": written.sha256,
        "withheld": withheld,
        "warnings": warnings,
    }


def wait_for_erasing(campaign: Campaign) -> None:
    """Until nobody is being erased whose words a file of the campaign would hold.

    Who is erased later finds the attempt running and takes it back (``taken_back``).
    """
    with transaction.atomic():
        Corpus.objects.select_for_update(no_key=True).get(pk=campaign.corpus_id)


def store_in_time(running: RunningJob[J], written: export_file.WrittenFile, name: str) -> str:
    """Move the file into the storage unless the work must stop. An attempt that was over by then
    leaves no file behind that nobody would look for."""
    running.check()
    stored = export_file.store(written, name)
    try:
        running.check()
    except (JobCancelled, JobSuperseded):
        default_storage.delete(stored)
        raise
    return stored


def names_of(run: ExportRun) -> set[str]:
    """Of all files that an attempt at the export has in the storage, or may have left there."""
    names = {_name(run, attempt) for attempt in range(1, run.attempt + 1)}
    return names | ({run.file} if run.file else set())


def formula_warnings(dataset: Dataset) -> list[str]:
    """On cells that a spreadsheet would calculate, once the dataset was written."""
    found = dataset.told[FORMULAS]
    return [f"{formula_warning(found)}, or export with formulas escaped."] if found else []


def withheld_warnings(withheld: int) -> list[str]:
    """On comments of the sample that their source took back."""
    if not withheld:
        return []
    stayed = "1 comment of the sample" if withheld == 1 else f"{withheld:,} comments of the sample"
    return [f"{stayed} stayed behind: the source took {'it' if withheld == 1 else 'them'} back."]


def write_dataset(chosen: Exporter, dataset: Dataset, path: Path) -> export_file.WrittenFile:
    """Write the dataset to ``path`` in one format and sync it to the disk."""
    if chosen.write is not None:
        return export_file.write_file(path, _blocks(chosen.write(dataset)))
    assert chosen.write_files is not None
    with Folder(path) as folder:
        chosen.write_files(dataset, folder)
    return export_file.measured(path)


class Tally:
    """Counts the annotations that pass, and reports each row as progress."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.annotations = 0
        self._report = report

    def counting(self, dataset: Dataset) -> Dataset:
        def counted(row: Row) -> Row:
            self.annotations += len(row.annotations)
            self._report(self.annotations)
            return row

        return dataset.through(counted)


def _blocks(chunks: Iterable[bytes]) -> Generator[bytes]:
    """The same bytes in blocks worth a write."""
    block = bytearray()
    with closing(_closable(chunks)) as pieces:
        for piece in pieces:
            block += piece
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    if block:
        yield bytes(block)


def _closable(chunks: Iterable[bytes]) -> Generator[bytes]:
    yield from chunks


def _name(run: ExportRun, attempt: int) -> str:
    extension = exporter(run.format).extension
    return f"{export_file.FOLDER}/{run.campaign.slug}-{run.pk}-{attempt}.{extension}"
