"""Asking the server: addresses, the token, repeats, and refusals as errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError
from urllib3.util import Retry, Timeout

from threadmark.errors import (
    REFUSALS,
    Interrupted,
    InvalidInput,
    NotLoggedIn,
    ThreadmarkError,
    Unreachable,
)

Row = dict[str, Any]
Query = Mapping[str, Any]
Answer = urllib3.BaseHTTPResponse
Body = bytes | Iterable[bytes]

API = "/api/v1/"
BLOCK_BYTES = 64 * 1024
LONGEST_ANSWER = LONGEST_LINE = 256 * 1024 * 1024  # a page of the longest texts, unpacked
LONGEST_REFUSAL = 64 * 1024
LONGEST_WAIT_SECONDS = 60
BUSY = (502, 503, 504)
JSON = "application/json"
NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Said:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class Connection:
    """Requests to one server in the name of one token, a few connections kept open.

    ``timeout`` is how many seconds the server may be silent; ``retries`` how often a request is
    sent again that was throttled, met a busy server or a broken connection. What may have
    changed something is sent again only where a repeat changes nothing (``repeatable``).
    """

    def __init__(self, url: str, token: str, *, timeout: float, retries: int, agent: str) -> None:
        self.url = _address(url)
        self.has_token = bool(token)
        self._retries = retries
        self._has_answered = False
        self._headers = {"Accept-Encoding": "gzip", "User-Agent": agent, **_authorization(token)}
        self._pool = _pool(self.url, Timeout(connect=min(timeout, 10), read=timeout))

    def close(self) -> None:
        self._pool.clear()

    def get(self, path: str, query: Query | None = None) -> Any:
        """The object at the path. Raises ThreadmarkError."""
        return read_json(self.ask("GET", path, query))

    def post(self, path: str, body: object = None, *, repeatable: bool = False) -> Any:
        """What the server answers to the object. Raises ThreadmarkError."""
        sent = json.dumps({} if body is None else body).encode()
        headers = {"Content-Type": JSON}
        return read_json(self.ask("POST", path, body=sent, headers=headers, repeatable=repeatable))

    def pages(self, path: str, query: Query | None = None) -> Iterator[Row]:
        """The pages of a list, each asked for when it is wanted.

        Of ``next`` only the query counts: behind a proxy, the server may not know by which
        address it is reached. Raises Interrupted for pages that come again.
        """
        asked: Query | str | None = query
        seen: set[str] = set()
        while asked is not None:
            page = _page(read_json(self.ask("GET", path, asked)))
            yield page
            asked = _query_of(page["next"]) if page.get("next") else None
            if asked is not None and asked in seen:
                raise Interrupted("The list goes round: its pages come again.", code="cut_off")
            seen.add(asked or "")

    def ask(
        self,
        method: str,
        path: str,
        query: Query | str | None = None,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Said:
        """The answer, whatever of 2xx, 206 or 304 it is. Raises ThreadmarkError for any other, and
        for one that breaks off, which is asked for again where a repeat changes nothing."""
        retry = self._retry(repeatable or method in ("GET", "HEAD"))
        while True:
            answer = self._opened(method, path, query, body, headers, retry)
            try:
                data = b"".join(_at_most(LONGEST_ANSWER, blocks(answer)))
                return Said(answer.status, answer.headers, data)
            except Interrupted as error:
                if error.code == "too_long":
                    raise
                retry = _once_more(retry, method, error)
                retry.sleep()
            finally:
                answer.close()

    def _opened(
        self,
        method: str,
        path: str,
        query: Query | str | None,
        body: Body | None,
        headers: Mapping[str, str] | None,
        retry: Retry,
    ) -> Answer:
        """An answer of which nothing is read yet."""
        address = f"{self.url}{API}{path}"
        words = query if isinstance(query, str) else encoded(query or {})
        try:
            answer = self._pool.request(
                method,
                f"{address}?{words}" if words else address,
                body=body,
                headers={**self._headers, **(headers or {})},
                retries=retry,
                redirect=False,
                preload_content=False,
            )
        except (HTTPError, OSError) as error:
            raise Unreachable(_unreachable(self.url, error), code="unreachable") from error
        self._has_answered = True
        if 200 <= answer.status < 300 or answer.status == 304:
            return answer
        try:
            raise self._refusal(answer)
        finally:
            answer.close()

    @contextmanager
    def stream(
        self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[Answer]:
        """An answer to be read in blocks; it is closed at the end, read to its end or not."""
        answer = self._opened("GET", path, query, None, headers, self._retry(True))
        try:
            yield answer
        finally:
            answer.close()

    def _retry(self, repeatable: bool) -> Retry:
        """What never reached the server, or was throttled, did nothing: always again.

        A server that has answered before may be starting anew, and is waited for; one that never
        did is most likely not there.
        """
        return Retry(
            total=self._retries,
            connect=self._retries if self._has_answered else min(self._retries, 1),
            read=self._retries if repeatable else 0,
            other=0,
            allowed_methods=None,
            status_forcelist=(429, *BUSY) if repeatable else (429,),
            backoff_factor=0.5,
            backoff_max=LONGEST_WAIT_SECONDS,
            backoff_jitter=0.1,
            retry_after_max=LONGEST_WAIT_SECONDS,
            raise_on_status=False,
        )

    def _refusal(self, answer: Answer) -> ThreadmarkError:
        status, told = answer.status, _told(answer)
        if told is None:
            return self._stranger(answer)
        code, message = str(told["code"]), str(told["message"])
        if status >= 500:
            busy = status in BUSY
            return (Unreachable if busy else ThreadmarkError)(message, code=code, status=status)
        kind = REFUSALS.get(status, InvalidInput)
        if kind is NotLoggedIn:
            message = self._without_login(message)
        return kind(message, code=code, fields=_fields(told.get("fields")), status=status)

    def _without_login(self, message: str) -> str:
        if not self.has_token:
            return (
                "The server wants a token: set THREADMARK_TOKEN, or give one to Threadmark(). "
                f"Tokens are made on the account page, {self.url}/account/."
            )
        return f"{message} (The account page is {self.url}/account/.)"

    def _stranger(self, answer: Answer) -> ThreadmarkError:
        """Something else than the API answered: a proxy, another site, a server at its start."""
        status = answer.status
        if 300 <= status < 400:
            place = answer.headers.get("Location", "nowhere")
            message = f"{self.url} sends to {place}: give that server's address instead."
            return Unreachable(message, code="redirected", status=status)
        if status == 429:
            return REFUSALS[429]("The server is asked too often.", code="throttled", status=status)
        if status in BUSY:
            message = f"The server at {self.url} is not ready (HTTP {status}): try again later."
            return Unreachable(message, code="unreachable", status=status)
        kind = answer.headers.get("Content-Type", "nothing")
        return Unreachable(
            f"What answers at {self.url} is not Threadmark (HTTP {status}, {kind}): "
            "check the address, without /api/v1.",
            code="not_threadmark",
            status=status,
        )


def lines(answer: Answer) -> Iterator[bytes]:
    """The lines of a stream, one in memory at a time.

    Raises Interrupted where one is cut, or longer than any can be.
    """
    rest: list[bytes] = []
    size = 0
    for block in blocks(answer):
        first, *whole = block.split(b"\n")
        rest.append(first)
        size += len(first)
        if size > LONGEST_LINE:
            message = f"The answer has a line of more than {LONGEST_LINE:,} bytes: none is as long."
            raise Interrupted(message, code="too_long")
        if whole:
            yield b"".join(rest)
            yield from whole[:-1]
            rest, size = [whole[-1]], len(whole[-1])
    if size:
        raise Interrupted("The answer ends in the middle of a line: ask again.", code="cut_off")


def blocks(answer: Answer) -> Iterator[bytes]:
    """What there is of the stream, as it comes, so that all that came before a break is given.

    Raises Interrupted where the connection breaks.
    """
    try:
        while block := answer.read1(BLOCK_BYTES):
            yield block
    except (HTTPError, OSError) as error:
        message = f"The connection broke in the middle of the answer ({_reason(error)}): ask again."
        raise Interrupted(message, code="cut_off") from error


def _at_most(limit: int, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts. Raises Interrupted where they are more bytes: memory is not the server's."""
    left = limit
    for part in parts:
        left -= len(part)
        if left < 0:
            message = f"The answer has more than {limit:,} bytes: none is as long."
            raise Interrupted(message, code="too_long")
        yield part


