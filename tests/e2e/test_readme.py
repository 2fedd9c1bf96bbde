"""The lines of the README work as printed; only the address and the folder are this test's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from project.environment import ROOT
from tests.application import Application
from tests.e2e.api import Api

CASES = ROOT / "tests" / "cases"


@pytest.fixture
def folder(application: Application, tmp_path: Path) -> Path:
    """A folder that looks like a clone in which ``make run`` was called."""
    (tmp_path / "var").symlink_to(application.var)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    (tmp_path / "page.txt").write_bytes((CASES / "saved_page/replies/input.txt").read_bytes())
    (tmp_path / "comments.csv").write_bytes((CASES / "table/reddit/input.csv").read_bytes())
    return tmp_path


def test_the_curl_line_gives_the_labels(application: Application, folder: Path, api: Api) -> None:
    given = _run(["sh", "-c", _printed("sh", "curl", application)], application, folder)
    assert given.encode() == api.read("campaigns/harbour/labels/?format=jsonl") != b""


def test_the_pandas_line_gives_the_labels(application: Application, folder: Path, api: Api) -> None:
    program = (
        f"{_printed('python', 'read_json', application)}\nprint(*labels['annotation'], sep='\\n')"
    )
    given = _run([sys.executable, "-c", program], application, folder)
    rows = map(json.loads, api.read("campaigns/harbour/labels/?format=jsonl").splitlines())
    assert given.splitlines() == [row["annotation"] for row in rows] != []


def test_the_line_of_the_client_gives_the_labels(
    application: Application, folder: Path, api: Api
) -> None:
    program = (
        f"{_printed('python', 'Threadmark(', application)}\nprint(*frame['annotation'], sep='\\n')"
    )
    given = _run([sys.executable, "-c", program], application, folder)
    rows = map(json.loads, api.read("campaigns/harbour/labels/?format=jsonl").splitlines())
    assert given.splitlines() == [row["annotation"] for row in rows] != []


def test_the_command_lines_import_and_export(
    application: Application, folder: Path, api: Api
) -> None:
    _run(["sh", "-ec", _printed("sh", "import_threads", application)], application, folder)
    assert {thread["title"] for thread in api.get("threads/?corpus=my-corpus")["results"]} >= {
        "Village Votes On The Old Mill"
    }
    exported = (folder / "labels.csv").read_bytes()
    assert exported == api.read("campaigns/harbour/labels/?format=csv") != b""


def _printed(language: str, word: str, application: Application) -> str:
    """The one code block of the README in which the word stands."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (block,) = [block for block in blocks if word in block]
    return str(block).replace("127.0.0.1:8000", f"127.0.0.1:{application.port}")


def _run(command: list[str], application: Application, folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env=application.env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
