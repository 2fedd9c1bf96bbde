"""The client as a package: its version, its page of documentation, and its wheel by itself."""

from __future__ import annotations

import email
import importlib.util
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import threadmark
import urllib3

from annotations.version import VERSION
from project.environment import ROOT

CLIENT = ROOT / "client"


def test_client_and_server_have_one_version() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    assert threadmark.__version__ == project["version"] == VERSION


def test_the_reference_says_what_the_docstrings_say() -> None:
    """`make client-docs` writes it."""
    found = importlib.util.spec_from_file_location("reference", CLIENT / "reference.py")
    assert found
    assert found.loader
    reference = importlib.util.module_from_spec(found)
    found.loader.exec_module(reference)
    assert (ROOT / "docs/client.md").read_text() == reference.page()


def test_every_public_name_is_in_the_reference() -> None:
    told = (ROOT / "docs/client.md").read_text().partition("## Reference")[2]
    assert set(threadmark.__all__) - {"__version__"} <= set(told.split())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = shutil.copytree(CLIENT, folder / "client", ignore=shutil.ignore_patterns("dist"))
    how = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *how, str(source)], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_has_the_package_alone_and_no_licence_that_nobody_chose(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "threadmark",
        f"threadmark-{VERSION}.dist-info",
    }
    assert "threadmark/py.typed" in names
    about = email.message_from_bytes(
        zipfile.ZipFile(wheel).read(f"threadmark-{VERSION}.dist-info/METADATA")
    )
    assert about["Requires-Python"] == ">=3.10"
    needed = [one for one in about.get_all("Requires-Dist", []) if "extra" not in one]
    assert [one.split(">")[0].split("<")[0] for one in needed] == ["urllib3"]
    assert about["License"] is about["License-Expression"] is None


@pytest.mark.slow
def test_the_wheel_runs_where_nothing_else_is_installed(wheel: Path, tmp_path: Path) -> None:
    """Its one dependency is copied from here, so that the test needs no network."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    bin = tmp_path / "venv" / "bin"

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env={}, check=True, capture_output=True, text=True
        )
        return done.stdout

    (packages,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    home = Path(urllib3.__file__).parent
    for folder in (home, *home.parent.glob("urllib3-*.dist-info")):
        shutil.copytree(folder, packages / folder.name)
    run(bin / "python", "-m", "pip", "install", "--quiet", "--no-index", wheel)
    run(bin / "python", "-m", "pip", "check")
    assert run(bin / "threadmark", "--version") == f"threadmark {VERSION}\n"
    assert run(bin / "python", "-m", "threadmark", "--version") == f"threadmark {VERSION}\n"
    program = "import sys, threadmark; print(threadmark.Threadmark('http://a.example'))"
    assert run(bin / "python", "-c", program) == "Threadmark('http://a.example')\n"
