"""Everything that the environment may decide, in one table.

``make run`` needs none of it. README.md shows the same table; a test holds it to this one.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Variable:
    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("HOST", "127.0.0.1", "Address that the web server listens on."),
    Variable("PORT", "8000", "Port that the web server listens on."),
    Variable("VAR_DIR", "var", "Folder for all state: database, broker, uploads, exports, keys."),
    Variable("DATABASE_URL", "", "PostgreSQL, as `postgres://user@host/name`; empty is SQLite."),
    Variable("REDIS_URL", "", "Broker, as `redis://host:6379/0`; empty starts an own Valkey."),
    Variable("SECRET_KEY", "", "Signs sessions; empty makes one at first run and keeps it."),
    Variable("DEBUG", "false", "Shows tracebacks in the browser. For development only."),
    Variable("ALLOWED_HOSTS", "", "Host names served besides this machine's, comma-separated."),
    Variable(
        "PROXIES", "0", "Proxies before the server, each adding to `X-Forwarded-For`; 0 ignores it."
    ),
    Variable("HTTPS", "false", "Served over HTTPS: secure cookies, HSTS, redirect."),
    Variable("TIME_ZONE", "UTC", "Time zone of the pages; stored times are always UTC."),
    Variable("LOG_LEVEL", "INFO", "How much the processes log: DEBUG, INFO, WARNING, ERROR."),
    Variable("WEB_THREADS", "8", "Requests that the web server answers at once."),
    Variable("WORKER_PROCESSES", "2", "Jobs that the worker runs at once."),
    Variable("MAX_UPLOAD_MB", "2048", "Largest file that the upload page takes, in megabytes."),
    Variable("MAX_BULK_MB", "256", "Largest body of lines (NDJSON) of one request, in megabytes."),
    Variable("TOKEN_RATE", "4", "Requests a second that an API token may make; 0: no limit."),
    Variable("TOKEN_BURST", "44", "Requests that it may make at once, after a pause."),
    Variable("SAVE_RATE", "4", "Annotations a second that one may save by token; 0: no limit."),
    Variable("SAVE_BURST", "8", "Annotations that one may save at once, after a pause."),
    Variable(
        "WEBHOOK_ALLOWED_HOSTS",
        "",
        "Hosts inside the network that webhooks may reach: names, addresses, networks as "
        "`10.1.0.0/16`.",
    ),
    Variable(
        "AUDIT_ADDRESSES",
        "shortened",
        "Network addresses in the audit log: `shortened` to their network, `whole`, or `none`.",
    ),
    Variable("TEST_POSTGRES_URL", "", "PostgreSQL for the tests; empty starts one from a wheel."),
)

_defaults = {variable.name: variable.default for variable in VARIABLES}
_env = environ.Env()


def text(name: str) -> str:
    return str(_env.str(name, default=_defaults[name])).strip() or _defaults[name]


def flag(name: str) -> bool:
    return text(name).lower() in {"1", "true", "yes", "on"}


def number(name: str) -> int:
    value = text(name)
    if not value.isdigit():
        raise SystemExit(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def one_of(name: str, *choices: str) -> str:
    value = text(name)
    if value not in choices:
        raise SystemExit(f"{name} is one of {', '.join(choices)}, not {value!r}.")
    return value


def names(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def hosts() -> list[str]:
    """The host names of ALLOWED_HOSTS.

    Raises SystemExit for one that would take any name: links of the pages would then lead to
    wherever somebody says that they came from.
    """
    listed = names("ALLOWED_HOSTS")
    if any(name.strip(".") in ("", "*") for name in listed):
        raise SystemExit("ALLOWED_HOSTS takes names of hosts, such as lab.example, and no *.")
    return listed


def web_processes() -> tuple[int, int]:
    """How many the web server has, and how many threads each: one process on SQLite, which takes
    one writer at a time, else two."""
    processes = 2 if text("DATABASE_URL") else 1
    return processes, max(1, number("WEB_THREADS") // processes)


def var_dir() -> Path:
    """The folder for state, made private to its owner when it is not there."""
    folder = (ROOT / text("VAR_DIR")).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key() -> str:
    """The key from the environment, or the one made at first run and kept in ``var``.

    Raises SystemExit for a key that can be guessed, and for a file that others can read.
    """
    key = text("SECRET_KEY") or _kept_key(var_dir() / "secret-key")
    if len(key) < 50:
        raise SystemExit("SECRET_KEY is shorter than 50 characters: make a longer one.")
    if len(set(key)) < 16 or key.startswith("django-insecure-"):
        raise SystemExit("SECRET_KEY can be guessed: take one that was drawn by lot.")
    return key


def _kept_key(path: Path) -> str:
    """The file appears whole under its name, and the first process to make it wins."""
    if not path.exists():
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(60))
        with suppress(FileExistsError):
            os.link(unfinished, path)
        unfinished.unlink()
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SystemExit(
            f"{path} can be read by others, who could sign sessions with it. Delete it, so that a "
            "new one is made and all log in again; or close it with chmod 600 if you trust them."
        )
    return path.read_text().strip()
