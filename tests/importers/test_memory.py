"""Memory does not grow with the file: a large dump and a single huge thread, each in a process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from annotations.models import Comment, Thread
from importers.models import ImportRun
from project.environment import ROOT
from tests.importers.crawls import Message, reddit_dump

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long]

MIB = 1024 * 1024
LIMIT = 300 * MIB
WORDS = "The ferry stops on Sunday, and nobody has said why. " * 6


def write_dump(path: Path, comments: int, threads: int, above: Callable[[int], int]) -> Path:
    """Comments of Reddit, numbered from 2, dealt out to so many threads, without submissions."""
    with path.open("w") as file:
        for start in range(2, comments + 2, 5_000):
            numbers = range(start, min(start + 5_000, comments + 2))
            text = reddit_dump([Message(n, above(n), text=f"{n}: {WORDS}") for n in numbers], 0)
            for number, one in zip(numbers, text.splitlines(), strict=True):
                thread = f"t3_s{number % threads}"
                parent = above(number)
                own = one.replace('"link_id": "t3_s1"', f'"link_id": "{thread}"')
                file.write(own.replace('"t3_s1"', f'"{thread}"') if parent == 1 else own)
                file.write("\n")
    return path


def import_it(path: Path) -> int:
    """The bytes of memory that the command took at most."""
    command = [sys.executable, str(ROOT / "manage.py"), "import_threads", str(path)]
    process = psutil.Popen([*command, "--corpus", "large"], stdout=subprocess.PIPE, stderr=-1)
    most = 0
    while process.poll() is None:
        try:
            most = max(most, process.memory_info().rss)
            process.wait(0.05)
        except (psutil.TimeoutExpired, psutil.NoSuchProcess):
            continue
    assert process.stderr is not None
    assert process.returncode == 0, process.stderr.read().decode()
    return most


def test_a_dump_of_many_threads(tmp_path: Path) -> None:
    size, threads = 150_000, 3_000
    path = write_dump(
        tmp_path / "dump.ndjson", size, threads, lambda n: n - threads if n > 2 * threads else 1
    )
    assert path.stat().st_size > 64 * MIB  # so it is cut into pieces
    assert import_it(path) < LIMIT
    assert Comment.objects.count() == size
    assert Thread.objects.count() == threads
    run = ImportRun.objects.get()
    assert run.counts["replies"]["orphaned"] == 0
    assert run.counts["comments"] == {"created": size, "updated": 0, "unchanged": 0}


def test_one_thread_of_a_hundred_thousand_comments(tmp_path: Path) -> None:
    """A tree of which every comment has up to ten answers."""
    size = 100_000
    path = write_dump(tmp_path / "thread.ndjson", size, 1, lambda n: max(n // 10, 1))
    assert import_it(path) < LIMIT
    thread = Thread.objects.get()
    assert (thread.comment_count, thread.max_depth) == (size, 4)
    places = thread.comments.order_by("position").values_list("position", flat=True)
    assert list(places) == list(range(size))
