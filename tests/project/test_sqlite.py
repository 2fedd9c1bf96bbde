"""Those who write at once on SQLite do so one after the other, and nobody is passed by."""

from __future__ import annotations

import multiprocessing
import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from annotations.models import Corpus
from project.sqlite import base
from tests.builders import build_corpus

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'"),
]
WRITERS = 12


def in_threads(act: Any) -> None:
    """The act in as many threads as write, with a connection each."""

    def run(number: int) -> None:
        try:
            act(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)  # they come in the order of their numbers
    for thread in threads:
        thread.join()


def test_they_write_in_the_order_in_which_they_came() -> None:
    corpus = build_corpus()
    wrote: list[int] = []

    def write(number: int) -> None:
        with transaction.atomic():
            Corpus.objects.filter(pk=corpus.pk).update(name=f"By {number}")
            time.sleep(0.05)
            wrote.append(number)

    in_threads(write)
    assert wrote == list(range(WRITERS))
    assert Corpus.objects.get().name == f"By {WRITERS - 1}"


def test_whoever_fails_or_goes_away_leaves_the_place() -> None:
    build_corpus()

    def fail(number: int) -> None:
        with pytest.raises(RuntimeError):
            _write_in_vain(goes_away=bool(number % 2))

    in_threads(fail)
    with transaction.atomic():
        Corpus.objects.update(name="Kept")
    assert Corpus.objects.get().name == "Kept"


def test_a_savepoint_keeps_the_place_until_the_end() -> None:
    build_corpus()
    held: list[bool] = []
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            _fail_inside()
        held.append(_is_taken())
    held.append(_is_taken())
    assert held == [True, False]


def test_who_waits_too_long_is_told_by_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    build_corpus()
    told: list[str] = []

    def wait() -> None:
        options = {**connection.settings_dict["OPTIONS"], "timeout": 0.2}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        try:
            with transaction.atomic():
                told.append("wrote")
        except OperationalError as error:
            told.append(str(error))
        finally:
            connections.close_all()

    with transaction.atomic():
        Corpus.objects.update(name="Held")
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert told == ["database is locked"]


def test_a_copy_of_the_process_waits_for_nobody_of_the_original() -> None:
    with transaction.atomic():
        copy = multiprocessing.get_context("fork").Process(target=_exit_with_what_is_taken)
        copy.start()
        copy.join()
    assert copy.exitcode == 0


def _exit_with_what_is_taken() -> None:
    raise SystemExit(int(any(place.locked() for place in base._writing.values())))


def _write_in_vain(*, goes_away: bool) -> None:
    with transaction.atomic():
        Corpus.objects.update(name="Never")
        if goes_away:
            connection.close()
        raise RuntimeError


def _fail_inside() -> None:
    with transaction.atomic():
        raise RuntimeError


def _is_taken() -> bool:
    return base._writing[str(connection.settings_dict["NAME"])].locked()
