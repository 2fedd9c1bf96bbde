"""`start`: from nothing but the sources to the first page, and once more.

A clone of what is committed here gets its own `make run`, in an environment without any of ours:
Python's packages, Node and its packages come from the caches that installing here has filled, the
front end is built, the demo loaded. Then it is stopped, and started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from project.address import Address
from project.environment import ROOT
from tests.bench.figures import Figure, not_more_than
from tests.bench.places import Place, environment
from tests.servers import free_port

FIRST, SECOND = 90, 5
PATIENCE = 900
LOGIN = "login/"


def figures(_place: Place, _sizes: Sequence[int]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="threadmark-bench-") as folder:
        clone = Path(folder) / "threadmark"
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        with _running(clone):
            first = time.perf_counter() - began
        again = []
        for _ in range(3):
            began = time.perf_counter()
            with _running(clone):
                again.append(time.perf_counter() - began)
    yield _figure("a fresh clone, to the first page", [first], FIRST)
    yield _figure("the same again", again, SECOND)


def _figure(what: str, seconds: Sequence[float], most: float) -> Figure:
    return Figure("start", what, "s", tuple(seconds), wanted=not_more_than(most))


@contextmanager
def _running(clone: Path) -> Iterator[None]:
    """Begins when the page to log in was read; ends when all that was started has ended."""
    address = Address("127.0.0.1", free_port())
    variables = {**environment(clone / "var"), "PORT": str(address.port)}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"):
        variables.pop(name, None)
    output = clone.with_name("output.txt")
    with output.open("ab") as file:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_page(address, process, output)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _await_page(address: Address, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not address.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"make run brought no page:\n{output.read_text()[-2000:]}")
        time.sleep(0.02)
    with urlopen(address.url + LOGIN) as page:
        page.read()
