"""Calling a receiver: one POST to a checked address, with an end to everything.

The name is looked up once; the connection goes to an address that was checked, so nothing changes
if the name leads somewhere else a moment later. The certificate and the Host header are still
those of the name. No proxy is asked, no redirect followed, and little of the answer is read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer

from annotations.receivers.addresses import (
    Opened,
    Place,
    Receiver,
    Refused,
    checked_places,
    read_url,
)

MOST_PLACES = 4
ANSWER_CHARACTERS = 500
ANSWER_BYTES = 4 * ANSWER_CHARACTERS


@dataclass(frozen=True)
class Limits:
    """In seconds: to take the connection, and for all of it once the name is looked up."""

    connect: float = 5.0
    total: float = 15.0


@dataclass(frozen=True)
class Outcome:
    """What a receiver answered: the status, and the beginning of what it said.

    Without an answer, the status is None and ``error`` says why. ``seconds`` is how long it took.
    """

    status: int | None
    error: str = ""
    answer: str = ""
    seconds: float = 0.0

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def asks_for_rest(self) -> bool:
        """Whether more at once would make things worse: no answer, or a word that it is busy."""
        return self.status in (None, 429, 502, 503, 504)


def call(
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    opened: Opened,
    limits: Limits | None = None,
) -> Outcome:
    """Send the body and say what came of it. Raises nothing that a receiver could cause."""
    begun = time.monotonic()
    try:
        receiver = read_url(url, opened)
        places = checked_places(receiver, opened)
        status, answer = _post(receiver, places, headers, body, limits or Limits())
        error = _redirects(status)
    except Refused as refusal:
        status, answer, error = None, "", str(refusal)
    return Outcome(status, error[:ANSWER_CHARACTERS], answer, time.monotonic() - begun)


def _post(
    receiver: Receiver,
    places: list[Place],
    headers: Mapping[str, str],
    body: bytes,
    limits: Limits,
) -> tuple[int, str]:
    """The status and the beginning of the answer. Raises Refused, in words."""
    end = time.monotonic() + limits.total
    with closing(_connected(places, limits, end)) as plain:
        # A receiver that sends a byte now and then keeps within every single timeout.
        watch = Timer(max(end - time.monotonic(), 0), _cut, (plain,))
        plain.settimeout(limits.total)
        watch.daemon = True
        watch.start()
        try:
            with closing(_wrapped(receiver, plain)) as connection:
                return _exchange(receiver, connection, headers, body, end)
        except ssl.SSLCertVerificationError as error:
            raise Refused(
                f"Its certificate is not one for {receiver.host}: {error.verify_message}."
            ) from None
        except (OSError, HTTPException) as error:
            if time.monotonic() >= end or isinstance(error, TimeoutError):
                raise Refused(f"It gave no answer within {limits.total:g} seconds.") from None
            raise Refused(f"It gave no answer: {_words(error)}.") from None
        finally:
            watch.cancel()
            watch.join()


def _connected(places: list[Place], limits: Limits, end: float) -> socket.socket:
    """A connection to the first place that takes one. Raises Refused."""
    problem: OSError | None = None
    for family, address in places[:MOST_PLACES]:
        left = end - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(limits.connect, left))
            connection.connect(address)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    if problem is None or isinstance(problem, TimeoutError):
        raise Refused(f"It took no connection within {limits.connect:g} seconds.")
    raise Refused(f"It took no connection: {_words(problem)}.")


def _wrapped(receiver: Receiver, plain: socket.socket) -> socket.socket:
    """Over TLS where that is wanted. The caller keeps ``plain`` and closes it, too."""
    if not receiver.is_secret:
        return plain
    context = ssl.create_default_context()
    return context.wrap_socket(plain.dup(), server_hostname=receiver.host)


def _exchange(
    receiver: Receiver,
    connection: socket.socket,
    headers: Mapping[str, str],
    body: bytes,
    end: float,
) -> tuple[int, str]:
    """Raises TimeoutError where the head of the answer was cut off."""
    http = HTTPConnection(receiver.host, receiver.port)
    http.auto_open = 0
    http.sock = connection
    given = {"Host": receiver.host_header, "Connection": "close", **headers}
    http.request("POST", receiver.target, body, given)
    with closing(http.getresponse()) as response:
        if time.monotonic() >= end:
            raise TimeoutError
        return response.status, _beginning(response)


def _beginning(response: HTTPResponse) -> str:
    """As much of the answer as is kept, or came before it broke off: its status stands by then."""
    read = bytearray()
    with suppress(OSError, HTTPException):
        while len(read) < ANSWER_BYTES and (piece := response.read1(ANSWER_BYTES - len(read))):
            read += piece
    text = bytes(read).decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text[:ANSWER_CHARACTERS]


def _redirects(status: int) -> str:
    if not 300 <= status < 400:
        return ""
    return "It redirects, which is not followed: give the webhook the address that it leads to."


def _cut(connection: socket.socket) -> None:
    """End the connection under whoever waits for it."""
    with suppress(OSError):  # it has ended in this moment
        connection.shutdown(socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    return (str(getattr(error, "strerror", None) or error) or type(error).__name__).rstrip(".")
