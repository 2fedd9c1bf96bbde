"""The pinned packages of the application, as its lock files name them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from project.environment import ROOT

PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;]+)")
FRONTEND = ROOT / "frontend"
RUNTIME, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"


def pinned(*files: Path) -> dict[str, str]:
    """Name and version of every package, whatever system it is for."""
    return dict(pin for file in files for pin in _pins(file))


def _pins(file: Path) -> list[tuple[str, str]]:
    found = [PIN.match(line) for line in file.read_text().splitlines()]
    return [(canonical(match[1]), match[2]) for match in found if match]


def rounds(*files: Path) -> list[dict[str, str]]:
    """Every pin of the files once; a package that has several, as one for each Python, is in
    several rounds."""
    pins = dict.fromkeys(pin for file in files for pin in _pins(file))
    found: list[dict[str, str]] = []
    for name, version in pins:
        free = next((one for one in found if name not in one), None)
        if free is None:
            found.append(free := {})
        free[name] = version
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(folder: Path) -> dict[str, str]:
    """Path and version of every package in the folder's package-lock.json."""
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return {path: one["version"] for path, one in packages.items() if path and not one.get("link")}
