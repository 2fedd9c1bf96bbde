"""Replies find their parents, in any order of lines and files, and by two imports at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.models import (
    Author,
    Comment,
    Corpus,
    Thread,
)
from importers import running
from project.environment import ROOT
from tests.importers.storing import (
    CORPUS,
    line,
    run_command,
    tree,
    write_lines,
)

pytestmark = pytest.mark.django_db


class TestReplies:
    def test_a_parent_that_comes_in_a_later_file_is_found(self, tmp_path: Path) -> None:
        early = write_lines(
            tmp_path / "1.jsonl", [line("c4", parent="c2"), line("c2", parent="c1"), line("c3")]
        )
        late = write_lines(tmp_path / "2.jsonl", [line("c1"), line("c5", parent="c4")])
        (first,) = run_command(early)
        assert (first["replies"]["given"], first["replies"]["orphaned"]) == (1, 1)
        assert tree() == [("c2", None, 0), ("c4", "c2", 1), ("c3", None, 0)]
        (second,) = run_command(late)
        assert (second["replies"]["given"], second["replies"]["orphaned"]) == (3, 0)
        assert tree() == [
            ("c3", None, 0),
            ("c1", None, 0),
            ("c2", "c1", 1),
            ("c4", "c2", 2),
            ("c5", "c4", 3),
        ]
        assert list(Comment.objects.order_by("position").values_list("position", flat=True)) == [
            0,
            1,
            2,
            3,
            4,
        ]

    def test_a_parent_that_comes_a_thousand_lines_later_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "RECORDS_AT_ONCE", 3)
        lines = [line(f"c{n}", parent=f"c{n + 1}") for n in range(10)]
        (report,) = run_command(write_lines(tmp_path / "up.jsonl", [*lines, line("c10")]))
        assert report["replies"]["given"] == 10
        assert tree() == [
            (f"c{n}", f"c{n + 1}" if n < 10 else None, 10 - n) for n in range(10, -1, -1)
        ]

    def test_rings_are_cut_at_their_first_comment_and_named(self, tmp_path: Path) -> None:
        lines = [
            line("a", parent="c"),
            line("b", parent="a"),
            line("c", parent="b"),
            line("d", parent="c"),
            line("me", parent="me"),
        ]
        (report,) = run_command(write_lines(tmp_path / "ring.jsonl", lines))
        assert report["replies"] == {
            "given": 3,
            "inferred": 0,
            "orphaned": 0,
            "cyclic": 2,
            "cut": ["a", "me"],
        }
        assert tree() == [
            ("a", None, 0),
            ("b", "a", 1),
            ("c", "b", 2),
            ("d", "c", 3),
            ("me", None, 0),
        ]
        assert Comment.objects.get(source_id="a").reply_to_source_id == "c"

    def test_a_parent_in_another_thread_is_no_parent_here(self, tmp_path: Path) -> None:
        lines = [line("c1", thread="t1"), line("c2", thread="t2", parent="c1")]
        (report,) = run_command(write_lines(tmp_path / "two.jsonl", lines))
        assert (report["replies"]["given"], report["replies"]["orphaned"]) == (0, 1)

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data(), split=st.integers(0, 12))
    def test_any_order_of_lines_gives_the_same_tree(
        self, tmp_path: Path, data: st.DataObject, split: int
    ) -> None:
        """However the lines are mixed, and wherever the file is cut in two."""
        parents = {n: data.draw(st.integers(-1, n - 1), f"parent of {n}") for n in range(12)}
        lines = [
            line(f"c{n}", parent=f"c{above}" if above >= 0 else "") for n, above in parents.items()
        ]
        mixed = data.draw(st.permutations(lines))
        corpus = f"mix-{Corpus.objects.count()}"
        halves = [half for half in (mixed[:split], mixed[split:]) if half]
        files = [write_lines(tmp_path / f"{n}.jsonl", half) for n, half in enumerate(halves)]
        options = {"columns": {key: key for key in ("thread", "comment", "parent", "text")}}
        run_command(*files, corpus=corpus, options=json.dumps(options))
        found = tree(corpus)
        assert {(name, above) for name, above, _ in found} == {
            (f"c{n}", f"c{above}" if above >= 0 else None) for n, above in parents.items()
        }
        for place, (_, above, depth) in enumerate(found):
            earlier = [one for one in found[:place] if one[0] == above]
            assert depth == (earlier[0][2] + 1 if above else 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_imports_into_one_corpus_at_the_same_time_share_the_work(tmp_path: Path) -> None:
    """Two processes, the same threads and authors, a corpus that neither finds there."""
    lines = [
        line(f"c{n}", parent=f"c{n - 7}" if n >= 7 else "", thread=f"t{n % 7}", author=f"A{n % 5}")
        for n in range(1_400)
    ]
    files = [
        write_lines(tmp_path / "first.jsonl", lines[:1_100]),
        write_lines(tmp_path / "second.jsonl", lines[300:]),
    ]
    command = [sys.executable, str(ROOT / "manage.py"), "import_threads", "--corpus", CORPUS]
    running = [subprocess.Popen([*command, str(path)], stderr=subprocess.PIPE) for path in files]
    errors = [process.communicate(timeout=120)[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0], errors
    assert Comment.objects.count() == 1_400
    assert (Thread.objects.count(), Author.objects.count()) == (7, 5)
    assert not Thread.objects.filter(order_is_stale=True).exists()
    for thread in Thread.objects.all():
        positions = list(thread.comments.order_by("position").values_list("position", "depth"))
        assert positions == [(n, n) for n in range(len(positions))]
