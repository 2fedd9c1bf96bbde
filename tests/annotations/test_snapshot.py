"""A long reading: what it holds of SQLite's pages, and what it leaves behind."""

from __future__ import annotations

import pytest
from django.db import connection

from annotations.selectors.snapshot import CACHE_KIB, snapshot
from tests.builders import build_corpus

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone caches in the worker"),
]


def cache() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (size,) = cursor.fetchone()
    return int(size)


def test_a_reading_holds_fewer_pages_than_the_connection_may() -> None:
    usual = cache()
    with snapshot():
        assert cache() == -CACHE_KIB > usual
        with snapshot():
            assert cache() == -CACHE_KIB
        assert cache() == -CACHE_KIB
    assert cache() == usual


def test_a_reading_that_failed_gives_the_pages_back() -> None:
    usual = cache()
    with pytest.raises(RuntimeError), snapshot():
        raise RuntimeError
    assert cache() == usual
    build_corpus()  # and the connection writes again
