from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from project.broker import UnsafeFolder, embedded_broker
from project.processes import Supervisor


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "log", print)
    yield supervisor
    supervisor.kill()


def start(supervisor: Supervisor, folder: Path) -> Redis:
    socket = folder / "own" / "broker.sock"
    supervisor.start(embedded_broker(socket, folder / "broker"))
    redis = Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + 60
    while True:
        try:
            redis.ping()
            return redis
        except NoConnection:
            assert time.monotonic() < deadline, "The broker does not answer."
            time.sleep(0.02)


def test_a_message_that_was_taken_survives_kill_9(supervisor: Supervisor, tmp_path: Path) -> None:
    start(supervisor, tmp_path).rpush("celery", "a job")
    supervisor.kill()
    supervisor.children.clear()
    assert start(supervisor, tmp_path).lrange("celery", 0, -1) == [b"a job"]


def test_only_its_owner_can_talk_to_it(supervisor: Supervisor, tmp_path: Path) -> None:
    redis = start(supervisor, tmp_path)
    assert stat.S_IMODE((tmp_path / "own" / "broker.sock").stat().st_mode) == 0o700
    assert redis.config_get("port") == {"port": "0"}


def test_it_never_drops_a_message_for_want_of_memory(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    redis = start(supervisor, tmp_path)
    assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_folder_where_others_may_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(UnsafeFolder, match="others may write"):
        embedded_broker(folder / "broker.sock", tmp_path / "broker")
