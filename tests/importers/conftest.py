from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from annotations.services import running_job
from tests.importers.storing import line, write_lines

settings.register_profile("importers", deadline=None)
settings.load_profile("importers")

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

collect_ignore = [] if SAMPLES.is_dir() else ["test_samples.py", "samples"]


@pytest.fixture(autouse=True)
def beats_that_see_the_job(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No beats of the job where a test keeps all it stores in a transaction of its own.

    Beats have a connection of their own, which cannot see such a row, and would take the job for
    lost as soon as an import takes longer than a second.
    """
    mark = request.node.get_closest_marker("django_db")
    if (
        mark
        and not mark.kwargs.get("transaction")
        and "transactional_db" not in request.fixturenames
    ):
        monkeypatch.setattr(running_job, "BEAT_SECONDS", 3_600.0)


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
