"""What of people is left in a dataset, by its privacy."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.exporters.dataset import Dataset
from annotations.exporters.privacy import protected
from annotations.exporters.pseudonyms import Pseudonyms
from annotations.exporters.registry import exporters
from annotations.exporters.rows import AnswerRow, CommentRow, NamedRow, Row, ThreadRow
from tests.annotations.exporters.discussion import dataset, label, said, span
from tests.annotations.exporters.written import written

pytestmark = pytest.mark.slow

KEPT_OUT = pytest.mark.parametrize("privacy", ["pseudonymous", "redacted"])
KNOWN = [*("Ada", "Ada King", "buzz_99", "x.y~z", "Žofie", "אדה", "Jo-Jo", "B.", "ζ-3"), "Q"]
WORDS = [*("the", "bridge", "2", "€ 😀", "=2+2", "שלום", "and/or.", "(see)", "[x]"), "Adams"]
IDENTIFIERS = [
    *("ada@news.example", "https://news.example/Ada?u=1", "www.news.example", "192.0.2.7"),
    *("+49 30 1234567", "030/1234567", "DE89 3704 0044 0532 0130 00", "2001:db8::8a2e"),
]
HANDLES = ["@ADA", "@stranger", "u/buzz_99", "@q@social.example", "＠Žofie"]
GAPS = st.sampled_from([" ", ", ", "\n", "! ", " (", ") ", ": ", "\u00a0"])
KEY = "0" * 64
PACKED = {"huggingface", "spacy"}  # of the rows that parquet and doccano tell as text
FEW = settings(max_examples=25, deadline=None)


@st.composite
def texts(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.sampled_from([*WORDS, *KNOWN, *IDENTIFIERS, *HANDLES]), max_size=8))
    return "".join(part + draw(GAPS) for part in parts)


@st.composite
def spans(draw: st.DrawFn, text: str) -> tuple[AnswerRow, ...]:
    places = draw(st.lists(st.tuples(*[st.integers(0, len(text))] * 2), max_size=3))
    return tuple(
        AnswerRow(
            question="part", kind="span", value="fact", start=min(one), end=max(one),
            quote=text[min(one) : max(one)],
        )
        for one in places
    )  # fmt: skip


@st.composite
def comments(draw: st.DrawFn, number: int) -> CommentRow:
    text, earlier = draw(texts()), draw(st.none() | texts())
    annotation = said(
        "A1",
        *draw(spans(text if earlier is None else earlier)),
        label("why", draw(texts()), "text"),
        label("claim", "yes"),
        AnswerRow(question="to", kind="relation", value="disagrees", related="source-0"),
        text=earlier,
        note=draw(texts()),
        reason=draw(texts()),
        skip_reason=draw(texts()),
    )
    name = draw(st.sampled_from(KNOWN))
    return CommentRow(
        id=f"source-{number}",
        reply_to=f"source-{draw(st.integers(0, 3))}",
        author=draw(st.sampled_from([name, "u1f00"])),
        named=(NamedRow(author="u1f00", names=(name,)),),
        text=text,
        annotations=(annotation,),
    )


@st.composite
def studies(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = []
    for thread in range(draw(st.integers(1, 2))):
        url = "https://news.example/1"
        rows.append(ThreadRow(id=f"thread-{thread}", title=draw(texts()), url=url))
        rows += [draw(comments(10 * thread + n)) for n in range(draw(st.integers(1, 3)))]
    return rows


def kept(rows: list[Row], privacy: str, key: str = KEY) -> list[Row]:
    return list(protected(dataset(rows, privacy=privacy), key).rows())


def strings(value: Any) -> Iterator[str]:
    """All texts of what was decoded from JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def told(rows: list[Row]) -> list[str]:
    return list(strings(json.loads(msgspec.json.encode(rows))))


def told_without_quotes(rows: list[Row]) -> list[str]:
    """A quote that cuts a word may read like a name."""
    bare = [
        msgspec.structs.replace(
            row,
            annotations=tuple(
                msgspec.structs.replace(
                    one, answers=tuple(msgspec.structs.replace(a, quote="") for a in one.answers)
                )
                for one in row.annotations
            ),
        )
        for row in rows
    ]
    return told(bare)


@dataclass(frozen=True)
class _Thread:
    rows: list[Row]

    @property
    def names(self) -> set[str]:
        people = [row for row in self.rows if isinstance(row, CommentRow)]
        known = {row.author for row in people}
        return known | {name for row in people for one in row.named for name in one.names}


def threads(rows: list[Row]) -> Iterator[_Thread]:
    starts = [n for n, row in enumerate(rows) if isinstance(row, ThreadRow)]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield _Thread(rows[start:end])


