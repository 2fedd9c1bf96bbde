from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.storing import line, write_lines

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

collect_ignore = [] if SAMPLES.is_dir() else ["test_samples.py", "samples"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An opening, and a conversation in which the last comment answers the first."""
    lines = [
        line("a", kind="article", author="Maren"),
        line("c1", parent="a", author="Ada", score=3, time="2024-03-01T12:00:00+01:00"),
        line("c2", parent="a", author="Ben"),
        line("c3", parent="c1", author="Ada"),
    ]
    return write_lines(tmp_path / "talk.jsonl", lines)
