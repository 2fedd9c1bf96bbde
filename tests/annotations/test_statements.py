"""Statements that go straight to the driver are Django's in all that one may rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.signals import request_started
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from annotations.commits import on_disk_soon
from annotations.models import Corpus
from annotations.statements import Statement
from tests.builders import build_corpus

RENAME = Statement("UPDATE corpus SET name = %s WHERE id = %s")
NAME = Statement("SELECT name, '100 %%' FROM corpus WHERE id = %s")
AGAIN = Statement("INSERT INTO corpus SELECT * FROM corpus WHERE id = %s")
HOW_SOON = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
AT_ONCE = {"sqlite": "PRAGMA synchronous = FULL", "postgresql": "SET synchronous_commit = on"}
IN_TESTS = {"sqlite": "PRAGMA synchronous = OFF", "postgresql": "RESET synchronous_commit"}


@pytest.fixture
def waiting(transactional_db: None) -> Iterator[None]:
    """What is committed is on the disk, as users have it."""
    Statement(AT_ONCE[connection.vendor])()
    yield
    Statement(IN_TESTS[connection.vendor])()


@pytest.mark.django_db
def test_rows_come_as_they_are_stored() -> None:
    corpus = build_corpus()
    assert RENAME(["Straße ‮ %s", corpus.pk]) == []
    assert NAME([corpus.pk]) == [("Straße ‮ %s", "100 %")]
    assert NAME([corpus.pk + 2**40]) == []


@pytest.mark.django_db
def test_who_counts_statements_counts_these() -> None:
    corpus = build_corpus()
    with CaptureQueriesContext(connection) as asked:
        found = NAME([corpus.pk])
    assert found == [(corpus.name, "100 %")]
    assert len(asked) == 1


@pytest.mark.django_db
def test_what_the_database_refuses_is_an_error_of_django() -> None:
    corpus = build_corpus()
    with pytest.raises(IntegrityError), transaction.atomic():
        AGAIN([corpus.pk])
    assert NAME([corpus.pk]) != []


@pytest.mark.django_db
def test_nothing_goes_into_a_transaction_that_is_to_be_taken_back() -> None:
    corpus = build_corpus()
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            RENAME(["Another", corpus.pk])
        transaction.set_rollback(False)


@pytest.mark.usefixtures("waiting")
def test_what_may_be_on_the_disk_soon_is_whole_or_not_at_all() -> None:
    corpus = build_corpus(name="Before")
    usual = _how_soon()
    with on_disk_soon():
        RENAME(["Kept", corpus.pk])
        assert _how_soon() != usual
    assert NAME([corpus.pk])[0][0] == "Kept"
    assert _how_soon() == usual
    with pytest.raises(RuntimeError):
        _rename_in_vain(corpus)
    assert Corpus.objects.get().name == "Kept"
    assert _how_soon() == usual


@pytest.mark.usefixtures("waiting")
def test_inside_of_a_transaction_that_waits_for_the_disk_nothing_changes() -> None:
    corpus = build_corpus()
    usual = _how_soon()
    with transaction.atomic():
        with on_disk_soon():
            RENAME(["Kept", corpus.pk])
        assert _how_soon() == usual
    assert NAME([corpus.pk])[0][0] == "Kept"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_a_connection_that_broke_between_two_requests_is_made_anew() -> None:
    corpus = build_corpus()
    [(backend,)] = Statement("SELECT pg_backend_pid()")()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    other.close()
    request_started.send(sender=None)
    assert NAME([corpus.pk]) == [(corpus.name, "100 %")]


def _rename_in_vain(corpus: Corpus) -> None:
    with on_disk_soon():
        RENAME(["Taken back", corpus.pk])
        raise RuntimeError


def _how_soon() -> str:
    return str(Statement(HOW_SOON[connection.vendor])()[0][0])