@KEPT_OUT
@given(rows=studies())
@FEW
def test_no_name_of_a_thread_is_left_in_it(privacy: str, rows: list[Row]) -> None:
    found = kept(rows, privacy)
    for before, after in zip(threads(rows), threads(found), strict=True):
        for name in before.names:
            whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
            if len(name) >= 3:
                assert not [text for text in told_without_quotes(after.rows) if whole.search(text)]


@KEPT_OUT
@given(rows=studies())
@FEW
def test_no_handle_is_left(privacy: str, rows: list[Row]) -> None:
    for text in told(kept(rows, privacy)):
        assert not [handle for handle in HANDLES if handle in text]


@given(rows=studies())
@FEW
def test_nothing_that_identifies_is_left_where_it_is_redacted(rows: list[Row]) -> None:
    for text in told(kept(rows, "redacted")):
        assert not [one for one in IDENTIFIERS if one in text]
        assert "@" not in text
        assert "＠" not in text


@KEPT_OUT
@given(rows=studies())
@FEW
def test_no_id_of_the_source_is_left(privacy: str, rows: list[Row]) -> None:
    encoded = "\n".join(told(kept(rows, privacy)))
    assert not re.search(r"source-\d|thread-\d|news.example/1\b|u1f00", encoded)


@KEPT_OUT
@given(rows=studies())
@FEW
def test_every_span_still_reads_its_quote(privacy: str, rows: list[Row]) -> None:
    for before, after in zip(rows, kept(rows, privacy), strict=True):
        for old, new in zip(before.annotations, after.annotations, strict=True):
            assert isinstance(after, CommentRow)
            text = after.text if new.text is None else new.text
            for was, is_now in zip(old.answers, new.answers, strict=True):
                if was.kind == "span":
                    assert text[is_now.start : is_now.end] == is_now.quote
                    assert bool(is_now.quote) >= bool(was.quote)


@KEPT_OUT
@given(rows=studies())
@FEW
def test_the_same_key_gives_the_same_and_another_shares_no_id(
    privacy: str, rows: list[Row]
) -> None:
    def ids(key: str) -> set[str]:
        found = kept(rows, privacy, key)
        people = [row for row in found if isinstance(row, CommentRow)]
        told = {row.id for row in found} | {one.reply_to for one in people}
        return told | {one.author for one in people}

    assert kept(rows, privacy, "1") == kept(rows, privacy, "1")
    assert not ids("1") & ids("2")


@KEPT_OUT
@given(rows=studies(), text=st.text("abcdefgh äß.,?\n😀"))
@FEW
def test_what_names_nobody_is_as_it_was(privacy: str, rows: list[Row], text: str) -> None:
    quiet = [msgspec.structs.replace(row, annotations=()) for row in rows]
    quiet = [
        msgspec.structs.replace(row, text=text, author="Somebody Else", named=())
        if isinstance(row, CommentRow)
        else row
        for row in quiet
    ]
    for before, after in zip(quiet, kept(quiet, privacy), strict=True):
        if isinstance(before, CommentRow) and isinstance(after, CommentRow):
            assert after.text == text
            changed = {"id", "reply_to", "author"}
            assert all(
                getattr(before, name) == getattr(after, name)
                for name in before.__struct_fields__
                if name not in changed
            )


@KEPT_OUT
@given(rows=studies())
@FEW
def test_what_only_privacy_may_know_is_never_given_out(privacy: str, rows: list[Row]) -> None:
    """Not even by a dataset that somebody forgot to protect."""
    study = dataset(rows, privacy=privacy)
    without = [msgspec.structs.replace(row, named=()) for row in rows]
    assert list(study.rows()) == without
    by_thread = study.threads()
    assert [row for thread, comments in by_thread for row in (thread, *comments)] == without


@given(rows=studies())
@FEW
def test_full_is_all_of_it(rows: list[Row]) -> None:
    without = [msgspec.structs.replace(row, named=()) for row in rows]
    assert kept(without, "full") == without


@given(rows=studies())
@FEW
def test_dehydrated_are_ids_labels_and_places(rows: list[Row]) -> None:
    found = kept(rows, "dehydrated")
    assert [row.id for row in found] == [row.id for row in rows]
    kinds = {"thread", "comment", "human", "A1", "part", "span", "fact", "claim", "to"}
    kinds |= {"single_label", "relation", "yes", "disagrees", ""}
    assert {
        text for text in told(found) if not re.fullmatch(r"(source|thread)-\d+|2026.*", text)
    } <= kinds
    for before, after in zip(rows, found, strict=True):
        places = [(one.start, one.end) for row in before.annotations for one in row.about("part")]
        assert places == [
            (one.start, one.end) for row in after.annotations for one in row.about("part")
        ]


