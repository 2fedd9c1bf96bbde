"""Golden cases: an input file, its options if any, and the records that it must give.

``UPDATE_CASES=1 pytest tests/importers`` writes the expected files anew; read the difference
before it is committed.
"""

from __future__ import annotations

import json
import os
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from importers.records import Record
from importers.registry import get_format
from importers.source import Source

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str) -> list[Path]:
    """The case folders of one format."""
    return sorted(path for path in (CASES / name).iterdir() if path.is_dir())


def check_case(case: Path) -> None:
    """Read the input of a case and compare with what is expected."""
    (path,) = case.glob("input.*")
    options_file = case / "options.json"
    options = json.loads(options_file.read_text()) if options_file.exists() else {}
    records = get_format(case.parent.name).read(Source(path), options)
    found = [_shown(record) for record in records]
    expected_file = case / "expected.json"
    if os.environ.get("UPDATE_CASES"):
        expected_file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    assert found == json.loads(expected_file.read_text())


def _shown(record: Record) -> dict[str, Any]:
    return {"record": type(record).__name__, **_changed(record)}


def _changed(record: Any) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    shown = {}
    for name, default in _fields(record):
        value = getattr(record, name)
        if default in (MISSING, msgspec.NODEFAULT) or value != default:
            shown[name] = _plain(value)
    return shown


def _fields(record: Any) -> list[tuple[str, Any]]:
    """Names and defaults."""
    if isinstance(record, msgspec.Struct):
        return [(field.name, field.default) for field in msgspec.structs.fields(record)]
    return [(field.name, field.default) for field in fields(record)]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_changed(part) for part in value]
    return value
