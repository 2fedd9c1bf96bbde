"""The worker's sign of life, told by Celery's signals. annotations/tasks.py loads this page."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import heartbeat_sent, worker_ready, worker_shutdown
from django.db import DatabaseError, connection
from django.utils import timezone

from annotations.services.workers import record_worker, remove_worker

SECONDS_BETWEEN_SIGNS = 5.0

log = logging.getLogger(__name__)
_last_sign: dict[str, float] = {}


@worker_ready.connect
def sign_in(sender: Any, **_: Any) -> None:
    _sign(sender.hostname)


@heartbeat_sent.connect
def stay(sender: Any, **_: Any) -> None:
    name = sender.eventer.hostname
    if time.monotonic() - _last_sign.get(name, float("-inf")) >= SECONDS_BETWEEN_SIGNS:
        _sign(name)


@worker_shutdown.connect
def sign_out(sender: Any, **_: Any) -> None:
    with _brief_connection():
        remove_worker(name=sender.hostname)


def _sign(name: str) -> None:
    _last_sign[name] = time.monotonic()
    with _brief_connection():
        record_worker(name=name, now=timezone.now())


@contextmanager
def _brief_connection() -> Iterator[None]:
    """Close the connection again: the pool's processes are forked from this one.

    A database that is away is logged; the worker goes on and says so at its next sign.
    """
    try:
        yield
    except DatabaseError as error:
        log.warning("The worker could not give its sign of life: %s", error)
    finally:
        connection.close()
