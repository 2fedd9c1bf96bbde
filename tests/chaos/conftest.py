"""A machine to break: the application on each database, none of it shared with other tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.application import Application
from tests.chaos.machine import Machine
from tests.chaos.postgres import own_postgres
from tests.conftest import OwnServers
from tests.prepared import Prepared

# A failed assert there says what it compared, as in a test.
pytest.register_assert_rewrite("tests.chaos.checks", "tests.chaos.havoc")


@pytest.fixture(params=["sqlite", "postgresql"])
def machine(
    request: pytest.FixtureRequest, tmp_path: Path, prepared: Prepared
) -> Iterator[Machine]:
    """Not started: who uses it fills the database first, so that no demo is made."""
    with ExitStack() as opened:
        application = Application(tmp_path / "var")
        prepared.copy_state(application.var)
        server = None
        if request.param == "postgresql":
            server = opened.enter_context(own_postgres())
            application.variables["DATABASE_URL"] = server.url
        application.variables["WEBHOOK_ALLOWED_HOSTS"] = "127.0.0.1"
        yield Machine(application, server)
        if application.process is not None and application.process.poll() is None:
            application.stop()


@pytest.fixture
def never_started(
    tmp_path_factory: pytest.TempPathFactory, prepared: Prepared, own_servers: OwnServers
) -> Callable[[], Application]:
    """An application on the database of the run, with its tables and nothing in them."""

    def make() -> Application:
        var = tmp_path_factory.mktemp("application") / "var"
        prepared.copy_state(var)
        return Application(var, own_servers(empty=False))

    return make
