from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from project.environment import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the files that the set-up reads, and nothing installed."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def interpreter(folder: Path, script: str) -> str:
    path = folder / "interpreter"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_an_old_python_is_refused_in_one_line(clone: Path) -> None:
    result = make(clone, ".venv/bin/python", f"PYTHON={interpreter(clone, 'exit 1')}")
    assert result.returncode != 0
    assert "needs Python 3.11 or newer" in result.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_refused_with_the_package_to_install(clone: Path) -> None:
    script = 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac'
    result = make(clone, ".venv/bin/python", f"PYTHON={interpreter(clone, script)}")
    assert result.returncode != 0
    assert "python3-venv" in result.stderr


def test_help_lists_every_public_target(clone: Path) -> None:
    listed = set(re.findall(r"^make ([a-z-]+)", make(clone).stdout, re.MULTILINE))
    phony = MAKEFILE.split(".PHONY:")[1].split("\n\n")[0].replace("\\", "").split()
    assert listed == set(phony)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_comes_from_wherever_pip_looks(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    packages = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert packages
    assert [line for line in packages if "==" not in line or "://" in line] == []
