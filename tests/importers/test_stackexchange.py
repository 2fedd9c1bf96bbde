from __future__ import annotations

import shutil
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import stackexchange
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import taken, taken_bytes
from tests.importers.reading import readable_anyhow

DUMP = CASES / "stackexchange" / "dump" / "input.d"
FILES = DUMP / "boats.stackexchange.com"


def row(**values: object) -> str:
    written = "".join(f'{name}="{value}" ' for name, value in values.items())
    return f"<row {written}/>\n"


def question(number: int, **values: object) -> str:
    return row(Id=number, PostTypeId=1, Body="Asked", Title="T", **values)


def answer(number: int, of: int, **values: object) -> str:
    return row(Id=number, PostTypeId=2, ParentId=of, Body="Answered", **values)


def read(
    folder: Path, posts: str, comments: str | None = None, users: str | None = None
) -> list[Record]:
    for name, rows in (("posts", posts), ("comments", comments), ("users", users)):
        if rows is not None:
            (folder / f"{name.title()}.xml").write_text(f"<{name}>\n{rows}</{name}>")
    return list(stackexchange.read(Source(folder), {}))


def said(records: list[Record]) -> dict[str, CommentRecord]:
    return {r.id.partition(":")[2]: r for r in records if isinstance(r, CommentRecord)}


