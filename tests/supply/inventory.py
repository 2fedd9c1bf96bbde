"""``make sbom``: what Threadmark is made of, as CycloneDX in ``sbom/``, and its licences."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from project.environment import ROOT
from tests.supply.licences import refused_licences
from tests.supply.packages import FRONTEND, RUNTIME, canonical, pinned
from tests.supply.problems import Problem
from tests.supply.running import last_line, run

FOLDER = ROOT / "sbom"
NOT_OURS = ("externalReferences", "serialNumber", "timestamp", "tools", "properties", "evidence")
"""Download addresses, paths of this machine, and what differs from run to run."""


def write_inventories(folder: Path = FOLDER) -> Iterator[str]:
    """One file for Python, one for the front end. Raises Problem for an inventory that is not
    whole or valid, and for a licence that a part of the application may not have."""
    folder.mkdir(exist_ok=True)
    for name, made in (("python", _of_python()), ("frontend", _of_frontend())):
        if refused := refused_licences(made):
            raise Problem("\n".join([f"{name}: these licences are not allowed.", *refused]))
        path = folder / f"{name}.cdx.json"
        path.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
        yield f"{path.relative_to(folder.parent)}: {len(made['components'])} packages."


def _of_python() -> dict[str, Any]:
    """The packages that run the application, as they are installed."""
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary, "python.json")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "cyclonedx_py", "environment", sys.executable),
                *("--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible"),
                *("--spec-version", "1.6", "--of", "JSON", "-o", str(file)),
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Problem(f"Python: no inventory was made ({last_line(done.stderr)}).")
        made = json.loads(file.read_text())
    return only(cleaned(made), runtime=pinned(RUNTIME))


def _of_frontend() -> dict[str, Any]:
    done = run(["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], FRONTEND)
    if done.returncode:
        raise Problem(f"npm: no inventory was made ({last_line(done.stderr)}).")
    made: dict[str, Any] = cleaned(json.loads(done.stdout))
    require_valid(made)
    return made


def cleaned(made: Any) -> Any:
    """The document without addresses to download from, paths of this machine, and times."""
    if isinstance(made, dict):
        return {key: cleaned(value) for key, value in made.items() if key not in NOT_OURS}
    return [cleaned(one) for one in made] if isinstance(made, list) else made


def only(made: dict[str, Any], *, runtime: dict[str, str]) -> dict[str, Any]:
    """The document with the components of the runtime alone. Raises Problem where one that this
    system needs is not installed as it is pinned."""
    kept = [one for one in made["components"] if canonical(one["name"]) in runtime]
    other = [
        f"{one['name']} {one['version']}"
        for one in kept
        if one["version"] != runtime[canonical(one["name"])]
    ]
    if other:
        raise Problem(f"Python: installed in another version than pinned: {', '.join(other)}.")
    if not kept:
        raise Problem("Python: none of the pinned packages is installed.")
    root = made["metadata"]["component"]["bom-ref"]
    references = {one["bom-ref"] for one in kept} | {root}
    dependencies = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in references]}
        for one in made.get("dependencies", ())
        if one["ref"] in references
    ]
    whole = {**made, "components": kept, "dependencies": dependencies}
    require_valid(whole)
    return whole


def require_valid(made: dict[str, Any]) -> None:
    """Raises Problem for a document that is no CycloneDX, or that names a place of this machine."""
    version = SchemaVersion.from_version(made["specVersion"])
    text = json.dumps(made)
    if error := JsonStrictValidator(version).validate_str(text):
        raise Problem(f"The inventory is not valid: {error}")
    for place in ("file:", str(ROOT), str(Path.home())):
        if place in text:
            raise Problem(f"The inventory names a place of this machine: {place}")
