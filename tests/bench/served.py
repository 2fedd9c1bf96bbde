"""A WSGI application under granian, served as ``make run`` serves the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from project.address import Address
from project.launch import web_server
from tests.bench.places import Environment
from tests.servers import free_port

REAL = "project.wsgi:application"
STARTING_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """``url`` ends with a slash."""

    url: str
    process: psutil.Process

    def processor_seconds(self) -> float:
        """What its processes have used up so far."""
        times = [one.cpu_times() for one in self.process.children(recursive=True)]
        return sum(one.user + one.system for one in times)


@contextmanager
def served(application: str, environment: Environment) -> Iterator[Server]:
    """``application`` is ``module:name``; it answers at ``/healthz`` when it is ready.

    Raises RuntimeError where it does not start.
    """
    address = Address("127.0.0.1", free_port())
    command = [sys.executable, "-m", "tests.bench.served", str(address.port), application]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + STARTING_SECONDS
        while not address.answers():
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError(f"{application} did not start.")
            time.sleep(0.1)
        yield Server(address.url, psutil.Process(server.pid))
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Becomes the server that its environment asks for: two processes on PostgreSQL."""
    port, application = sys.argv[1:]
    command = web_server(Address("127.0.0.1", int(port))).command
    os.execv(command[0], [*command[:-1], application])  # noqa: S606


if __name__ == "__main__":
    main()
