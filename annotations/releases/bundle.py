"""The archive of a release while it is filled: a folder that knows its files' checksums."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from annotations.exporters.folder import Folder
from annotations.releases.columns import Column, plain_columns

MEDIA_TYPES = {
    ".ann": "text/plain",
    ".cff": "application/yaml",
    ".conllup": "text/plain",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".spacy": "application/octet-stream",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xmi": "application/vnd.xmi+xml",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}
BLOCK_BYTES = 1024 * 1024
CARD = "README.md"


@dataclass(frozen=True, slots=True)
class BundledFile:
    """``rows`` is None for what is no table; ``format`` the export format that it belongs to.

    ``columns`` are those that the file itself tells of, as Parquet does.
    """

    name: str
    size: int
    sha256: str
    media_type: str
    rows: int | None
    format: str = ""
    columns: tuple[Column, ...] = ()


class Bundle(Folder):
    """``files`` are those in it so far, in the order in which they were written; ``cards`` what
    formats say of themselves, by their names."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.files: list[BundledFile] = []
        self.cards: dict[str, bytes] = {}
        self._format = ""

    def add(self, name: str, content: bytes) -> None:
        with self.open(name) as file:
            file.write(content)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        with super().open(name) as file:
            yield file
            self.files.append(_measured(name, file, self._format))
            if name == f"{self._format}/{CARD}":
                file.seek(0)
                self.cards[self._format] = file.read()

    @contextmanager
    def of_format(self, name: str) -> Iterator[Folder]:
        """A folder in the bundle, called as the format, for its files."""
        self._format = name
        try:
            yield _Within(self, name)
        finally:
            self._format = ""

    @contextmanager
    def packed(self, name: str) -> Iterator[Folder]:
        """A folder that lies in the bundle as one ZIP, for files without number: the checksum of
        each would make the lists of files as long as the data."""
        with tempfile.TemporaryDirectory(dir=self.beside) as aside:
            path = Path(aside) / "packed"
            with Folder(path) as folder:
                yield folder
            with self.open(name) as file, path.open("rb") as packed:
                shutil.copyfileobj(packed, file, BLOCK_BYTES)


class _Within(Folder):
    """A folder of a bundle."""

    def __init__(self, bundle: Bundle, name: str) -> None:
        self._bundle = bundle
        self._name = name
        self.beside = bundle.beside

    def add(self, name: str, content: bytes) -> None:
        self._bundle.add(f"{self._name}/{name}", content)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        with self._bundle.open(f"{self._name}/{name}") as file:
            yield file


def _measured(name: str, file: IO[bytes], format: str) -> BundledFile:
    suffix = Path(name).suffix
    rows, columns = _table(suffix, file)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # it reads any file
    media_type = MEDIA_TYPES.get(suffix, "application/octet-stream")
    return BundledFile(name, file.tell(), digest.hexdigest(), media_type, rows, format, columns)


def _table(suffix: str, file: IO[bytes]) -> tuple[int | None, tuple[Column, ...]]:
    """How many rows the file has, and the columns that it tells of itself."""
    file.seek(0)
    if suffix == ".jsonl":
        return sum(block.count(b"\n") for block in _blocks(file)), ()
    if suffix == ".csv":
        return max(0, _csv_lines(file) - 1), ()
    if suffix == ".parquet":
        from pyarrow.parquet import ParquetFile  # here, so that no other part pays for it

        table = ParquetFile(file)
        return table.metadata.num_rows, plain_columns(table.schema_arrow)
    return None, ()


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(BLOCK_BYTES), b"")


def _csv_lines(file: IO[bytes]) -> int:
    """Line feeds outside of quotes, where as many quotes were opened as closed."""
    lines, quoted = 0, False
    for block in _blocks(file):
        for place, piece in enumerate(block.split(b'"')):
            quoted ^= place > 0
            if not quoted:
                lines += piece.count(b"\n")
    return lines