def read_line(line: bytes) -> Row:
    """The object in a line. Raises Interrupted."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        message = f"A line of the answer is no JSON object ({line[:60]!r} …): ask again."
        raise Interrupted(message, code="cut_off")
    return row


def read_json(answer: Said) -> Any:
    """What the answer says. Raises Unreachable for what is no JSON: no Threadmark answered then."""
    try:
        return json.loads(answer.data)
    except (ValueError, RecursionError):
        kind = answer.headers.get("Content-Type", "nothing")
        raise Unreachable(
            f"What answers is not Threadmark: it sent {kind} in place of JSON.",
            code="not_threadmark",
            status=answer.status,
        ) from None


def stranger(what: str) -> Unreachable:
    """For an answer that is JSON, but not what Threadmark says."""
    return Unreachable(
        f"What answers is not Threadmark, or another version than this client knows: {what}.",
        code="not_threadmark",
    )


def _page(said: Any) -> Row:
    """One page of a list. Raises Unreachable for anything else."""
    rows = said.get("results") if isinstance(said, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise stranger("it sent no page of a list")
    return said  # type: ignore[no-any-return]


def _query_of(following: object) -> str:
    try:
        return urlsplit(str(following)).query
    except ValueError:
        raise stranger("the address of the next page is none") from None


def _once_more(retry: Retry, method: str, error: Interrupted) -> Retry:
    """Raises the error where that was often enough."""
    try:
        return retry.increment(method, None, error=ProtocolError(error.message))
    except HTTPError:
        raise error from None


def encoded(query: Query) -> str:
    """A query string; what is None is left out, a list is said value by value."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        several = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        pairs += [(name, _word(name, one)) for one in several if one is not None]
    return urlencode(pairs)


