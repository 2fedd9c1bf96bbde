"""The labels of a campaign: rows, a data frame, or a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from threadmark.connection import Connection, Query, Row, blocks, lines, read_line
from threadmark.errors import Interrupted, InvalidInput
from threadmark.files import whole_file

if TYPE_CHECKING:
    import pandas
    import pyarrow

FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
TRIES = 3


class Labels:
    """All labels of a campaign as they are now: nothing is asked before you use it.

    For example:

        for row in server.labels("harbour", layers=["human"]):
            print(row["comment_id"], row["annotator"], row["answers"])

    """

    def __init__(self, connection: Connection, campaign: str, choice: Query) -> None:
        self._connection = connection
        self._path = f"campaigns/{campaign}/labels/"
        self._choice = {**choice.get("filters", {}), **choice}
        self._choice.pop("filters", None)
        self.campaign = campaign

    def __repr__(self) -> str:
        return f"<labels of {self.campaign}>"

    def __iter__(self) -> Iterator[Row]:
        """One row an annotation, its ``answers`` by question, in the order of the threads.

        Rows come while the server sends them, one in memory at a time; docs/exports.md explains
        the columns. Raises Interrupted where the connection breaks: begin again then.
        """
        with self._connection.stream(self._path, self._query("jsonl")) as answer:
            for line in lines(answer):
                yield read_line(line)

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame: one row an annotation, a column for each question.

        Whole numbers stay whole where some are missing (`Int64`), times are in UTC, and spans
        are lists of ``start``, ``end``, ``quote`` and ``label``. Needs `threadmark[pandas]`;
        raises ImportError without.

            frame = server.labels("harbour").to_pandas()
            frame.groupby("claim").size()
        """
        table = self._table()
        import pandas
        import pyarrow

        whole = {pyarrow.int32(): pandas.Int32Dtype(), pyarrow.int64(): pandas.Int64Dtype()}
        frame: pandas.DataFrame = table.to_pandas(types_mapper=whole.get)
        return frame

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Saves a CSV file: one row a value, so a question with three labels has three rows.

        For example:

            server.labels("harbour").to_csv("labels.csv")

        """
        return self.save(path, format="csv")

    def save(self, path: str | os.PathLike[str], *, format: str | None = None) -> Path:
        """Saves `jsonl`, `csv`, `parquet`, or another format of one file (docs/exports.md).

        Left out, the format is told by the path's ending. The file gets its name when it is
        whole; where the connection breaks, it is begun anew, three times at most. Raises
        Interrupted, and InvalidInput for a format that is not known.

            server.labels("harbour", privacy="redacted").save("labels.parquet")
        """
        place = Path(path)
        name = format or format_of(place)
        for tries_left in reversed(range(TRIES)):
            try:
                with whole_file(place) as file:
                    self.write(file, format=name)
                break
            except Interrupted:
                if not tries_left:
                    raise
        return place

    def write(self, file: BinaryIO, *, format: str = "jsonl") -> None:
        """Writes them to an open file, such as ``sys.stdout.buffer``, while they come.

        Raises Interrupted where the connection breaks; what was written stays written.
        """
        with self._connection.stream(self._path, self._query(format)) as answer:
            for block in blocks(answer):
                file.write(block)

    def _query(self, format: str) -> Query:
        return {**self._choice, "format": format}

    def _table(self) -> pyarrow.Table:
        try:
            import pandas  # noqa: F401
            import pyarrow.parquet
        except ImportError as missing:
            message = f"{missing.name} is not installed: pip install 'threadmark[pandas]'"
            raise ImportError(message, name=missing.name) from None
        with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
            path = self.save(Path(folder) / "labels.parquet")
            return pyarrow.parquet.read_table(path)


def format_of(path: Path) -> str:
    """The format that the file's ending tells. Raises InvalidInput."""
    if path.suffix.lower() in FORMATS:
        return FORMATS[path.suffix.lower()]
    known = ", ".join(FORMATS)
    raise InvalidInput(
        f"{path.name} does not tell the format: choose one, or end the name with one of {known}.",
        code="invalid",
    )
