"""Exports of a campaign's labels: asked for, written, streamed."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from annotations.exporters.registry import Exporter, exporter
from annotations.exporters.rows import LabelRow
from annotations.models import Campaign, ExportRun, User
from annotations.selectors.label_rows import exported_annotations, label_rows, rows_by_annotation
from annotations.services import export_file
from annotations.services.running_job import RunningJob

BLOCK_BYTES = 64 * 1024


def start_export(*, campaign: Campaign, format: str, user: User | None, now: datetime) -> ExportRun:
    """A waiting export, which the caller enqueues. Raises InvalidInput for an unknown format."""
    return ExportRun.objects.create(
        campaign=campaign, format=exporter(format).name, created_by=user, created_at=now
    )


def stream_labels(campaign: Campaign, format: str) -> Generator[bytes]:
    """The bytes that an export would have now, as they are read.

    Raises InvalidInput for an unknown format. Close it if you stop early.
    """
    return _stream(campaign, exporter(format))


def write_export(running: RunningJob[ExportRun]) -> dict[str, Any]:
    """Write the export's file and return what the finished row says of it.

    The file is in the storage, complete, before the row is done. Its name carries the attempt,
    so an attempt that comes back from the dead cannot touch the file of a later one.
    """
    run = running.job
    for earlier in range(1, running.attempt):
        export_file.discard(_name(run, earlier))
    name = _name(run, running.attempt)
    path = export_file.unfinished_path(name)
    tally = _Tally(running)
    try:
        with closing(rows_by_annotation(run.campaign)) as groups:
            chunks = exporter(run.format).write(tally.pass_on(groups))
            written = export_file.write_file(path, _blocks(chunks))
        running.check()
        stored = export_file.store(written, name)
    finally:
        path.unlink(missing_ok=True)
    return {"file": stored, "rows": tally.rows, "bytes": written.size, "sha256": written.sha256}


class _Tally:
    """Counts the rows that pass, and reports each annotation as progress."""

    def __init__(self, running: RunningJob[ExportRun]) -> None:
        self.rows = 0
        self._running = running

    def pass_on(self, groups: Iterable[list[LabelRow]]) -> Iterator[LabelRow]:
        total = exported_annotations(self._running.job.campaign).count()
        done = 0
        for done, group in enumerate(groups, 1):
            yield from group
            self.rows += len(group)
            self._running.progress(done, max(done, total))
        self._running.progress(done, done)


def _stream(campaign: Campaign, chosen: Exporter) -> Generator[bytes]:
    with closing(label_rows(campaign)) as rows:
        yield from _blocks(chosen.write(rows))


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks worth a write."""
    block = bytearray()
    for chunk in chunks:
        block += chunk
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _name(run: ExportRun, attempt: int) -> str:
    extension = exporter(run.format).extension
    return f"{export_file.FOLDER}/{run.campaign.slug}-{run.pk}-{attempt}.{extension}"
