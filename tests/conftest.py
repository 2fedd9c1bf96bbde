"""Chooses the environment before any setting is read; servers and the application as fixtures.

Without DATABASE_URL the tests run as a laptop does: SQLite and the broker that comes with the
application. With it (``python -m tests.on_postgresql``) they run as a team does: PostgreSQL,
and Redis where REDIS_URL names one. Either way in a folder and a database of their own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from tests.application import Application
from tests.dealing import Dealing
from tests.prepared import Prepared
from tests.servers import drop_database, fresh_database, fresh_redis, unused_name, with_database

OwnServers = Callable[..., dict[str, str]]

FOLDER = Path(__file__).parent
# Kept under names of their own for pytest-xdist's processes, which inherit this environment
# after _choose_environment has put this process's database and broker into it.
SERVER = os.environ.setdefault("TESTS_ON_DATABASE", os.environ.get("DATABASE_URL", ""))
REDIS = os.environ.setdefault("TESTS_ON_REDIS", os.environ.get("REDIS_URL", "") if SERVER else "")
# Run on SQLite alone, as is what is marked ``once``. The rule: a test that asks what an answer
# says, who may have it or how it looks is the same on any database, and runs once, provided that
# another one sends the same queries to both. What asks which rows are found, stored, locked or
# refused, what a job leaves behind, what an import or an export writes, runs on both, and so does
# whatever is named nowhere. Of the API, test_roles.py asks every route on both as every role; of
# the pages, test_open_pages.py opens each.
ONCE = (
    "annotations/api/test_schema.py",
    "annotations/test_pages",
    "annotations/test_simulated_study.py",
    "annotations/test_texts_pages.py",
    "importers/samples/",
    "importers/test_pages.py",
)
ON_BOTH = ("annotations/test_pages_quality.py",)  # figures, each from queries of its own
# In the browser it is the other way round: few of these know which database is below them.
IN_BROWSER_ON_BOTH = (
    "e2e/test_downloads.py",
    "e2e/test_exports.py",
    "e2e/test_imports.py",
    "e2e/test_kills.py",
    "e2e/test_readme.py",
    "project/test_launch.py",
)
# Together a third of the time that tests without a browser take: all of each is slow.
SLOW = (
    "annotations/agreement/test_oracles.py",
    "annotations/api/test_mass_assignment.py",
    "annotations/api/test_paging.py",
    "annotations/api/test_scopes.py",
    "annotations/api/test_shapes.py",
    "annotations/test_recoding.py",
    "annotations/test_release_storage.py",
    "annotations/releasing/",
    "annotations/test_stages.py",
    "annotations/test_turns.py",
    "annotations/test_who_opens_what.py",
    "importers/samples/",
    "importers/test_hostile_input.py",
    "importers/test_newer_crawl.py",
    "importers/test_pieces_stored.py",
    "project/test_catalogs.py",
    "project/test_processes.py",
)
TOUCHES_A_SERVER = {"db", "transactional_db", "django_db_setup", "broker", "worker", "own_servers"}

# How long an example takes says nothing but how busy the machine is.
hypothesis.settings.register_profile(
    "tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")

_open = ExitStack()
_prepared: Prepared


def _choose_environment() -> None:
    """The process that begins the run says where the others find what is prepared for all."""
    global _prepared
    from project.environment import VARIABLES

    for variable in VARIABLES:
        os.environ.pop(variable.name, None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    os.environ["VAR_DIR"] = _open.enter_context(tempfile.TemporaryDirectory(prefix="threadmark-"))
    begins = "TESTS_PREPARED" not in os.environ
    place = os.environ.setdefault("TESTS_PREPARED", f"{os.environ['VAR_DIR']}:{unused_name()}")
    folder, _, name = place.rpartition(":")
    _prepared = Prepared(Path(folder), SERVER, name)
    if begins:
        _open.callback(_prepared.forget)
    if SERVER:
        os.environ["DATABASE_URL"] = with_database(SERVER, unused_name())
    if REDIS:
        os.environ["REDIS_URL"] = _open.enter_context(fresh_redis(REDIS))


def _set_up_django() -> None:
    """The test database is the one of the settings, so that other processes find it too.

    The settings' name does not stay in the environment: pytest-xdist's processes inherit that,
    and would read the settings with this process's folder before they choose their own.
    """
    import django
    from django.conf import settings
    from django.db import connections

    from project.catalogs import compile_catalogs
    from tests.emptying import empty_quickly

    compile_catalogs()
    django.setup()
    del os.environ["DJANGO_SETTINGS_MODULE"]
    Path(settings.STATIC_ROOT).mkdir()
    database = connections.settings["default"]
    # a test's database need not survive a power cut
    if SERVER:
        database["OPTIONS"]["options"] = "-c synchronous_commit=off"
    else:
        pragmas = database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        database["OPTIONS"]["init_command"] = pragmas
    empty_quickly()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


_choose_environment()
_set_up_django()


def pytest_unconfigure() -> None:
    _open.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing:
    config.option.loadscopereorder = False
    return Dealing(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs a server or a browser. The longest come first, so that no process ends long
    after the others; the browser comes last, because its event loop stays in the thread and Django
    refuses to query inside one."""
    for item in items:
        place = item.path.relative_to(FOLDER).as_posix()
        if place.startswith("e2e/"):
            item.add_marker("e2e")
        if place.startswith(SLOW):
            item.add_marker("slow")
        if _runs_on_both(item, place):
            item.add_marker("database")
    items.sort(key=_turn)