def _word(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime) and value.tzinfo is None:
        sentence = f"The time {value} has no time zone: give one, such as timezone.utc."
        raise InvalidInput(sentence, code="invalid", fields={name: [sentence]})
    return value.isoformat() if isinstance(value, date) else str(value)


def _address(url: str) -> str:
    """Without a slash at the end, and without the path of the API. Raises InvalidInput."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"{url!r} is no address of a server, such as https://threadmark.example")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidInput("The address of the server has no name, password or token in it.")
    path = parts.path.rstrip("/").removesuffix(API.rstrip("/"))
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _authorization(token: str) -> dict[str, str]:
    if not token:
        return {}
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise InvalidInput("The token is not one line of letters and digits, such as tm_….")
    return {"Authorization": f"Token {token}"}


def _pool(url: str, timeout: Timeout) -> urllib3.PoolManager:
    """Through the proxy that the environment names for the address, if any."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.netloc):
        return urllib3.ProxyManager(proxy, timeout=timeout, maxsize=4)
    return urllib3.PoolManager(timeout=timeout, maxsize=4)


def _told(answer: Answer) -> Row | None:
    """The body of a refusal in the API's one shape; None for anything else."""
    try:
        told = json.loads(b"".join(_at_most(LONGEST_REFUSAL, blocks(answer))))
    except (ValueError, RecursionError, Interrupted):
        return None
    known = isinstance(told, dict) and {"code", "message"} <= told.keys()
    return told if known else None


def _fields(told: object) -> dict[str, list[str]]:
    """By name, the sentences about each."""
    if not isinstance(told, dict):
        return {}
    return {
        str(name): [str(one) for one in (said if isinstance(said, list) else [said])]
        for name, said in told.items()
    }


def _unreachable(url: str, error: Exception) -> str:
    return f"The server at {url} does not answer ({_reason(error)})."


def _reason(error: BaseException) -> str:
    """What is at the bottom of it, in a few words."""
    found: BaseException = error
    if isinstance(error, MaxRetryError) and error.reason is not None:
        found = error.reason
    while found.__cause__ is not None:
        found = found.__cause__
    return (str(found).rpartition(": ")[2] or type(found).__name__)[:200]
