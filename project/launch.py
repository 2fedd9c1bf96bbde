"""``make run``: web server, broker and worker together, until Ctrl-C.

The launcher prepares what is missing, starts the three, waits until the pages answer, prints
where and for whom, and from then on starts again what dies. Settings come from the
environment (environment.py).
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

from project import environment
from project.address import Address, CannotListen
from project.processes import Program, ProgramKeepsDying, Supervisor

STARTING_SECONDS = 60.0
PULSE_SECONDS = 0.1


class CannotLaunch(Exception):
    """The application cannot run; the message says why, and what to do."""


def main() -> None:
    """Runs the application; ends with status 0 when it is stopped, 1 when it cannot run."""
    os.umask(0o077)
    folder = environment.var_dir()
    address = Address(environment.text("HOST"), environment.number("PORT"))
    supervisor = Supervisor(folder / "log", say)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with hold(folder):
            address.require_free()
            _run_until_stopped(supervisor, address)
    except (CannotLaunch, CannotListen, ProgramKeepsDying) as error:
        raise SystemExit(str(error)) from None


def run(supervisor: Supervisor, address: Address) -> None:
    """Starts all programs and looks after them until it is interrupted.

    Raises CannotLaunch and ProgramKeepsDying.
    """
    _start_broker(supervisor)
    _prepare()
    supervisor.start(web_server(address))
    supervisor.start(worker())
    _await_answer(supervisor, address)
    _introduce(address)
    while True:
        time.sleep(PULSE_SECONDS)
        supervisor.look_after()


def web_server(address: Address) -> Program:
    """granian. A killed worker process is replaced at once. Uploads pass through as they come, so
    no limit on the body stands here: the pages set it (annotations/pages/bodies.py). Who sends
    the head of a request a byte now and then is cut off, and waits in no thread until then.
    """
    processes, threads = environment.web_processes()
    options = {
        "--interface": "wsgi",
        "--host": address.host,
        "--port": str(address.port),
        "--workers": str(processes),
        "--blocking-threads": str(threads),
        "--workers-kill-timeout": "3",
        "--respawn-interval": "0.1",
        "--http1-header-read-timeout": "20000",
        "--http1-buffer-size": "65536",
        "--log-level": environment.text("LOG_LEVEL").lower(),
    }
    flags = ["--no-ws", "--no-access-log", "--respawn-failed-workers"]
    arguments = [part for option in options.items() for part in option]
    command = [sys.executable, "-m", "granian", *arguments, *flags, "project.wsgi:application"]
    return Program("web", command, patience=5)


def worker() -> Program:
    """One Celery worker with the clock (beat) inside; a job still running when it stops is
    taken up again at the next start, because the job is a row. So without its launcher it is
    killed: a stop by Celery may wait for ever for a broker that has ended, too. Its heartbeat
    stays on: it is the sign of life that the pages look for."""
    options = ["--beat", "--without-gossip", "--without-mingle"]
    level = ["--loglevel", environment.text("LOG_LEVEL")]
    command = [sys.executable, "-m", "celery", "-A", "project", "worker", *options, *level]
    return Program("worker", command, patience=10, orphaned=signal.SIGKILL)


def hold(folder: Path) -> IO[str]:
    """Locks the folder for this launcher, as long as the file given back is open.

    Raises CannotLaunch where another launcher holds it.
    """
    file = (folder / "launch.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotLaunch(
            f"Threadmark already runs on {folder}: stop it first, or give this one a folder of "
            "its own with VAR_DIR."
        ) from None
    return file


def say(line: str) -> None:
    print(line, flush=True)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _run_until_stopped(supervisor: Supervisor, address: Address) -> None:
    try:
        run(supervisor, address)
    except KeyboardInterrupt:
        say("\nStopping ...")
    finally:
        _stop(supervisor)
    say("Stopped.")


def _stop(supervisor: Supervisor) -> None:
    """A second Ctrl-C ends the wait."""
    try:
        supervisor.stop()
    except KeyboardInterrupt:
        supervisor.kill()


def _start_broker(supervisor: Supervisor) -> None:
    from django.conf import settings

    from project.broker import UnsafeFolder, embedded_broker

    if not settings.EMBEDDED_BROKER:
        return
    try:
        supervisor.start(embedded_broker(settings.BROKER_SOCKET, settings.VAR_DIR / "broker"))
    except UnsafeFolder as error:
        raise CannotLaunch(str(error)) from None


def _prepare() -> None:
    from django.db import OperationalError

    from project.preparation import prepare

    try:
        prepare(say)
    except OperationalError as error:
        reason = str(error).splitlines()[0]
        raise CannotLaunch(f"The database cannot be used: {reason} (see DATABASE_URL)") from None


def _await_answer(supervisor: Supervisor, address: Address) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while not address.answers():
        if time.monotonic() > deadline:
            log = supervisor.logs / "web.log"
            raise CannotLaunch(f"The web server does not answer; its log is {log}.")
        time.sleep(PULSE_SECONDS / 2)
        supervisor.look_after()


def _introduce(address: Address) -> None:
    from project.preparation import demo_accounts

    say(f"\nThreadmark runs at {address.url}\n")
    accounts = demo_accounts()
    if accounts:
        say("Accounts of the demo:")
    for account in accounts:
        say(f"  {account['username']:<14}  {account['password']:<20}  {account['role']}")
    say(f"\nCtrl-C stops everything. Logs are in {environment.var_dir() / 'log'}.")


if __name__ == "__main__":
    main()
