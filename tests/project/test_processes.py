from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from project.processes import Child, Program, ProgramKeepsDying, Supervisor, shorten

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(600)",
]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print(child.pid, flush=True); time.sleep(600)",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "log", said.append)
    yield supervisor
    supervisor.kill()


def wait_until(happened: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def pid(child: Child) -> int:
    return child.process.pid if child.process else 0


def is_up(child: Child) -> bool:
    return child.log.exists() and child.log.read_text() != ""


def test_a_program_that_was_killed_is_started_again(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(Program("sleeper", SLEEPER, patience=5))
    child = supervisor.children[0]
    first = pid(child)
    psutil.Process(first).kill()

    def is_back() -> bool:
        supervisor.look_after()
        return pid(child) not in (0, first)

    wait_until(is_back)
    assert said == ["The sleeper process ended; starting it again."]


def died(child: Child, *, lived: float) -> float:
    """Starts the program, which ends at once, as if it had lived so long; gives the pause."""
    child.start()
    wait_until(child.has_died)
    return child.bury(child.started_at + lived)


def test_a_program_that_cannot_run_ends_the_launcher_with_its_last_words(
    supervisor: Supervisor,
) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such table: thread')"]
    child = Child(Program("web", command, patience=5), supervisor.logs)
    pauses = [died(child, lived=1) for _ in range(5)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1 < pauses[4]
    words = r"(?s)ended 6 times within 10 seconds of its start.*no such table"
    with pytest.raises(ProgramKeepsDying, match=words):
        died(child, lived=1)


def test_a_program_that_was_running_is_started_again_however_often_it_is_killed(
    supervisor: Supervisor,
) -> None:
    child = Child(Program("web", [sys.executable, "-c", ""], patience=5), supervisor.logs)
    assert all(died(child, lived=11) < 1 for _ in range(8))


def test_deaths_at_the_start_are_forgotten_once_a_program_runs(supervisor: Supervisor) -> None:
    child = Child(Program("web", [sys.executable, "-c", ""], patience=5), supervisor.logs)
    for _ in range(4):
        died(child, lived=1)
    died(child, lived=3600)
    assert died(child, lived=1) < 1


def test_a_program_that_ran_before_is_tried_for_as_long_as_it_takes(
    supervisor: Supervisor,
) -> None:
    """As where the disk is full: the others go on meanwhile."""
    child = Child(Program("worker", [sys.executable, "-c", ""], patience=5), supervisor.logs)
    died(child, lived=11)
    pauses = [died(child, lived=1) for _ in range(12)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30


def test_what_a_killed_program_started_is_ended_too(supervisor: Supervisor) -> None:
    supervisor.start(Program("parent", PARENT, patience=5))
    child = supervisor.children[0]
    wait_until(lambda: is_up(child))
    grandchild = int(child.log.read_text())
    psutil.Process(pid(child)).kill()
    wait_until(child.has_died)
    supervisor.look_after()
    wait_until(lambda: not psutil.pid_exists(grandchild))


def test_a_program_that_ignores_the_request_to_stop_is_killed(supervisor: Supervisor) -> None:
    supervisor.start(Program("stubborn", STUBBORN, patience=0.5))
    child = supervisor.children[0]
    wait_until(lambda: is_up(child))
    supervisor.stop()
    assert not psutil.pid_exists(pid(child))


def test_a_long_log_is_moved_aside_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 1000)
        shorten(log, limit=1000)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"old\n" * 250


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("a line\n")
    shorten(log, limit=1000)
    assert log.read_text() == "a line\n"
    assert not (tmp_path / "web.log.1").exists()
