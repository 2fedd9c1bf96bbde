"""Tables of figures: the same rows as a table on the page and as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from annotations.exporters.cells import Cell, harmless_cell

Kind = Literal["text", "count", "share", "figure", "seconds", "moment", "day", "interval"]
NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """``key`` is the column's name in the CSV file, ``title`` the one on the page.

    A column without a title is in the file alone, one without a key on the page alone.
    """

    key: str
    title: str
    kind: Kind = "text"

    @property
    def is_number(self) -> bool:
        return self.kind in ("count", "share", "figure", "seconds")

    @property
    def css(self) -> str:
        """Words and days may be broken into lines, nothing else."""
        return "num nowrap" if self.is_number else "" if self.kind in ("text", "day") else "nowrap"


@dataclass(frozen=True)
class Shown:
    """A cell of the page: its words, with an address where it leads somewhere."""

    words: str
    column: Column
    href: str = ""


@dataclass(frozen=True)
class Table:
    """``name`` is that of its file; ``links`` gives an address for the first cell of a row.

    ``acts`` gives another for the last one, which says ``act``; it is on the page alone.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    links: Sequence[str] = ()
    act: str = ""
    acts: Sequence[str] = ()

    @property
    def shown(self) -> list[Column]:
        last = [Column("", self.act)] if self.acts else []
        return [*(column for column in self.columns if column.title), *last]

    def body(self) -> Iterator[list[Shown]]:
        """The rows as the reader's language writes them."""
        for place, row in enumerate(self.rows):
            cells = [
                Shown(written(value, column.kind), column)
                for column, value in zip(self.columns, row, strict=True)
                if column.title
            ]
            if self.links and cells:
                cells[0] = Shown(cells[0].words, cells[0].column, self.links[place])
            if self.acts and cells:
                cells.append(Shown(self.act, Column("", self.act), self.acts[place]))
            yield cells

    def file(self) -> HttpResponse:
        """The rows as they are computed, in full precision."""
        kept = [place for place, column in enumerate(self.columns) if column.key]
        keys = [self.columns[place].key for place in kept]
        content = b"".join(csv_lines(keys, ([row[place] for place in kept] for row in self.rows)))
        return _attached(HttpResponse(content, content_type=CSV), self.name)


Response = TypeVar("Response", bound=HttpResponseBase)
CSV = "text/csv; charset=utf-8"


def csv_lines(keys: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8; no text in it runs as a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in _with_header(keys, rows):
        writer.writerow(harmless_cell(_plain(value)) for value in row)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def csv_stream(
    name: str, keys: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """The same for rows without end."""
    return _attached(StreamingHttpResponse(csv_lines(keys, rows), content_type=CSV), name)


def _with_header(keys: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield keys
    yield from rows


def _plain(value: Any) -> Cell:
    """A lazy sentence as text, a day as ISO 8601."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    known = (str, int, float, bool, datetime)
    return value if value is None or isinstance(value, known) else str(value)


def _attached(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def written(value: Any, kind: Kind) -> str:
    """A value in the reader's language; nothing is a dash."""
    if value is None or value == "":
        return NOTHING
    if kind == "count":
        return number_format(value, 0, use_l10n=True, force_grouping=True)
    if kind == "share":
        return percent(value)
    if kind == "figure":
        return rounded(value, 3)
    if kind == "seconds":
        return duration(value)
    if kind == "moment":
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if kind == "interval":
        return f"{percent(value[0])} – {percent(value[1])}"
    if kind == "day":
        day = timezone.localtime(value) if isinstance(value, datetime) else value
        return date_format(day, "DATE_FORMAT")
    return str(value)


def rounded(value: float, places: int) -> str:
    """To so many places, as the language writes it; Django alone would cut off the rest."""
    return number_format(round(value, places), places)


def percent(share: float) -> str:
    return _("%(number)s %%") % {"number": rounded(100 * share, 1 if 0 < share < 0.1 else 0)}


def duration(seconds: float) -> str:
    """Seconds up to two minutes, then minutes, then hours."""
    if seconds < 120:
        return _("%(number)s s") % {"number": rounded(seconds, 1 if seconds < 10 else 0)}
    if seconds < 7200:
        return _("%(number)s min") % {"number": rounded(seconds / 60, 0)}
    return _("%(number)s h") % {"number": rounded(seconds / 3600, 1)}
