"""How often something may happen: buckets that fill up again while time passes.

Several processes share them beside the broker's messages (Redis or Valkey). While that does not
answer, each counts for itself: nobody is refused because a server is away.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

# A bucket is kept as the time at which it will be full again, and forgotten then. The server's
# clock counts, the same for all; a clock that jumps back costs nobody more than one filling.
TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local each, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
full = math.min(math.max(full, now), now + each * size)
local wait = full - now - each * (size - 1)
if wait > 0.000001 then
    return {0, string.format('%.6f', full - now)}
end
local kept = math.ceil((full + each - now) * 1000)
redis.call('SET', KEYS[1], string.format('%.6f', full + each), 'PX', kept)
return {1, string.format('%.6f', full + each - now)}
"""
ANSWER_SECONDS = 0.25
PAUSE_SECONDS = 10.0
MOST_KEPT = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """``burst`` at once, and ``rate`` a second on and on; a rate of 0 is no limit."""

    rate: int
    burst: int


@dataclass(frozen=True)
class Taken:
    """What was asked for is given, or ``refused``. ``left`` more can be had at once, and one more
    than that in ``again`` seconds."""

    refused: bool
    left: int
    again: float

    @classmethod
    def from_filling(cls, allowance: Allowance, seconds: float, *, refused: bool) -> Taken:
        """From a bucket that is full in so many seconds."""
        each, size = 1 / allowance.rate, max(1, allowance.burst)
        left = 0 if refused else max(0, int((each * size - seconds + 1e-6) / each))
        return cls(refused, left, seconds - each * (size - left - 1))

    @property
    def wait(self) -> float:
        """Seconds until what was refused can be had; 0 where it was given."""
        return self.again if self.refused else 0.0


class SharedBuckets:
    """Buckets on the broker's server."""

    def __init__(self, url: str) -> None:
        client = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._take: Any = client.register_script(TAKE)

    def take(self, key: str, allowance: Allowance) -> Taken:
        """Raises RedisError where the server does not answer, or takes no more."""
        arguments = [1 / allowance.rate, max(1, allowance.burst)]
        given, seconds = self._take(keys=[f"threadmark:bucket:{key}"], args=arguments)
        return Taken.from_filling(allowance, float(seconds), refused=not given)


class OwnBuckets:
    """Buckets of this process."""

    def __init__(self) -> None:
        self._full: dict[str, float] = {}
        self._lock = Lock()

    def take(self, key: str, allowance: Allowance) -> Taken:
        now, each = time.monotonic(), 1 / allowance.rate
        with self._lock:
            full = max(self._full.get(key, now), now)
            wait = full - now - each * (max(1, allowance.burst) - 1)
            if wait > 1e-6:
                return Taken.from_filling(allowance, full - now, refused=True)
            self._full[key] = full + each
            if len(self._full) > MOST_KEPT:
                self._full = {one: at for one, at in self._full.items() if at > now}
        return Taken.from_filling(allowance, full + each - now, refused=False)


class Buckets:
    """The shared ones, if there are any, and this process's own while they cannot be asked."""

    def __init__(self, shared: SharedBuckets | None) -> None:
        self._shared = shared
        self._own = OwnBuckets()
        self._ask_again_at = 0.0

    def take(self, key: str, allowance: Allowance) -> Taken:
        if self._shared is not None and time.monotonic() >= self._ask_again_at:
            try:
                return self._shared.take(key, allowance)
            except RedisError as error:
                self._ask_again_at = time.monotonic() + PAUSE_SECONDS
                log.warning("Each process counts requests for itself for a while: %s", error)
        return self._own.take(key, allowance)


@cache
def buckets() -> Buckets:
    url = settings.BUCKETS_URL
    return Buckets(SharedBuckets(url) if url else None)


def take(key: str, allowance: Allowance) -> Taken | None:
    """Take one from the bucket of the key; None where there is no limit."""
    return buckets().take(key, allowance) if allowance.rate else None
