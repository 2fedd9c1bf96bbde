"""Who asks, by which way and from where: what the audit log says beside every act.

A request is known from its beginning to its end (``pages/audited.py``), a job while it is worked
on (``services/jobs.py``); whatever runs outside of both runs on the command line. So a service
need not be told who called it.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from annotations.models import AuditEntry, User

Way = AuditEntry.Way
NETWORK, WIDE_NETWORK = 24, 48
ADMIN = "/admin/"


@dataclass(frozen=True)
class Origin:
    """``at`` is when the request came, or when somebody asked to know."""

    way: str
    at: datetime
    user: User | None = None
    name: str = ""
    token: str = ""
    address: str = ""


@dataclass(frozen=True)
class _Asked:
    """A request that is being answered. Who asks is known once the API has read the token."""

    request: HttpRequest
    at: datetime


@dataclass(frozen=True)
class _Job:
    starter: User | None


_current: ContextVar[_Asked | _Job | None] = ContextVar("origin", default=None)


@contextmanager
def answering(request: HttpRequest, *, now: datetime) -> Iterator[None]:
    """What happens in the block, the request asks for."""
    before = _current.set(_Asked(request, now))
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def working_for(starter: User | None) -> Iterator[None]:
    """What happens in the block, a job does for whoever started it."""
    before = _current.set(_Job(starter))
    try:
        yield
    finally:
        _current.reset(before)


def origin() -> Origin:
    """Of what happens now."""
    current = _current.get()
    if isinstance(current, _Asked):
        return _of_request(current)
    if isinstance(current, _Job):
        return _of(current.starter, way=Way.JOB, at=timezone.now())
    return Origin(way=Way.COMMAND, at=timezone.now(), name=_system_account())


def shortened(address: str, kept: str) -> str:
    """The address as the installation keeps it: whole, its network alone, or not at all."""
    if kept == "none" or not address:
        return ""
    try:
        whole = ip_address(address.partition("%")[0])
    except ValueError:
        return ""  # a socket of this machine
    if kept == "whole":
        return str(whole)
    bits = NETWORK if whole.version == 4 else WIDE_NETWORK
    return str(ip_network(f"{whole}/{bits}", strict=False))


def _of_request(asked: _Asked) -> Origin:
    request = asked.request
    user = getattr(request, "user", None)
    person = user if isinstance(user, User) else None
    token = person.token if person else None
    way = Way.ADMIN if request.path_info.startswith(ADMIN) else Way.BROWSER
    address = shortened(get_client_ip_address(request) or "", settings.AUDIT_ADDRESSES)
    return _of(
        person,
        way=Way.TOKEN if token else way,
        at=asked.at,
        token=f"{token.name} ({token.token_key})" if token else "",
        address=address,
    )


def _of(user: User | None, *, way: str, at: datetime, token: str = "", address: str = "") -> Origin:
    name = user.username if user else ""
    return Origin(way=way, at=at, user=user, name=name, token=token, address=address)


def _system_account() -> str:
    """Whose command it is; empty where the system does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
