"""Who sends slowly, or far too much, keeps nobody else from being answered."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.request import urlopen

import psutil
import pytest

from tests.application import Application

pytestmark = pytest.mark.long

HEAD = "{method} {place} HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={word}\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {size}\r\n\r\n"
PATIENCE = 30


@contextmanager
def connections(application: Application, count: int, sent: str) -> Iterator[list[socket.socket]]:
    """So many, each with the beginning of a request."""
    with ExitStack() as stack:
        opened = [
            stack.enter_context(socket.create_connection(("127.0.0.1", application.port)))
            for _ in range(count)
        ]
        for one in opened:
            one.sendall(sent.encode())
        yield opened


def head(method: str, place: str) -> str:
    return HEAD.format(method=method, place=place, word="a" * 32)


def expect_an_answer(application: Application) -> None:
    for place in ("/healthz", "/login/"):
        with urlopen(application.url + place, timeout=PATIENCE) as answer:
            assert answer.status == 200


def test_hundreds_of_slow_heads_and_bodies_leave_room(application: Application) -> None:
    slow_body = head("POST", "/login/") + FORM.format(size=1000) + "username="
    slow_report = head("POST", "/policy-report/") + FORM.format(size=1000) + "{"
    with (
        connections(application, 300, head("GET", "/login/")),
        connections(application, 50, slow_body) as bodies,
        connections(application, 50, slow_report),
    ):
        for _ in range(3):
            for one in bodies[:5]:
                with suppress(OSError):  # it was one too many, and refused
                    one.sendall(b"a")
            expect_an_answer(application)
    expect_an_answer(application)


def test_10_gigabytes_are_refused_when_they_are_announced(application: Application) -> None:
    web = application.processes("granian")
    before = sum(process.memory_info().rss for process in web)
    for place in ("/login/", "/imports/new/", "/api/v1/imports/"):
        sent = head("POST", place) + FORM.format(size=10_000_000_000)
        with connections(application, 1, sent) as (one,):
            one.settimeout(PATIENCE)
            assert one.recv(1000).startswith(b"HTTP/1.1 413 ")
            with pytest.raises(OSError):  # noqa: PT011
                one.sendall(bytes(500_000_000))
    assert sum(process.memory_info().rss for process in web) - before < 50_000_000


def test_what_has_no_end_is_not_kept(application: Application) -> None:
    """In chunks: nothing says how much will come, and no form is read so."""
    free = psutil.disk_usage("/tmp").free
    chunk = b"19000\r\n" + bytes(0x19000) + b"\r\n"
    sent = head("POST", "/login/") + "Content-Type: multipart/form-data; boundary=x\r\n"
    with connections(application, 1, sent + "Transfer-Encoding: chunked\r\n\r\n") as (one,):
        one.settimeout(PATIENCE)
        try:
            for _ in range(2_000):
                one.sendall(chunk)
        except OSError:
            pass
    expect_an_answer(application)
    assert free - psutil.disk_usage("/tmp").free < 150_000_000


@pytest.mark.parametrize(
    "odd",
    [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Content-Length : 5\r\n",
        "X: a\r\n folded: b\r\n",
        f"X: {'a' * 200_000}\r\n",
    ],
)
def test_no_request_hides_another_one(application: Application, odd: str) -> None:
    hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    sent = f"POST /policy-report/ HTTP/1.1\r\nHost: localhost\r\n{odd}\r\n{hidden}"
    with connections(application, 1, sent) as (one,):
        one.settimeout(2)
        answer = b""
        try:
            while piece := one.recv(4000):
                answer += piece
        except OSError:
            pass
    first, *others = answer.split(b"HTTP/1.1 ")[1:]
    assert first[:3] in (b"400", b"431"), answer[:200]
    assert not any(other.startswith(b"200") for other in others)
