"""The codebooks that come with Threadmark, and the page that says how to write one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from annotations.codebooks import hotkeys
from annotations.codebooks.library import library_codebooks, library_files
from annotations.codebooks.schema import (
    CodebookFile,
    DependsOn,
    Kind,
    Label,
    Question,
    parse_codebook,
)
from annotations.codebooks.translations import (
    LabelTranslation,
    QuestionTranslation,
    Translation,
)
from annotations.errors import InvalidCodebook

DOCS = (Path(__file__).parents[2] / "docs" / "codebooks.md").read_text(encoding="utf-8")

SMALL = """
key: a-study
version: {version}
title: A study
questions:
  - key: note
    title: What strikes you?
    kind: text
"""


@pytest.fixture
def starter() -> CodebookFile:
    place = ("claims-misinformation-sentiment", 2)
    return {(one.key, one.version): one for one in library_codebooks()}[place]


class TestLibrary:
    def test_every_file_is_found_and_readable(self) -> None:
        assert len(library_codebooks()) == len(library_files()) > 0

    def test_a_new_file_is_a_new_codebook(self, tmp_path: Path) -> None:
        (tmp_path / "b.yaml").write_text(SMALL.format(version=2))
        (tmp_path / "a.yaml").write_text(SMALL.format(version=10))
        assert [one.version for one in library_codebooks(tmp_path)] == [2, 10]

    def test_the_same_version_in_two_files_is_refused(self, tmp_path: Path) -> None:
        for name in ("a.yaml", "b.yaml"):
            (tmp_path / name).write_text(SMALL.format(version=1))
        with pytest.raises(InvalidCodebook, match=r"^b\.yaml: version 1 of a-study"):
            library_codebooks(tmp_path)

    def test_a_fault_names_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "bad.yaml").write_bytes(b"key: \xff")
        with pytest.raises(InvalidCodebook, match=r"^bad\.yaml: not UTF-8"):
            library_codebooks(tmp_path)

    def test_every_label_has_a_definition_and_an_example(self) -> None:
        for one in library_codebooks():
            for asked in one.questions:
                assert all(option.definition and option.example for option in asked.labels)

    def test_an_ordinary_comment_costs_three_keys_in_the_starter(
        self, starter: CodebookFile
    ) -> None:
        needed = [q for q in starter.questions if q.required and q.depends_on is None]
        assert [(q.key, q.kind) for q in needed] == [
            ("claim", "single_label"),
            ("misinformation", "single_label"),
            ("sentiment", "single_label"),
        ]

    def test_the_starter_asks_for_reasons_only_where_a_comment_misleads(
        self, starter: CodebookFile
    ) -> None:
        asked = {one.key: one for one in starter.questions}
        assert asked["misleading_reasons"].required
        assert asked["misleading_reasons"].depends_on == DependsOn(
            question="misinformation", any_of=("misleading",)
        )
        scale = {one.key: one.value for one in asked["sentiment"].labels}
        assert list(scale.values()) == [-2, -1, 0, 1, 2, None]

    @pytest.mark.parametrize("tag", ["de", "ar"])
    def test_the_starter_is_translated_whole(self, starter: CodebookFile, tag: str) -> None:
        said = starter.translations[tag]
        assert said.title
        assert said.guidelines.count("## ") == starter.guidelines.count("## ")
        assert list(said.questions) == [one.key for one in starter.questions]
        for asked in starter.questions:
            words = said.questions[asked.key]
            assert words.title
            assert bool(words.help) == bool(asked.help)
            assert list(words.labels) == [option.key for option in asked.labels]
            for label in words.labels.values():
                assert all((label.title, label.definition, label.example))


def documented(heading: str) -> list[str]:
    """The names in the first column of the table under a heading of the page."""
    section = re.split(rf"^#+ {heading}$", DOCS, flags=re.MULTILINE)[1]
    return re.findall(r"^\| `([^`]+)` \|", re.split(r"^#+ ", section, flags=re.MULTILINE)[0], re.M)


class TestDocs:
    @pytest.mark.parametrize(
        ("heading", "model"),
        [
            ("Codebook", CodebookFile),
            ("Question", Question),
            ("Label", Label),
            ("Depends on", DependsOn),
            ("Translation", Translation),
            ("Translated question", QuestionTranslation),
            ("Translated label", LabelTranslation),
        ],
    )
    def test_the_page_names_every_field_and_whether_it_is_required(
        self, heading: str, model: type[BaseModel]
    ) -> None:
        assert documented(heading) == list(model.model_fields)
        for name, field in model.model_fields.items():
            section = re.split(rf"^### {heading}$", DOCS, flags=re.MULTILINE)[1]
            row = re.search(rf"^\| `{name}` \| (\S+)", section, re.MULTILINE)
            assert row is not None
            assert (row[1] == "yes") == field.is_required(), name

    def test_the_page_names_every_kind_and_every_reserved_letter(self) -> None:
        assert documented("Kinds") == list(get_args(Kind))
        rows = re.findall(r"^\| `(\w)` \| (.+) \|$", DOCS, re.MULTILINE)
        assert dict(rows) == dict(hotkeys.RESERVED)

    def test_the_page_names_every_codebook_of_the_library(self) -> None:
        assert set(documented("Codebooks")) == {one.key for one in library_codebooks()}

    def test_the_example_on_the_page_is_a_codebook(self) -> None:
        (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
        assert parse_codebook(example).questions[0].keymap() == {
            "1": "agrees",
            "2": "disagrees",
            "o": "no_stance",
        }
