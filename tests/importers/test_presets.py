"""Tables whose layout is known are recognised by their columns, whatever else they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.errors import InvalidInput
from importers.columns import ROLES
from importers.formats import table
from importers.presets import PRESETS, get_preset, preset_of
from importers.records import CommentRecord, ThreadRecord
from importers.source import Source
from tests.importers.golden import CASES

NAMES = [preset.name for preset in PRESETS]


def case(name: str) -> Source:
    (path,) = (CASES / "table" / name).glob("input.*")
    return Source(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_recognised_and_proposed(name: str) -> None:
    file = case(name)
    assert table.detect(file) == 0.96
    proposal = json.loads(json.dumps(table.propose(file)))
    assert proposal["preset"] == name
    assert list(table.read(file, proposal)) == list(table.read(file, {}))


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_a_preset_speaks_of_known_roles_and_columns_without_punctuation(preset: object) -> None:
    preset = get_preset(str(getattr(preset, "name", "")))
    assert preset.columns.keys() <= set(ROLES)
    assert "text" in preset.columns
    bare = {name for names in preset.columns.values() for name in names} | preset.marks
    assert all(name.isalnum() and name.islower() for name in bare if not name.isdigit())


def test_one_mark_less_is_no_preset() -> None:
    marks = sorted(get_preset("fox_news").marks)
    assert preset_of(marks) is get_preset("fox_news")
    assert preset_of(marks[1:]) is None
    assert preset_of([mark.upper() + " " for mark in marks]) is get_preset("fox_news")


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"no preset 'nyt2'.*nyt, fox_news"):
        list(table.read(case("nyt"), {"preset": "nyt2"}))


def test_other_columns_than_the_presets_can_be_chosen() -> None:
    file = case("crowdtangle")
    proposal = table.propose(file)
    told = {**proposal, "columns": {**proposal["columns"], "text": "Type"}}
    found = [r.text for r in table.read(file, told) if isinstance(r, CommentRecord)]
    assert found == ["Link", "Photo", "Photo"]


def test_html_can_be_left_as_it_is() -> None:
    file = case("nyt")
    first = next(
        record
        for record in table.read(file, {**table.propose(file), "html": False})
        if isinstance(record, CommentRecord)
    )
    assert "<br/><br/>" in first.text
    assert not first.html


def test_the_video_is_named_by_the_file_of_youtube_data_tools() -> None:
    path = case("youtube_data_tools").path
    file = Source(path, "videoinfo_dQw4w9WgXcQ_2021_03_01-12_00_00_comments.csv")
    proposal = table.propose(file)
    assert proposal["thread"] == "dQw4w9WgXcQ"
    thread = next(iter(table.read(file, proposal)))
    assert isinstance(thread, ThreadRecord)
    assert (thread.id, thread.platform) == ("dQw4w9WgXcQ", "youtube")


def test_a_tables_own_columns_are_asked_for_once_each(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_text("\ufeffID,Thread_ID,Author,Body,Timestamp,Unix_Timestamp\nb,a,x,Hello,,\n")
    assert table.propose(Source(path)) == {
        "dialect": "csv",
        "preset": "4cat",
        "columns": {
            "thread": "Thread_ID",
            "comment": "ID",
            "author": "Author",
            "time": "Unix_Timestamp",
            "text": "Body",
        },
    }
