"""Buckets: what may happen at once and on and on, on the broker's server and without it."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import ConnectionError

from annotations import buckets
from annotations.buckets import Allowance, Buckets, OwnBuckets, SharedBuckets

SLOW = Allowance(rate=1, burst=10)


@pytest.fixture
def url(broker: str) -> str:
    """The tests' own server, which may just have been started."""
    address = broker.replace("redis+socket://", "unix://")
    client = Redis.from_url(address)
    deadline = time.monotonic() + 60
    while True:
        try:
            for key in client.scan_iter("threadmark:bucket:*"):
                client.delete(key)
            return address
        except ConnectionError as error:
            if time.monotonic() > deadline:
                raise AssertionError("The broker does not answer.") from error
            time.sleep(0.05)


@pytest.fixture
def shared(url: str) -> SharedBuckets:
    return SharedBuckets(url)


@given(
    gaps=st.lists(st.floats(0, 3), max_size=60),
    rate=st.integers(1, 10),
    burst=st.integers(1, 20),
)
def test_no_more_than_the_allowance_and_no_less(gaps: list[float], rate: int, burst: int) -> None:
    """In any stretch of time at most ``burst`` and ``rate`` for each second; who waits as long as
    it is told gets one."""
    clock = SimpleNamespace(now=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "time", SimpleNamespace(monotonic=lambda: clock.now))
        own, taken = OwnBuckets(), []
        for gap in gaps:
            clock.now += gap
            wait = own.take("a", Allowance(rate, burst)).wait
            if wait:
                clock.now += wait
                assert not own.take("a", Allowance(rate, burst)).refused
            taken.append(clock.now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            allowed = burst + (taken[last] - taken[first]) * rate
            assert last - first + 1 <= allowed + 1e-4


@given(
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=40),
    rate=st.integers(1, 10),
    burst=st.integers(1, 20),
)
def test_what_is_left_can_be_had_at_once_and_one_more_when_it_says(
    gaps: list[float], rate: int, burst: int
) -> None:
    clock = SimpleNamespace(now=0.0)
    allowance = Allowance(rate, burst)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "time", SimpleNamespace(monotonic=lambda: clock.now))
        own = OwnBuckets()
        for gap in gaps:
            clock.now += gap
            taken = own.take("a", allowance)
        at_once = [own.take("a", allowance) for _ in range(taken.left)]
        assert not any(one.refused for one in at_once)
        assert own.take("a", allowance).refused
        assert 0 < taken.again <= 1 / rate + 1e-5
        clock.now += taken.again
        assert not own.take("a", allowance).refused


def test_the_buckets_of_a_process_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(buckets, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(buckets, "MOST_KEPT", 10)
    own = OwnBuckets()
    for number in range(100):
        clock.now += 1
        own.take(str(number), Allowance(rate=1, burst=2))
    assert len(own._full) <= 11


def test_all_processes_draw_from_one_bucket(url: str, shared: SharedBuckets) -> None:
    another = SharedBuckets(url)
    for one in (shared, another) * 5:
        assert not one.take("ours", SLOW).refused
    assert 0.5 < another.take("ours", SLOW).wait <= 1
    assert not shared.take("theirs", SLOW).refused


def test_nobody_slips_through_who_asks_at_the_same_time(url: str, shared: SharedBuckets) -> None:
    passed: list[bool] = []

    def ask() -> None:
        own_connection = SharedBuckets(url)
        passed.extend(not own_connection.take("crowd", SLOW).refused for _ in range(20))

    began = time.monotonic()
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 10 <= sum(passed) <= 10 + 1 + (time.monotonic() - began)


def test_a_bucket_fills_up_again_and_is_forgotten(url: str, shared: SharedBuckets) -> None:
    quick = Allowance(rate=4, burst=2)
    assert [shared.take("quick", quick).left for _ in range(2)] == [1, 0]
    wait = shared.take("quick", quick).wait
    assert 0 < wait <= 0.25
    time.sleep(wait)
    assert not shared.take("quick", quick).refused
    time.sleep(1)
    assert Redis.from_url(url).exists("threadmark:bucket:quick") == 0


def test_a_clock_that_jumped_back_costs_one_filling(url: str, shared: SharedBuckets) -> None:
    ahead = time.time() + 3600
    Redis.from_url(url).set("threadmark:bucket:jumped", ahead)
    assert shared.take("jumped", SLOW).wait <= SLOW.burst


def test_without_a_server_each_process_counts_for_itself(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Buckets(SharedBuckets("unix:///nowhere/broker.sock"))
    assert [alone.take("a", SLOW).left for _ in range(10)] == list(reversed(range(10)))
    assert alone.take("a", SLOW).wait > 0
    assert len(caplog.records) == 1


def test_a_server_that_comes_back_is_asked_again(
    url: str, shared: SharedBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "PAUSE_SECONDS", 0.0)
    both = Buckets(SharedBuckets("unix:///nowhere/broker.sock"))
    both.take("back", SLOW)
    both._shared = shared
    both.take("back", SLOW)
    assert Redis.from_url(url).exists("threadmark:bucket:back") == 1
