"""What a page prints to be pasted, run as printed in a folder that looks like a clone."""

from __future__ import annotations

import doctest
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from project.environment import ROOT
from tests.application import Application

FENCE = re.compile(r"^```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = "127.0.0.1:8000"
LINKS = ("manage.py", "importers", "docs")
PATIENCE_SECONDS = 90.0
ANYTHING = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PYTHON = """
import sys
names = {"__name__": "__main__"}
for path in sys.stdin:
    path, mark = path.split()
    exec(compile(open(path).read(), path, "exec"), names)
    print(mark, flush=True)
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``output`` is what the page says it prints, if it does."""

    language: str
    text: str
    line: int
    output: str | None = None


def blocks(page: Path) -> list[Block]:
    """The page's fenced blocks; an ``output`` belongs to the block before it."""
    text = page.read_text()
    found: list[Block] = []
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        if fence["language"] == "output" and found:
            found[-1] = replace(found[-1], output=fence["text"])
        else:
            found.append(Block(fence["language"], fence["text"], line))
    return found


def clone(application: Application, folder: Path) -> Path:
    """The folder, made to look like a clone in which ``make run`` was called."""
    (folder / "var").symlink_to(application.var)
    (folder / ".venv").symlink_to(sys.prefix)
    for name in LINKS:
        (folder / name).symlink_to(ROOT / name)
    return folder


def environment(application: Application, folder: Path) -> dict[str, str]:
    """That of the application, its programs on the path and caches of its own."""
    path = f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**application.env, "PATH": path, "HF_HOME": str(folder / ".huggingface")}


def run(command: list[str], application: Application, folder: Path) -> str:
    """What the command prints; it must end well."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(application, folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def here(text: str, application: Application) -> str:
    """The text with the address of the application that runs instead of the printed one."""
    return text.replace(ADDRESS, f"127.0.0.1:{application.port}")


def as_printed(got: str, wanted: str) -> bool:
    """Whether the output is that of the page, where ``...`` stands for anything."""
    return doctest.OutputChecker().check_output(wanted, got, ANYTHING)


class Session:
    """A shell or an interpreter in which one block after the other is run, as somebody pastes
    them: what one sets, the next one knows."""

    def __init__(self, command: list[str], folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self._is_shell = command[0] == "sh"
        self._written, self._told = (folder / f".{uuid4().hex}.{name}" for name in ("out", "err"))
        with self._written.open("wb") as output, self._told.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=env,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def __enter__(self) -> Session:
        if self._is_shell:
            self._send("set -e")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends it, and all that the blocks started in the background."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def run(self, text: str) -> str:
        """What the block prints. Raises AssertionError, with its errors, where it fails."""
        path, mark = self._folder / f".{uuid4().hex}.block", uuid4().hex
        path.write_text(text)
        before = self._written.stat().st_size
        self._send(f". {path} </dev/null\necho {mark}" if self._is_shell else f"{path} {mark}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            ended = self._process.poll() is not None
            printed = self._written.read_bytes()[before:].decode()
            if f"{mark}\n" in printed:
                return printed.replace(f"{mark}\n", "")
            assert not ended, f"{printed}\n{self._told.read_text()}"
            late = time.monotonic() > deadline
            assert not late, f"It does not end:\n{printed}\n{self._told.read_text()}"
            time.sleep(0.02)

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # what broke is told by the next look at the output
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


@contextmanager
def sessions(application: Application, folder: Path) -> Iterator[dict[str, Session]]:
    """A shell and a Python interpreter in the folder, by the language of the blocks they run."""
    env = environment(application, folder)
    with (
        Session(["sh"], folder, env) as shell,
        Session([sys.executable, "-u", "-c", PYTHON], folder, env) as python,
    ):
        yield {"sh": shell, "python": python}
