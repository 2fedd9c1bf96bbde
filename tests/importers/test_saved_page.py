from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import saved_page
from importers.records import CommentRecord, Record, RecordError
from importers.source import Source
from tests.importers.golden import cases, check_case
from tests.importers.reading import comments, outcome, readable_anyhow, relations


def page(tmp_path: Path, *parts: str) -> list[Record]:
    path = tmp_path / "page.txt"
    path.write_text("\n\n".join(parts))
    return list(saved_page.read(Source(path), {}))


@pytest.mark.parametrize("case", cases("saved_page"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_the_same_page_gives_the_same_ids(tmp_path: Path) -> None:
    parts = ["Title", "Ada's picture", "Text.", "Ben's picture", "Comment."]
    assert page(tmp_path, *parts) == page(tmp_path, *parts)
    assert page(tmp_path, *parts)[0] != page(tmp_path, *parts, "More.")[0]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("O'Brien's picture", "O'Brien"),
        ("Kim's picture's picture", "Kim's picture"),
        ("Ada&#039;s picture", "Ada"),
        ("O&#039;Brien&#039;s Picture", "O'Brien"),
        ("Snípéir_Ag_Obair's picture", "Snípéir_Ag_Obair"),
        ("Gold...Bitches's picture", "Gold...Bitches"),
    ],
)
def test_names(tmp_path: Path, header: str, name: str) -> None:
    records = page(tmp_path, "Title", "Article.", header, "Comment.")
    assert [record.author_name for record in comments(records)] == [name]


@pytest.mark.parametrize("line", ["'s picture", f"{'x' * 61}'s picture", "Ben's picture is nice"])
def test_what_is_no_header_is_text(tmp_path: Path, line: str) -> None:
    records = page(tmp_path, "Title", "Ada's picture", "Article.", line)
    assert comments(records) == []
    assert isinstance(records[1], CommentRecord)
    assert records[1].text == f"Article.\n\n{line}"


def test_own_words_are_no_reply(tmp_path: Path) -> None:
    words = "The ferry has not run since the storm in March."
    talk = ["Ada's picture", words, "Ada's picture", f"{words} As I said."]
    records = page(tmp_path, "Title", "Article.", *talk)
    assert [record.reply_to for record in comments(records)] == [None, None]
    assert len(relations(records, "quote")) == 1


def test_quoting_two_people_keeps_both_quotes_and_no_parent(tmp_path: Path) -> None:
    one, two = "The ferry has not run since March.", "The bridge is closed on Sundays, too."
    talk = ["Ada's picture", one, "Ben's picture", two, "Cay's picture", f"{one}\n\n{two}\n\nSo?"]
    records = page(tmp_path, "Title", "Article.", *talk)
    assert comments(records)[2].reply_to is None
    assert len(relations(records, "quote")) == 2


def test_repeating_a_comment_without_own_words_is_no_reply(tmp_path: Path) -> None:
    words = "I earn 90 an hour from home, ask me how."
    records = page(tmp_path, "Title", "Article.", "Ada's picture", words, "Ben's picture", words)
    assert comments(records)[1].reply_to is None


def test_sentences_under_25_characters_prove_nothing(tmp_path: Path) -> None:
    for words, proven in (("Ferries do run today ok.", False), ("Ferries do run today, ok.", True)):
        talk = ["Ada's picture", words, "Ben's picture", f"{words}\n\nNo."]
        records = page(tmp_path, "Title", "Article.", *talk)
        assert (comments(records)[1].reply_to is not None) == proven


def test_prose_is_no_name(tmp_path: Path) -> None:
    earlier = [f"{name}'s picture\n\nHello." for name in ("laser", "Exactly", "Putin", "NOW")]
    text = "A laser? Exactly. I want it NOW, and so does Putin. @laser knows."
    records = page(tmp_path, "Title", "Putin spoke.", *earlier, "Ada's picture", text)
    found = [(r.target_author_id, r.start) for _, r in relations(records, "mention")]
    assert found == [("laser", text.index("laser knows"))]


def test_a_broken_comment_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(
        b"Title\n\nArticle.\n\nAda's picture\n\nna\xefve\n\nBen's picture\n\nWhole.\n\n"
        b"Cay's picture\n\nCut in \xf0\x9f\x98"
    )
    records = list(saved_page.read(Source(path), {}))
    assert [record.text for record in comments(records)] == ["Whole."]
    assert [r.line for r in records if isinstance(r, RecordError)] == [5, 13]


def test_options_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("Title\n\nArticle.")
    with pytest.raises(InvalidInput, match="dialect"):
        list(saved_page.read(Source(path), {"dialect": "csv"}))


def test_a_page_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    with path.open("wb") as file:
        file.truncate(saved_page.PAGE_LIMIT + 1)
    with pytest.raises(UnreadableFile, match="at most"):
        list(saved_page.read(Source(path), {}))


@pytest.mark.slow
def test_five_thousand_comments_that_begin_alike_are_read(tmp_path: Path) -> None:
    words = "Everybody begins with these very words, number {}, and goes on alike for a while."
    talk = [
        f"User{n % 900}'s picture\n\n{words.format(n)} {words.format(n // 2)} " + "So it is. " * 20
        for n in range(5_000)
    ]
    records = page(tmp_path, "Title", "Article.", *talk)
    assert len(comments(records)) == 5_000
    assert len(relations(records, "quote")) > 0


line = st.sampled_from(["", "", "* * *", "Ada's picture", "O&#039;B&#039;s picture", "A b. C d!"])


@given(lines=st.lists(st.one_of(line, st.text(max_size=80)), max_size=40))
def test_any_page_is_kept_whole(lines: list[str]) -> None:
    data = "\n".join(lines).replace("\r", "").encode(errors="replace")
    records = outcome(saved_page.read, data.removeprefix(b"\xef\xbb\xbf"), {})
    if records and not any(isinstance(record, RecordError) for record in records):
        talk = [record for record in records if isinstance(record, CommentRecord)]
        front, _, rest = data.decode().rpartition("".join(record.raw["source"] for record in talk))
        assert (front.strip("\ufeff \t\n"), rest) == ("", "")
        assert all(r.text[b.start : b.end].strip(" \t") for r in talk for b in r.blocks)


@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    outcome(saved_page.read, data, {})
