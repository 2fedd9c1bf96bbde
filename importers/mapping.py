"""The columns of a staged table, and the form that says which of them plays which role."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from django import forms

from annotations.pages.forms import PageForm
from importers.columns import ROLES, Role
from importers.files import kept_source
from importers.lines import numbered_lines
from importers.models import ImportRun
from importers.table_rows import Row, read_rows

SAMPLE_ROWS = 100
MEANINGS: dict[Role, str] = {
    "thread": "Thread",
    "thread_title": "Title of the thread",
    "thread_url": "Address of the thread",
    "comment": "Id of the comment",
    "parent": "Id of the comment answered",
    "author": "Name of the author",
    "author_id": "Id of the author",
    "time": "Time",
    "score": "Score",
    "kind": "Kind (article, post, comment)",
    "text": "Text",
}


def has_mapping(run: ImportRun) -> bool:
    """Whether the run's format reads columns, which somebody should confirm."""
    return "columns" in run.options


def column_names(run: ImportRun) -> list[str]:
    """The columns of the first hundred rows. Raises UnreadableFile."""
    with kept_source(run) as source, source.open() as file:
        rows = islice(read_rows(numbered_lines(file), run.options["dialect"]), SAMPLE_ROWS)
        cells = (row.cells for row in rows if isinstance(row, Row))
        return list(dict.fromkeys(name for row in cells for name in row))


class MappingForm(PageForm):
    """A column for each role; none where the file has nothing of the kind."""

    keep_private = forms.BooleanField(
        required=False, label="Keep columns of e-mail and IP addresses with the raw record"
    )

    def __init__(self, names: Sequence[str], run: ImportRun, data: Any = None) -> None:
        told = {f"column_{role}": name for role, name in run.options["columns"].items()}
        super().__init__(data, initial={**told, "keep_private": run.options.get("keep_private")})
        for role in ROLES:
            self.fields[f"column_{role}"] = forms.ChoiceField(
                choices=[("", "– none –"), *((name, name) for name in names)],
                label=MEANINGS[role],
                required=role == "text",
            )
        self.order_fields([*(f"column_{role}" for role in reversed(ROLES)), "keep_private"])

    def options(self, run: ImportRun) -> dict[str, Any]:
        """The run's options with the columns that were chosen."""
        values = self.cleaned_data
        columns = {role: values[f"column_{role}"] for role in ROLES if values[f"column_{role}"]}
        return {**run.options, "columns": columns, "keep_private": values["keep_private"]}
