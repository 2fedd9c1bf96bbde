"""A table in several files, none of which is too large for its reader."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from typing import IO

import pyarrow.parquet as pq

from annotations.exporters.folder import Folder
from annotations.exporters.rows import CommentRow, ThreadRow
from annotations.exporters.table import Table, is_full, parquet_writer

ROWS_IN_A_SHARD = 500_000
BYTES_IN_A_SHARD = 500_000_000
COPIED_AT_ONCE = 1024 * 1024


class Shards:
    """Writes ``table`` into temporary files, because their names tell how many there are.

    ``files`` closes them. ``beside`` is how many tables are written at the same time.
    """

    def __init__(self, table: Table, files: ExitStack, beside: int) -> None:
        self._written = 0
        self._table = table
        self._open_files = files
        self._beside = beside
        self._files: list[IO[bytes]] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows_in_shard = 0

    @property
    def rows(self) -> int:
        return self._written + self._table.rows

    def add(self, thread: ThreadRow, about: ThreadRow | CommentRow) -> None:
        self._table.add(thread, about)
        if is_full(self._table, self._beside):
            self._write_group()

    def put(self, folder: Folder, name: str) -> None:
        """Put them into the folder, as ``name-00000-of-00002.parquet`` and so on.

        Without any row there is one all the same, of no row group.
        """
        if self._table.rows:
            self._write_group()
        if not self._files:
            self._begin()
        self._end()
        for number, file in enumerate(self._files):
            file.seek(0)
            with folder.open(f"{name}-{number:05}-of-{len(self._files):05}.parquet") as target:
                shutil.copyfileobj(file, target, COPIED_AT_ONCE)
            file.close()

    def _write_group(self) -> None:
        writer = self._writer or self._begin()
        batch = self._table.take()
        writer.write_batch(batch)
        self._written += batch.num_rows
        self._rows_in_shard += batch.num_rows
        if self._rows_in_shard >= ROWS_IN_A_SHARD or self._files[-1].tell() >= BYTES_IN_A_SHARD:
            self._end()

    def _begin(self) -> pq.ParquetWriter:
        file = self._open_files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._files.append(file)
        self._rows_in_shard = 0
        self._writer = parquet_writer(file, self._table.schema)
        return self._writer

    def _end(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer = None
