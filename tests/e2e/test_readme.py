"""The lines of the README work as printed; only the address and the folder are this test's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from project.environment import ROOT
from tests.application import Application
from tests.e2e.api import Api
from tests.e2e.printed import blocks, clone, here, run

CASES = ROOT / "tests" / "cases"


@pytest.fixture
def folder(application: Application, tmp_path: Path) -> Path:
    """A folder that looks like a clone in which ``make run`` was called."""
    clone(application, tmp_path)
    (tmp_path / "page.txt").write_bytes((CASES / "saved_page/replies/input.txt").read_bytes())
    (tmp_path / "comments.csv").write_bytes((CASES / "table/reddit/input.csv").read_bytes())
    return tmp_path


def test_the_curl_line_gives_the_labels(application: Application, folder: Path, api: Api) -> None:
    given = run(["sh", "-c", _printed("sh", "curl", application)], application, folder)
    assert given.encode() == api.read("campaigns/harbour/labels/?format=jsonl") != b""


def test_the_pandas_line_gives_the_labels(application: Application, folder: Path, api: Api) -> None:
    program = (
        f"{_printed('python', 'read_json', application)}\nprint(*labels['annotation'], sep='\\n')"
    )
    given = run([sys.executable, "-c", program], application, folder)
    rows = map(json.loads, api.read("campaigns/harbour/labels/?format=jsonl").splitlines())
    assert given.splitlines() == [row["annotation"] for row in rows] != []


def test_the_line_of_the_client_gives_the_labels(
    application: Application, folder: Path, api: Api
) -> None:
    program = (
        f"{_printed('python', 'Threadmark(', application)}\nprint(*frame['annotation'], sep='\\n')"
    )
    given = run([sys.executable, "-c", program], application, folder)
    rows = map(json.loads, api.read("campaigns/harbour/labels/?format=jsonl").splitlines())
    assert given.splitlines() == [row["annotation"] for row in rows] != []


def test_the_command_lines_import_and_export(
    application: Application, folder: Path, api: Api
) -> None:
    run(["sh", "-ec", _printed("sh", "import_threads", application)], application, folder)
    assert {thread["title"] for thread in api.get("threads/?corpus=my-corpus")["results"]} >= {
        "Village Votes On The Old Mill"
    }
    exported = (folder / "labels.csv").read_bytes()
    assert exported == api.read("campaigns/harbour/labels/?format=csv") != b""


def _printed(language: str, word: str, application: Application) -> str:
    """The one code block of the README in which the word stands."""
    page = blocks(ROOT / "README.md")
    (text,) = [block.text for block in page if block.language == language and word in block.text]
    return here(text, application)
