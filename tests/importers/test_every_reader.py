"""Every reader, whatever comes: it gives records or a sentence, within bounds, and all can be
stored.

The formats are found by the registry, so a new one is tested from its first day. ``CHAOS=1``
makes twenty-five times as many examples.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from annotations.models import Author, Comment, Thread
from importers.records import RecordError
from importers.registry import candidates, formats, get_format
from importers.source import Source
from tests.importers.damage import (
    MORE,
    any_damage,
    bounded,
    everything,
    options_of,
    other_values,
    other_words,
    put,
    whole,
)
from tests.importers.hostile import taken
from tests.importers.reading import readable_anyhow
from tests.importers.storing import try_command

every_format = pytest.mark.parametrize("name", list(formats()))
Damaged = tuple[Path, bytes]


@cache
def others() -> list[bytes]:
    return [path.read_bytes()[:5_000] for path in everything()]


def damaged_files(name: str) -> st.SearchStrategy[Damaged]:
    """A golden file of the format with what became of it."""

    def of(file: Path) -> st.SearchStrategy[Damaged]:
        data = file.read_bytes()
        ways = [any_damage(data, others()), other_words(data)]
        if (values := other_values(data)) is not None:
            ways.append(values)
        return st.tuples(st.just(file), st.one_of(ways))

    return st.sampled_from(whole(name)).flatmap(of)


def read(name: str, path: Path, options: dict[str, Any]) -> None:
    with bounded():
        for record in taken(get_format(name).read, path, options):
            if isinstance(record, RecordError):
                assert record.message.endswith("."), record.message
                assert record.message.isprintable(), record.message


@every_format
def test_made_up_bytes(name: str) -> None:
    @settings(max_examples=8 * MORE)
    @given(data=readable_anyhow)
    def try_out(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "input"
            path.write_bytes(data)
            read(name, path, {})

    try_out()


@every_format
@pytest.mark.slow
def test_damaged_files(name: str) -> None:
    @settings(max_examples=15 * MORE)
    @given(damaged=damaged_files(name))
    def try_out(damaged: Damaged) -> None:
        file, data = damaged
        with tempfile.TemporaryDirectory() as folder:
            read(name, put(file, data, Path(folder)), options_of(file))

    try_out()


@settings(max_examples=60 * MORE)
@given(damaged=st.sampled_from(list(formats())).flatmap(damaged_files))
def test_what_a_damaged_file_is_can_be_asked(damaged: Damaged) -> None:
    """No format's ``detect`` and ``propose`` breaks on the files of the others."""
    file, data = damaged
    with tempfile.TemporaryDirectory() as folder, bounded():
        source = Source(put(file, data, Path(folder)))
        try:
            likely = candidates(source)
            for one in likely:
                assert 0 < one.score <= 1
                if one.format.propose:
                    json.dumps(one.format.propose(source))
        except UnreadableFile:
            pass


@every_format
@pytest.mark.slow
@pytest.mark.django_db
def test_what_is_left_of_damaged_files_is_stored_or_refused(name: str) -> None:
    """On the whole way: the run ends, says why, and a refused file leaves nothing."""

    @settings(max_examples=3 * MORE, suppress_health_check=[*HealthCheck])
    @given(damaged=damaged_files(name))
    def try_out(damaged: Damaged) -> None:
        file, data = damaged
        with tempfile.TemporaryDirectory() as folder, transaction.atomic():
            path = put(file, data, Path(folder))
            options = json.dumps(options_of(file))
            with bounded():
                (report,), _ = try_command(path, format=name, options=options)
            assert report["state"] in ("done", "failed")
            if report["state"] == "failed":
                assert report["error"].endswith(".")
                assert not any(table.objects.exists() for table in (Author, Comment, Thread))
            for comment in Comment.objects.select_related("thread"):
                assert isinstance(comment.raw, dict)
                assert "\x00" not in comment.text
            transaction.set_rollback(True)

    try_out()
