from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given

from annotations.errors import InvalidInput, UnreadableFile
from importers.registry import candidates, choose_format, formats, get_format
from importers.source import Source
from tests.importers.golden import CASES, cases
from tests.importers.reading import outcome, readable_anyhow

ROOT = Path(__file__).parents[2]


def source(tmp_path: Path, text: str, name: str = "file") -> Source:
    path = tmp_path / "upload"
    path.write_text(text)
    return Source(path, name)


def test_every_module_of_the_package_is_a_format() -> None:
    modules = {path.stem for path in (ROOT / "importers" / "formats").glob("[a-z]*.py")}
    assert set(formats()) == modules
    assert {"saved_page", "table"} <= modules


def test_docs_and_formats_name_each_other() -> None:
    page = (ROOT / "docs" / "formats.md").read_text()
    documented = dict(re.findall(r"^### `(\w+)`: (.+)$", page, flags=re.MULTILINE))
    assert documented == {name: format.title for name, format in formats().items()}


def test_every_format_has_golden_cases() -> None:
    assert {path.name for path in CASES.iterdir()} >= set(formats())
    for name in formats():
        assert cases(name)
        assert all((case / "expected.json").exists() for case in cases(name))


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="saved_page, table"):
        get_format("gopher")


@pytest.mark.parametrize("name", list(formats()))
def test_golden_inputs_are_recognised(name: str) -> None:
    for case in cases(name):
        if not (case / "options.json").exists():
            (path,) = case.glob("input.*")
            assert choose_format(Source(path)).name == name


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    page = source(tmp_path, "Title\n\nAda's picture\n\nArticle, with a comma.\n", "comments.csv")
    assert choose_format(page).name == "saved_page"
    rows = source(tmp_path, "id,text\n1,Hello\n2,Bye\n", "page.txt")
    assert choose_format(rows).name == "table"


def test_candidates_come_with_the_likeliest_first(tmp_path: Path) -> None:
    likely = candidates(source(tmp_path, 'id,text\n1,"Hi\n\nAda\'s picture\n\n"\n2,Bye\n'))
    scores = [candidate.score for candidate in likely]
    assert len(likely) == 2
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_plain_prose_is_no_format(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="none of the known formats"):
        choose_format(source(tmp_path, "It was a dark night.\n\nAnd, as ever, it rained.\n"))


@pytest.mark.parametrize("name", list(formats()))
def test_every_reader_stands_behind_the_guard(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile, match="PDF"):
        get_format(name).read(source(tmp_path, "%PDF-1.7\n"), {})


@given(data=readable_anyhow)
def test_detection_takes_any_bytes(data: bytes) -> None:
    def read_as_chosen(file: Source, options: object) -> object:
        return choose_format(file).read(file, {})

    outcome(read_as_chosen, data, {})  # type: ignore[arg-type]
