"""The same records, sent in bulk in any split or imported as a file, leave the same corpus."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from annotations.models import Comment, CommentRelation, Corpus, Thread, User
from importers.api.records import RecordsTaker
from tests.builders import build_corpus, build_user
from tests.importers.lines_sent import comment, send, thread
from tests.importers.storing import run_command, write_lines

pytestmark = pytest.mark.django_db
Line = dict[str, Any]
LEFT_OUT = {"id", "corpus_id", "thread_id", "author_id", "reply_to_id", "created_at"}
BY_ORDER = {"ordinal", "position"}


@st.composite
def corpora(draw: st.DrawFn) -> list[Line]:
    """Records of up to three threads, each id once: replies, rings, quotes, tombstones, names."""
    lines = [
        thread(f"t{n}", title=f"Thread {n}", missing=n) for n in range(draw(st.integers(0, 3)))
    ]
    names = [f"c{n}" for n in range(draw(st.integers(1, 12)))]
    home = {name: f"t{draw(st.integers(0, 2))}" for name in names}
    for name in names:
        beside = [one for one in names if home[one] == home[name]]
        author = draw(st.sampled_from(["", "ada", "ben"]))
        gone = draw(st.booleans()) and draw(st.booleans())
        fields: Line = {
            "thread_id": home[name],
            "kind": draw(st.sampled_from(["comment", "comment", "post"])),
            "reply_to": draw(st.sampled_from([None, "elsewhere", *beside])),
            "basis": draw(st.sampled_from(["given", "inferred"])),
            "author_id": author,
            "author_name": author.capitalize(),
            "score": draw(st.none() | st.integers(-5, 5)),
            "posted_at": draw(st.sampled_from([None, "2026-03-01T12:00:00+01:00"])),
            "raw": draw(st.sampled_from([{}, {"email": "a@b.example", "n": 1}])),
        }
        if gone:
            fields.update(text="", status=draw(st.sampled_from(["missing", "deleted_by_author"])))
        else:
            target = draw(st.sampled_from(["nowhere", *names]))
            quote = {"kind": "quote", "start": 0, "end": 4, "target_id": target}
            fields["relations"] = draw(st.sampled_from([[], [quote]]))
        lines.append(comment(name, **fields))
    return draw(st.permutations(lines))


def stored(corpus: str, leave_out: set[str]) -> Any:
    """All that readers see of a corpus, with ids of the source in place of ours."""
    comments = Comment.objects.filter(corpus__slug=corpus).order_by("source_id")
    told = [
        {
            **{key: value for key, value in row.items() if key not in LEFT_OUT | leave_out},
            "thread": one.thread.source_id,
            "author": one.author and (one.author.source_id, one.author.name, one.author.pseudonym),
            "answered": one.reply_to and one.reply_to.source_id,
        }
        for one, row in zip(comments, comments.values(), strict=True)
    ]
    threads = Thread.objects.filter(corpus__slug=corpus).order_by("source_id")
    figures = [
        *("source_id", "title", "url", "platform", "missing", "comment_count", "max_depth"),
        *("started_at", "ended_at", "order_is_stale", "raw"),
    ]
    quotes = CommentRelation.objects.filter(comment__corpus__slug=corpus)
    related = ("comment__source_id", "target__source_id", "start", "end", "kind", "basis")
    return told, list(threads.values(*figures)), sorted(quotes.values_list(*related))


def same_corpora(author_names: str) -> None:
    """Two, with the same key for pseudonyms."""
    for slug in ("filed", "talk"):
        build_corpus(slug, author_names=author_names, pseudonym_key="ab" * 32)


def by_file(lines: Sequence[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "records.ndjson", lines)
        run_command(path, corpus="filed", format="threadmark")


def in_bulk(lines: Sequence[Line], cuts: Sequence[int]) -> None:
    client = APIClient(raise_request_exception=True)
    client.force_authenticate(User.objects.get(username="staff"))
    places = sorted({0, len(lines), *(cut % (len(lines) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        _, summary = send(client, lines[start:end])
        assert summary["refused"] == 0


@pytest.fixture(autouse=True)
def staff(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    build_user("staff", is_staff=True)


any_names = st.sampled_from([Corpus.AuthorNames.PSEUDONYM.value, Corpus.AuthorNames.DROPPED.value])
often = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@often
@given(
    lines=corpora(),
    cuts=st.lists(st.integers(0, 20), max_size=3),
    at_once=st.integers(1, 20),
    names=any_names,
)
def test_in_any_split(lines: list[Line], cuts: list[int], at_once: int, names: str) -> None:
    """Quotes of what only a later request brings are stored once their line comes again."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(RecordsTaker, "lines_at_once", at_once)
        same_corpora(names)
        by_file(lines)
        in_bulk(lines, cuts)
        in_bulk(lines, [])
        assert stored("talk", {"ordinal"}) == stored("filed", {"ordinal"})
        transaction.set_rollback(True)


@often
@given(lines=corpora(), seed=st.integers(0, 1_000), at_once=st.integers(1, 20))
def test_in_any_order(lines: list[Line], seed: int, at_once: int) -> None:
    """All but the order of siblings, which is that of their coming."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(RecordsTaker, "lines_at_once", at_once)
        same_corpora(Corpus.AuthorNames.PSEUDONYM)
        by_file(lines)
        shuffled = random.Random(seed).sample(lines, len(lines))
        in_bulk(shuffled, [])
        assert without_rings("talk") == without_rings("filed")
        transaction.set_rollback(True)


def without_rings(corpus: str) -> Any:
    """Where a ring of replies is cut goes by their order, too."""
    told, threads, quotes = stored(corpus, BY_ORDER)
    if has_ring(corpus):
        for one in told:
            del one["depth"], one["answered"]
        for one in threads:
            del one["max_depth"]
    return told, threads, quotes


def has_ring(corpus: str) -> bool:
    rows = Comment.objects.filter(corpus__slug=corpus)
    parents = dict(rows.values_list("source_id", "reply_to_source_id"))

    def goes_round(name: str) -> bool:
        seen: set[str] = set()
        while name in parents and name not in seen:
            seen.add(name)
            name = parents[name]
        return name in seen

    return any(goes_round(name) for name in parents)