def texts_of(parquet: bytes) -> str:
    return str(pq.read_table(io.BytesIO(parquet)).to_pylist())


@KEPT_OUT
@pytest.mark.parametrize("name", sorted(exporters().keys() - PACKED))
def test_no_format_tells_a_name(privacy: str, name: str) -> None:
    """The discussion of the golden files: what leads to people there is in every format gone."""
    file = written(name, protected(dataset(privacy=privacy), KEY))
    content = texts_of(file) if name == "parquet" else file.decode(errors="replace")
    told = ["u123", "u456", "u000", "@ada", "https://news.example", "c1", "t1"]
    told += ["ada@news.example"] if privacy == "redacted" else []
    assert not [one for one in told if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", content)]


def discussion(*texts: str, **first: Any) -> list[Row]:
    authors = ["Ada Lovelace", "bo"]
    rows = [
        CommentRow(id=f"c{n}", author=authors[n % 2], text=text) for n, text in enumerate(texts)
    ]
    return [ThreadRow(id="t1"), msgspec.structs.replace(rows[0], **first), *rows[1:]]


def read(*texts: str, privacy: str = "pseudonymous", **first: Any) -> list[str]:
    found = kept(discussion(*texts, **first), privacy)
    return [row.text for row in found if isinstance(row, CommentRow)]


def test_who_is_named_keeps_the_pseudonym_of_what_they_wrote() -> None:
    ada, bo = (Pseudonyms(KEY).author(name) for name in ("Ada Lovelace", "bo"))
    stranger = Pseudonyms(KEY).handle("cy")
    assert read("@bo and @Cy: no.", "Ada Lovelace, u/BO") == [
        f"@{bo} and @{stranger}: no.",
        f"{ada}, u/{bo}",
    ]
    assert re.fullmatch("P[0-9a-f]{12}", ada)


def test_a_name_that_is_only_known_to_the_database_is_kept_out_too() -> None:
    named = (
        NamedRow(author="u9", names=("Grace", "grace@navy.example")),
        NamedRow(author="u7", names=(), start=0, end=6),
    )
    ada, mentioned = (Pseudonyms(KEY).author(name) for name in ("u9", "u7"))
    text = "Robbie, Grace and grace@navy.example"
    assert read(text, named=named) == [f"{mentioned}, {ada} and {ada}"]


def test_a_name_is_not_looked_for_in_other_threads() -> None:
    rows = [*discussion("Hello."), ThreadRow(id="t2"), CommentRow(id="d", text="Ada Lovelace")]
    assert kept(rows, "pseudonymous")[-1].text == "Ada Lovelace"  # type: ignore[union-attr]


def test_redacted_says_what_stood_there() -> None:
    text = "ada@x.example, https://x.example/@bo, @bo, 192.0.2.1, 030/1234567 and Ada Lovelace"
    ada = Pseudonyms(KEY).author("Ada Lovelace")
    assert read(text, privacy="redacted") == [f"[EMAIL], [URL], [HANDLE], [IP], [PHONE] and {ada}"]


def test_a_span_that_cuts_a_name_grows_over_it() -> None:
    text = "So Ada Lovelace says."
    annotation = said("A1", span(text, "Lovelace says"))
    (found,) = kept(discussion(text, annotations=(annotation,)), "pseudonymous")[1].annotations
    pseudonym = Pseudonyms(KEY).author("Ada Lovelace")
    assert found.answers[0].quote == f"{pseudonym} says"


def test_a_thread_that_does_not_fit_in_memory_comes_back_in_its_order() -> None:
    """Its rows go through a file, and the names of its last comment change its first."""
    text = "Ada Lovelace " + "x" * 50_000
    rows = discussion(*[text] * 200)
    study: Dataset = dataset(rows, privacy="pseudonymous")
    found = list(protected(study, KEY).rows())
    assert [row.id for row in found[1:]] == [Pseudonyms(KEY).comment(f"c{n}") for n in range(200)]
    assert not [row for row in found[1:] if isinstance(row, CommentRow) and "Ada" in row.text]


def test_a_reading_that_stops_early_closes_what_it_read() -> None:
    closed = []

    def read() -> Any:
        try:
            yield from discussion("Hello.")
            yield from discussion("Hello.")
        finally:
            closed.append(True)

    rows = protected(Dataset(dataset(privacy="redacted").study, read), KEY).rows()
    next(rows)
    rows.close()
    assert closed
