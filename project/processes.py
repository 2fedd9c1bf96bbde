"""The programs of the application as child processes: started, watched, restarted, stopped.

Each runs in a session of its own, so that Ctrl-C reaches the launcher alone, and asks the
kernel for a signal when the launcher dies, so that even a ``kill -9`` leaves no orphan.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

LOG_LIMIT = 5_000_000
EARLY_DEATHS_LIMIT = 5
EARLY_SECONDS = 10.0
LONGEST_PAUSE = 30.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """``patience`` is how many seconds it may take to end when asked to (SIGTERM);
    ``orphaned`` is the signal that it gets when the launcher is killed."""

    name: str
    command: Sequence[str]
    patience: float
    orphaned: signal.Signals = signal.SIGTERM


class ProgramKeepsDying(Exception):
    """A program dies as soon as it is started, each time; the message tells its last words."""


class Child:
    """One program, its process and its log."""

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.early_deaths = 0
        self.has_run = False
        self.started_at = self.start_at = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, self.program.orphaned, os.getpid()),
            )

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self, now: float) -> float:
        """Notes a death, ends what the process left behind, gives the seconds until a restart.

        What has run before lacks something for a while, as room on the disk or another program,
        and is tried again for as long as it takes; what has died early each time cannot run at
        all. Raises ProgramKeepsDying.
        """
        self.kill()
        self.process = None
        is_early = now - self.started_at < EARLY_SECONDS
        self.has_run |= not is_early
        self.early_deaths = self.early_deaths + 1 if is_early else 0
        if self.early_deaths > EARLY_DEATHS_LIMIT and not self.has_run:
            raise ProgramKeepsDying(
                f"The {self.program.name} process ended {self.early_deaths} times within "
                f"{EARLY_SECONDS:.0f} seconds of its start. "
                f"The end of its log, {self.log}:\n{self.last_words()}"
            )
        pause = min(0.25 * 2.0 ** max(self.early_deaths - 1, 0), LONGEST_PAUSE)
        self.start_at = now + pause
        return pause

    def last_words(self, lines: int = 15) -> str:
        text = self.log.read_bytes()[-20_000:].decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self) -> None:
        """Waits as long as the program may take, then kills what is left."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self.program.patience)
        self.kill()

    def kill(self) -> None:
        """Ends the process and all that it started."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Keeps the programs running, in the order given, and stops them in the opposite one."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self.children: list[Child] = []

    def start(self, program: Program) -> None:
        child = Child(program, self.logs)
        self.children.append(child)
        shorten(child.log)
        child.start()

    def look_after(self) -> None:
        """Starts again what has died. Raises ProgramKeepsDying."""
        now = time.monotonic()
        for child in self.children:
            if child.has_died():
                pause = child.bury(now)
                self.say(f"The {child.program.name} process ended; starting it again.")
                if pause > 1:
                    self.say(f"(In {pause:.0f} seconds; its log is {child.log}.)")
            elif child.process is None and now >= child.start_at:
                child.start()
            shorten(child.log)

    def stop(self) -> None:
        for child in reversed(self.children):
            child.ask_to_stop()
            child.wait()

    def kill(self) -> None:
        for child in self.children:
            child.kill()


def shorten(log: Path, limit: int = LOG_LIMIT) -> None:
    """Moves a log of more than ``limit`` bytes aside, in place of the one moved before.

    The file is copied and emptied, because the process goes on writing into it. Where there is no
    room for the copy, it stays.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return
    with log.open("r+b") as file, suppress(OSError):
        file.seek(-limit, os.SEEK_END)
        log.with_suffix(".log.1").write_bytes(file.read())
        file.truncate(0)


def die_with_parent(orphaned: signal.Signals, parent: int) -> None:
    """Asks the kernel to send this process a signal when its parent dies; ends at once where that
    is dead already."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, orphaned)
        if os.getppid() != parent:
            os._exit(1)