@pytest.mark.parametrize("case", cases("stackexchange"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_it_is_recognised_as_a_folder_and_by_its_posts() -> None:
    assert choose_format(Source(DUMP)).name == "stackexchange"
    assert choose_format(Source(FILES / "Posts.xml")).name == "stackexchange"


def test_a_zip_is_read_as_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "boats.stackexchange.com.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for member in FILES.iterdir():
            archive.write(member, member.name)
    options = stackexchange.propose(Source(path))
    assert options["site"] == "boats.stackexchange.com"
    assert list(stackexchange.read(Source(path), options)) == list(
        stackexchange.read(Source(DUMP), {})
    )


def test_each_folder_is_a_site_and_a_broken_one_costs_itself(tmp_path: Path) -> None:
    for site in ("a.stackexchange.com", "b.stackexchange.com", "askubuntu.com"):
        shutil.copytree(FILES, tmp_path / site)
    (tmp_path / "b.stackexchange.com" / "Users.xml").write_text("<users>\n<row ")
    records = list(stackexchange.read(Source(tmp_path), {}))
    assert {c.id.partition(":")[0] for c in records if isinstance(c, CommentRecord)} == {
        "a.stackexchange.com",
        "askubuntu.com",
    }
    errors = [r.message for r in records if isinstance(r, RecordError)]
    assert sum("b.stackexchange.com/Users.xml is not well-formed" in e for e in errors) == 1
    assert stackexchange.propose(Source(tmp_path))["site"] == ""


@pytest.mark.parametrize("name", ["Comments.xml", "Users.xml"])
def test_a_table_alone_is_refused_with_advice(name: str) -> None:
    assert stackexchange.detect(Source(FILES / name)) > 0.9
    with pytest.raises(UnreadableFile, match=r"needs Posts\.xml beside it"):
        list(stackexchange.read(Source(FILES / name), {}))


def test_comments_hang_on_the_question_or_on_an_answer(tmp_path: Path) -> None:
    comments = row(Id=1, PostId=1, Text="a") + row(Id=2, PostId=2, Text="b &lt;i&gt; `c`&#xA;d")
    found = said(read(tmp_path, answer(2, of=1) + question(1), comments))
    assert found["comment:1"].reply_to is None
    assert found["comment:2"].reply_to == "stackexchange:answer:2"
    assert found["comment:2"].text == "b <i> `c`\nd"
    assert {c.thread_id for c in found.values()} == {"stackexchange:question:1"}
    assert found["answer:2"].reply_to is None


@pytest.mark.parametrize(
    ("comments", "missing"),
    [(None, 2 + 3 + 1), (row(Id=1, PostId=1, Text="a") + row(Id=2, PostId=2, Text="b"), 2 + 2)],
)
def test_what_the_posts_count_beyond_the_files_is_missing(
    tmp_path: Path, comments: str | None, missing: int
) -> None:
    posts = question(1, AnswerCount=3, CommentCount=3) + answer(2, of=1, CommentCount=1)
    records = read(tmp_path, posts, comments)
    assert [r.missing for r in records if isinstance(r, ThreadRecord)] == [missing]


def test_authors(tmp_path: Path) -> None:
    posts = (
        question(1, OwnerUserId=7)
        + answer(2, of=1, OwnerUserId=8, OwnerDisplayName="left")
        + answer(3, of=1, OwnerDisplayName="user9")
        + answer(4, of=1)
    )
    found = said(read(tmp_path, posts, users=row(Id=7, DisplayName="Lena")))
    assert [(c.author_id.partition(":")[2], c.author_name) for c in found.values()] == [
        ("user:7", "Lena"),
        ("user:8", "left"),
        ("former:user9", "user9"),
        ("", ""),
    ]


def test_other_posts_are_counted(tmp_path: Path) -> None:
    wikis = "".join(row(Id=n, PostTypeId=kind) for n, kind in [(5, 4), (6, 5), (7, 6)])
    records = read(tmp_path, question(1) + wikis)
    assert Note("tag wikis left out", 2) in records
    assert Note("posts of other kinds left out", 1) in records


def test_a_newer_dump_keeps_the_ids(tmp_path: Path) -> None:
    older = said(read(tmp_path, question(1) + answer(2, of=1)))
    newer = said(read(tmp_path, question(1) + answer(3, of=1) + answer(2, of=1)))
    assert older.keys() < newer.keys()


def test_a_broken_table_gives_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"Comments\.xml is not well-formed.* line 2"):
        read(tmp_path, question(1), "<row Id=1>")


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="options"):
        list(stackexchange.read(Source(DUMP), {"host": "x"}))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    posts = (question(n) + answer(n + 1, of=n, Tags="x" * 900) for n in range(1, 12_000, 2))
    (tmp_path / "Posts.xml").write_text(f"<posts>{''.join(posts)}</posts>")
    source = Source(tmp_path)
    tracemalloc.start()
    count = sum(isinstance(r, CommentRecord) for r in stackexchange.read(source, {}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 12_000
    assert peak < 0.5 * source.size


values = st.one_of(
    st.sampled_from(["", "0", "-1", "1", "2", "9" * 600, "1.5", "2024-13-45", "&lt;b&gt;"]),
    st.text(st.characters(exclude_categories=["C"], exclude_characters='<&"'), max_size=6),
)
names = st.sampled_from(
    ["Id", "PostTypeId", "ParentId", "PostId", "Score", "CreationDate", "OwnerUserId", "UserId",
     "AnswerCount", "CommentCount", "DisplayName", "OwnerDisplayName", "Text", "Body", "Title"]
)  # fmt: skip
rows = st.lists(st.dictionaries(names, values), max_size=5)


@settings(max_examples=40, deadline=None)
@given(posts=rows, comments=rows, users=rows)
def test_any_values_give_records_or_a_refusal(
    posts: list[dict[str, str]], comments: list[dict[str, str]], users: list[dict[str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read(
            Path(folder),
            question(1) + "".join(row(**values) for values in posts),
            "".join(row(**values) for values in comments),
            "".join(row(**values) for values in users),
        )


@settings(max_examples=30, deadline=None)
@given(at=st.integers(0, 800), put=st.sampled_from([b"", b"<", b"\xff", b"</row>", b'"']))
def test_a_damaged_dump_gives_records_or_a_refusal(at: int, put: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("Posts.xml", "Comments.xml", "Users.xml"):
            data = (FILES / name).read_bytes()
            (Path(folder) / name).write_bytes(data[:at] + put + data[at + len(put) :])
        taken(stackexchange.read, Path(folder), {})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(stackexchange.read, data, {})
