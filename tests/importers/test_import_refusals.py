"""What cannot be taken is named with its line or in words, and the rest is imported."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.models import (
    Comment,
    CommentRevision,
)
from importers.models import ImportRun
from importers.store.comments import CAME_AGAIN
from importers.store.load import storable
from tests.builders import (
    build_comment,
    build_corpus,
    build_thread,
)
from tests.importers.storing import (
    CORPUS,
    NOTHING,
    Line,
    created,
    line,
    run_command,
    stored,
    try_command,
    write_lines,
)

pytestmark = pytest.mark.django_db


class TestRefusals:
    def test_each_is_named_with_its_line_and_the_rest_is_imported(self, tmp_path: Path) -> None:
        lines: list[Line] = [
            line("c1", time="2024-03-01T12:00Z"),
            '{"thread": "t", "comment": "c2", "text": "broken',
            line("c3", time="yesterday"),
            line("c1", text="A second c1."),
            line("c4", text="NUL \0 inside"),
            line("c5", time="2024-03-01T12:05Z"),
        ]
        (report,) = run_command(write_lines(tmp_path / "bad.jsonl", lines))
        assert (report["state"], report["comments"]) == ("done", created(2))
        assert [refusal["line"] for refusal in report["refused"]] == [2, 3, 5]
        assert report["refused_count"] == 3
        assert all(refusal["message"].endswith(".") for refusal in report["refused"])

    def test_a_comment_that_comes_again_is_a_newer_version_of_itself(self, tmp_path: Path) -> None:
        lines = [line("c1"), line("c2"), line("c1", text="A second c1.")]
        path = write_lines(tmp_path / "again.jsonl", lines)
        (report,) = run_command(path)
        assert (report["comments"], report["notes"]) == (created(2), {CAME_AGAIN: 1})
        assert Comment.objects.get(source_id="c1").text == "A second c1."
        before = stored()
        (again,) = run_command(path)
        assert again["comments"] == {**created(0), "unchanged": 2}
        assert stored() == before

    def test_an_id_that_another_thread_has_is_refused(self, tmp_path: Path) -> None:
        first = write_lines(tmp_path / "1.jsonl", [line("1", thread="x"), line("2", thread="x")])
        second = write_lines(
            tmp_path / "2.jsonl", [line("1", "Quite another.", thread="y"), line("3", thread="y")]
        )
        (_, report) = run_command(first, second)
        assert report["comments"] == created(1)
        assert report["refused"] == [
            {
                "line": 1,
                "message": "The comment '1' of the thread 'y' has the id of one in the thread "
                "'x'. Ids are unique in a corpus: import the file into another.",
            }
        ]
        assert Comment.objects.get(source_id="1").text == "This is what 1 says."
        assert not CommentRevision.objects.exists()

    def test_all_are_counted_but_a_thousand_kept(self, tmp_path: Path) -> None:
        lines: list[Line] = [line("c1"), *["{"] * 1_200, line("c2")]
        (report,) = run_command(write_lines(tmp_path / "bad.jsonl", lines))
        assert (report["refused_count"], len(report["refused"])) == (1_200, 1_000)
        assert report["comments"] == created(2)

    def test_people_see_the_lines_too(self, tmp_path: Path) -> None:
        out = io.StringIO()
        path = write_lines(tmp_path / "bad.jsonl", [line("c1"), "{", line("c2")])
        call_command("import_threads", str(path), corpus=CORPUS, stdout=out)
        assert "refused: 1" in out.getvalue()
        assert "line 2: The line is not valid JSON" in out.getvalue()


odd_text = st.text(st.sampled_from("a\0\ud83d\ude42é\\u0"), max_size=8)


class TestRaw:
    def test_what_no_database_keeps_is_replaced(self) -> None:
        raw = {"a\0": ["half \ud83d of a pair", {"deep": "NUL \0"}], "n": [float("inf"), 1, None]}
        kept = storable(raw)
        assert kept == {
            "a\ufffd": ["half \ufffd of a pair", {"deep": "NUL \ufffd"}],
            "n": ["inf", 1, None],
        }
        comment = build_comment(build_thread(build_corpus()), raw=kept)
        comment.refresh_from_db()
        assert comment.raw == kept

    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(
            odd_text,
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | odd_text,
                lambda parts: (
                    st.lists(parts, max_size=3) | st.dictionaries(odd_text, parts, max_size=3)
                ),
                max_leaves=6,
            ),
            max_size=3,
        )
    )
    def test_any_record_becomes_json_that_every_database_takes(self, raw: dict[str, Any]) -> None:
        kept = storable(raw)
        written = json.dumps(kept, allow_nan=False, ensure_ascii=False)
        written.encode()
        assert json.loads(written) == kept == storable(kept)

    def test_text_about_escapes_is_text(self, tmp_path: Path) -> None:
        text = r"JSON writes NUL as \u0000 and half a pair as \ud83d, says c1."
        (report,) = run_command(
            write_lines(tmp_path / "code.jsonl", [line("c1", text), line("c2")])
        )
        assert report["comments"] == created(2)
        comment = Comment.objects.get(source_id="c1")
        assert comment.text == comment.raw["text"] == text

    def test_numbers_of_all_sizes_are_unchanged_next_time(self, tmp_path: Path) -> None:
        numbers = [0.1, 1e5, -0.0, 123456789.125, 2**62, 1e-7]
        lines = [line("c1", numbers=numbers, deep={"er": [1, None, True]}), line("c2")]
        path = write_lines(tmp_path / "numbers.jsonl", lines)
        run_command(path)
        (report,) = run_command(path)
        assert report["comments"] == {**NOTHING, "unchanged": 2}


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "is empty"),
            (b"PK\x03\x04rest", "is a broken ZIP archive"),
            (b"\x89PNG\r\n\x1a\n", "is a PNG image"),
            (b"Just one word", "none of the known formats"),
        ],
    )
    def test_it_fails_in_words_and_with_an_exit_code(
        self, tmp_path: Path, file: Path, content: bytes, words: str
    ) -> None:
        path = tmp_path / "bad.jsonl"
        path.write_bytes(content)
        reports, error = try_command(path, file)
        assert [report["state"] for report in reports] == ["failed", "done"]
        assert words in reports[0]["error"]
        assert error is not None
        assert (str(error), error.returncode) == ("1 of 2 files were not imported.", 1)
        assert [run.error for run in ImportRun.objects.filter(state="failed")] == [
            reports[0]["error"]
        ]

    def test_a_file_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        (report,), error = try_command(tmp_path / "gone.csv")
        assert report["error"] == "gone.csv cannot be read: No such file or directory."
        assert error is not None

    def test_a_name_that_is_no_text_is_no_trouble(self, tmp_path: Path) -> None:
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv"))
        path.write_text("text\nThe first comment here.\nThe second comment here.\n")
        (report,) = run_command(path)
        assert (report["file"], report["comments"]) == ("caf.csv", created(2))

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"options": "{"}, "--options is not JSON"),
            ({"options": "[]"}, "--options is a JSON object"),
            ({"user": "nobody"}, "There is no user 'nobody'"),
            ({"corpus": "two words"}, "'two words' cannot be a corpus"),
            ({"corpus": "x" * 81}, "cannot be a corpus: use at most 80"),
        ],
    )
    def test_a_wrong_option_is_said_before_anything_is_done(
        self, file: Path, options: dict[str, str], words: str
    ) -> None:
        with pytest.raises(CommandError, match=words):
            run_command(file, **options)
        assert not ImportRun.objects.exists()

    def test_an_unknown_format_is_named_with_the_known_ones(self, file: Path) -> None:
        (report,), error = try_command(file, format="pigeon")
        assert "no format 'pigeon'" in report["error"]
        assert "saved_page" in report["error"]
        assert error is not None