def _runs_on_both(item: pytest.Item, place: str) -> bool:
    if item.get_closest_marker("once"):
        return False
    if item.get_closest_marker("e2e"):
        return place.startswith(IN_BROWSER_ON_BOTH)
    if place.startswith(ONCE) and not place.startswith(ON_BOTH):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & TOUCHES_A_SERVER)


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    return item.get_closest_marker("e2e") is not None, item.get_closest_marker("long") is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tests of broken texts print half pairs, and a report with one cannot be sent on."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def prepared() -> Prepared:
    """Tables and static files, made once for all processes of the run."""
    return _prepared


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, prepared: Prepared
) -> Iterator[None]:
    """The settings' own database, with all tables: a copy of the one that was migrated."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    prepared.copy_tables(name)
    yield
    with django_db_blocker.unblock():
        connection.close()
    if SERVER:
        drop_database(SERVER, name)


@pytest.fixture(autouse=True)
def _no_beats_from_outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job's heartbeat has a database connection of its own, which sees nothing of a test that
    lives in one transaction: on a slow machine it would take the job for superseded."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and (marker.kwargs.get("transaction") or marker.args[:1])
    commits = commits or "transactional_db" in request.fixturenames
    if not commits and (marker is not None or "db" in request.fixturenames):
        monkeypatch.setattr("annotations.services.running_job.BEAT_SECONDS", 3_600.0)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Each test has rows of its own under the ids of others, of which nothing is to be known."""
    from annotations.selectors.codebooks import forget_questions
    from annotations.selectors.keeping import forget_all

    forget_all()
    forget_questions()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running broker; gives the address where Celery finds it."""
    from django.conf import settings

    from project.broker import embedded_broker
    from project.processes import Supervisor

    supervisor = Supervisor(Path(settings.VAR_DIR) / "log", print)
    if settings.EMBEDDED_BROKER:
        folder = Path(settings.VAR_DIR) / "broker"
        supervisor.start(embedded_broker(settings.BROKER_SOCKET, folder))
    yield settings.CELERY_BROKER_URL
    supervisor.stop()


@pytest.fixture(scope="session")
def worker(broker: str, django_db_setup: None) -> Iterator[None]:
    """A real Celery worker, with its clock, on the test database: use with transactional_db."""
    from django.conf import settings

    from project.launch import worker as worker_program
    from project.processes import Supervisor

    supervisor = Supervisor(Path(settings.VAR_DIR) / "log", print)
    supervisor.start(worker_program())
    yield
    supervisor.stop()


@pytest.fixture(scope="session")
def own_servers(prepared: Prepared) -> Iterator[OwnServers]:
    """Each call makes a new database, and broker, for an application of its own, on the same
    kind of servers as the tests; gives the variables that name them. The database is empty, or
    else has its tables."""

    def variables(*, empty: bool = True) -> dict[str, str]:
        chosen = {}
        if SERVER:
            make = None if empty else prepared.copy_tables
            chosen["DATABASE_URL"] = servers.enter_context(fresh_database(SERVER, make))
        if REDIS:
            chosen["REDIS_URL"] = servers.enter_context(fresh_redis(REDIS))
        return chosen

    with ExitStack() as servers:
        yield variables


@pytest.fixture(scope="session")
def new_application(
    tmp_path_factory: pytest.TempPathFactory, prepared: Prepared, own_servers: OwnServers
) -> Callable[[], Application]:
    """Each call gives an application that was never started, whose tables and static files are
    there already: making those takes most of a first start."""

    def make() -> Application:
        var = tmp_path_factory.mktemp("application") / "var"
        prepared.copy_state(var)
        return Application(var, own_servers(empty=False))

    return make
