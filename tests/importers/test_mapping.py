"""The form that says which column plays which role, for every dress of a table."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files import File
from django.core.files.storage import default_storage

from importers.formats import table
from importers.mapping import MappingForm, column_names, has_mapping
from importers.models import ImportRun
from importers.source import Source
from tests.importers.golden import CASES
from tests.importers.workbooks import write_workbook

NAMES = ["thread", "id", "text"]


def staged(path: Path) -> ImportRun:
    """A run that is no row: its file is kept, its options are proposed."""
    with path.open("rb") as file:
        kept = default_storage.save(f"imports/{path.name}", File(file))
    options = table.propose(Source(path))
    return ImportRun(file=kept, file_name=path.name, format="table", options=options)


def confirmed(run: ImportRun, **changes: str) -> dict[str, Any]:
    """The options after the form was sent as it was shown, but for these fields."""
    shown = MappingForm(column_names(run), run)
    data = {name: shown.get_initial_for_field(field, name) for name, field in shown.fields.items()}
    sent = {name: value for name, value in data.items() if value} | changes
    form = MappingForm(column_names(run), run, sent)
    assert form.is_valid(), form.errors
    return form.options(run)


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def as_text(path: Path) -> Path:
    path.write_text("thread,id,text\nt,1,Hello\n")
    return path


def as_list(path: Path) -> Path:
    path.write_text('[{"thread": "t", "id": 1}, {"id": 2, "text": "Hello"}]')
    return path


def as_parquet(path: Path) -> Path:
    pq.write_table(pa.table({"thread": ["t"], "id": [1], "text": ["Hello"]}), path)
    return path


def as_workbook(path: Path) -> Path:
    return write_workbook(path, One=[NAMES, ["t", 1, "Hello"]])


def as_folder(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("about.md", "")
        archive.writestr("talk.csv", "thread,id,text\nt,1,Hello\n")
    return path


@pytest.mark.parametrize("write", [as_text, as_list, as_parquet, as_workbook])
def test_the_columns_of_any_table_are_shown(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    run = staged(write(tmp_path / "talk"))
    assert has_mapping(run)
    assert column_names(run) == NAMES
    told = confirmed(run)
    assert told["columns"] == {"thread": "thread", "comment": "id", "text": "text"}
    assert told["dialect"] == run.options["dialect"]


def test_the_columns_of_a_collection_are_those_of_its_first_table(tmp_path: Path) -> None:
    run = staged(as_text(tmp_path / "talk"))
    archive = as_folder(tmp_path / "all.zip")
    with archive.open("rb") as file:
        run.file = default_storage.save("imports/all.zip", File(file))
    assert column_names(run) == NAMES


def test_a_form_sent_back_as_it_was_reads_the_file_as_proposed() -> None:
    path = CASES / "table" / "nyt" / "input.csv"
    run = staged(path)
    assert MappingForm(column_names(run), run).initial["preset"].startswith("New York Times")
    told = confirmed(run)
    assert (told["preset"], told["html"], told["ids"]) == ("nyt", True, "corpus")
    assert list(table.read(Source(path), told)) == list(table.read(Source(path), run.options))


def test_the_layout_is_shown_only_where_it_is_known(tmp_path: Path) -> None:
    run = staged(as_text(tmp_path / "talk"))
    assert "preset" not in MappingForm(column_names(run), run).fields


def test_what_is_chosen_becomes_options(tmp_path: Path) -> None:
    run = staged(as_text(tmp_path / "talk"))
    told = confirmed(run, html="on", scoped="on", thread_id="t9", column_thread="")
    assert (told["html"], told["ids"], told["thread"]) == (True, "thread", "t9")
    assert told["columns"] == {"comment": "id", "text": "text"}
    assert run.options.keys() == {"dialect", "columns"}


def test_what_is_not_ticked_is_left_out() -> None:
    run = staged(CASES / "table" / "nyt" / "input.csv")
    told = confirmed(run, html="")
    assert told["html"] is False
