"""Two web servers on one database: whichever answers, it is one application."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from project.address import Address
from project.environment import ROOT
from project.launch import web_server
from tests.application import Application
from tests.chaos.annotators import Annotator
from tests.chaos.length import seconds
from tests.chaos.people import PASSWORD
from tests.chaos.small_study import SLUG, SmallStudy, a_save, begin
from tests.chaos.visitor import Visitor
from tests.conftest import SERVER
from tests.servers import free_port

STARTING_SECONDS = 60
BURST = 12
LABELING_SECONDS = seconds(4)


@pytest.mark.slow
def test_two_web_servers_lose_and_double_nothing(
    never_started: Callable[[], Application],
) -> None:
    application = never_started()
    study = begin(application, comments=int(80 + 30 * LABELING_SECONDS))
    try:
        with _second_server(application, {}) as other:
            _one_session(application.url, other)
            _one_of_two_saves(study, other)
            _saves_side_by_side(study, other)
            if SERVER:  # on SQLite each server keeps these to itself, and there is only one
                _one_file_of_labels(study, other)
        if SERVER:
            with (
                _second_server(application, {"TOKEN_BURST": str(BURST), "TOKEN_RATE": "1"}) as one,
                _second_server(application, {"TOKEN_BURST": str(BURST), "TOKEN_RATE": "1"}) as two,
            ):
                _one_bucket(study, one, two)
        assert study.exported() == study.taken
    finally:
        application.stop()


@contextmanager
def _second_server(application: Application, variables: dict[str, str]) -> Iterator[str]:
    """The address of another web server on the same folder, database and broker."""
    port = free_port()
    command = list(web_server(Address("127.0.0.1", port)).command)
    command[command.index("--workers") + 1] = "2" if SERVER else "1"
    url = f"http://127.0.0.1:{port}"
    with (application.var.with_name("second.out")).open("ab") as output:
        process = psutil.Popen(
            command, cwd=ROOT, env={**application.env, **variables}, stdout=output, stderr=output
        )
    try:
        visitor, deadline = Visitor(url), time.monotonic() + STARTING_SECONDS
        while not _answers(visitor):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(visitor: Visitor) -> bool:
    try:
        return visitor.get("/healthz").status == 200
    except OSError:
        return False


def _one_session(first: str, second: str) -> None:
    """Who logged in at one is known to the other, and so is the token of a form."""
    here = Visitor(first).log_in("vera", PASSWORD)
    there = Visitor(second, cookies=dict(here.cookies))
    page = there.get(f"/campaigns/{SLUG}/")
    assert page.status == 200
    assert there.form(f"/campaigns/{SLUG}/state/", {"state": "paused"}).status == 302
    assert here.form(f"/campaigns/{SLUG}/state/", {"state": "open"}).status == 302
    assert there.form("/logout/", {}).status == 302
    assert here.get(f"/campaigns/{SLUG}/").status == 302, "The session ended for both."


def _one_of_two_saves(study: SmallStudy, other: str) -> None:
    """Of two saves on the same revision at the same moment one is taken, the other is told."""
    there = Visitor(other, study.annotator.token)
    for _ in range(5):
        unit = study.next_unit().data
        assert study.save(unit, a_save()).status == 200
        visitors, start = (study.annotator, there), threading.Barrier(2)
        replies: list[tuple[int, str]] = []

        def save(visitor: Visitor, sentiment: str, unit: object = unit) -> None:
            start.wait(10)  # noqa: B023  of this round
            place = f"campaigns/{SLUG}/units/{unit['unit']['id']}/annotation/"  # type: ignore[index]
            reply = visitor.api("PUT", place, a_save(sentiment, revision=1))
            replies.append((reply.status, sentiment))  # noqa: B023

        threads = [
            threading.Thread(target=save, args=pair)
            for pair in zip(visitors, ("mixed", "strongly_negative"), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(status for status, _ in replies) == [200, 409]
        taken = next(sentiment for status, sentiment in replies if status == 200)
        study.taken[next(reversed(study.taken))] = taken


def _saves_side_by_side(study: SmallStudy, other: str) -> None:
    """Two annotators, one at each server: no comment goes to both, and no save is lost."""
    until = time.monotonic() + LABELING_SECONDS
    people = ((study.application.url, study.annotator), (other, study.second))
    crew = [
        Annotator(Visitor(url, person.token), SLUG, until=until, pause=0.1)
        for url, person in people
    ]
    for annotator in crew:
        annotator.start()
    for annotator in crew:
        annotator.join()
    for annotator in crew:
        assert annotator.log.wrong == []
        assert annotator.log.saves > 0
        assert not set(annotator.log.taken) & set(study.taken)
        study.taken |= annotator.log.taken


def _one_file_of_labels(study: SmallStudy, other: str) -> None:
    """Who begins to read a file at one server reads on in the same file at the other."""
    path = f"/api/v1/campaigns/{SLUG}/labels/?format=parquet"
    token = study.manager.token
    whole = Visitor(study.application.url, token).get(path)
    assert whole.status == 200, whole.text
    study.label_next()
    there = Visitor(other, token)
    part = there.get(path, {"Range": f"bytes=0-{len(whole.content) - 1}"})
    assert part.status == 206, part.text
    assert part.content == whole.content


def _one_bucket(study: SmallStudy, first: str, second: str) -> None:
    """What may be asked at once is counted for both together."""
    visitors = [Visitor(url, study.manager.token) for url in (first, second)]
    began = time.monotonic()
    given = [visitors[n % 2].api("GET", "me/").status for n in range(3 * BURST)].count(200)
    assert given <= BURST + 1 + (time.monotonic() - began)
