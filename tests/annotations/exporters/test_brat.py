"""brat's standoff, read by the rules of its own parser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given

from annotations.exporters.dataset import Dataset
from annotations.exporters.documents import MOST_COMMENTS
from annotations.exporters.rows import AnswerRow, CommentRow, Row, ThreadRow
from tests.annotations.exporters.discussion import dataset, label, one_comment, said, span
from tests.annotations.exporters.marked import FEW, marked, span_of
from tests.annotations.exporters.written import written_files

BREAKS = set("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\t")


class Mark(NamedTuple):
    """A text-bound annotation; ``places`` count code points of the document."""

    name: str
    places: list[tuple[int, int]]
    quote: str


class Read(NamedTuple):
    text: str
    marks: dict[str, Mark]
    others: list[tuple[str, str]]

    def spans(self) -> list[Mark]:
        return [one for one in self.marks.values() if one.name not in ("Comment", "Thread")]


def read(files: Mapping[str, bytes], name: str) -> Read:
    """As brat reads it, which refuses a mark whose text is not what stands there."""
    text = files[f"{name}.txt"].decode()
    marks, others = {}, []
    content = files[f"{name}.ann"].decode()
    assert content.splitlines() == content.split("\n")[:-1], "a line ends where brat sees none"
    for line in content.splitlines():
        number, rest = line.split("\t", 1)
        assert re.fullmatch(r"[TAR#]\d+", number)
        if not number.startswith("T"):
            others.append((number, rest))
            continue
        where, quote = rest.split("\t")
        kind, places = where.split(" ", 1)
        found = [(int(a), int(b)) for a, b in (one.split(" ") for one in places.split(";"))]
        assert " ".join(text[start:end] for start, end in found) == quote
        assert all(start < end for start, end in found)
        assert all(a[1] < b[0] for a, b in pairwise(found))
        marks[number] = Mark(kind, found, quote)
    return Read(text, marks, others)


def export(study: Dataset | None = None) -> Mapping[str, bytes]:
    return written_files("brat", study or dataset())


def test_each_annotator_and_layer_has_a_folder_with_the_same_document() -> None:
    files = export()
    folders = {name.split("/")[0] for name in files if name.endswith("t1-001.txt")}
    assert {"A1", "A2", "adjudication", "gold", "model-guesser-1"} <= folders
    assert len({files[f"{folder}/t1-001.txt"] for folder in folders}) == 1
    assert {name[:-4] for name in files if name.endswith(".ann")} == {
        name[:-4] for name in files if name.endswith(".txt")
    }


def test_a_document_holds_the_thread_with_each_comment_at_its_headline() -> None:
    found = read(export(), "A1/t1-001")
    headlines = [one.quote for one in found.marks.values() if one.name == "Comment"]
    assert headlines == ["[c1] u123 to [a1]", "[a1] u000", "[c2] u456 to [c1]"]
    assert found.text.startswith('[t1] The "old" bridge, and what it costs\n\n[a1] u000\n')


def test_labels_are_attributes_of_the_comment_and_relations_join_two() -> None:
    found = read(export(), "A1/t1-001")
    told = [rest for _, rest in found.others]
    comment = next(key for key, one in found.marks.items() if one.quote.startswith("[c1]"))
    article = next(key for key, one in found.marks.items() if one.quote.startswith("[a1]"))
    assert {f"claim {comment} yes", f"reasons-rude {comment}", f"tone {comment} 2"} <= set(told)
    assert f"to-disagrees Arg1:{comment} Arg2:{article}" in told
    assert f"AnnotatorNotes {comment}\tcount: 2.5" in told


def test_the_configuration_knows_all_that_is_used() -> None:
    files = export()
    known = set(re.findall(r"^([\w-]+)(?=\t|$)", files["annotation.conf"].decode(), re.MULTILINE))
    for name in files:
        if name.endswith(".ann"):
            found = read(files, name[:-4])
            used = {one.name for one in found.marks.values()}
            used |= {rest.split(" ")[0] for number, rest in found.others if number[0] in "AR"}
            assert used <= known


def test_a_relation_that_leaves_the_document_is_a_note() -> None:
    relation = AnswerRow(question="to", kind="relation", value="disagrees", related="elsewhere")
    found = read(export(one_comment("No.", said("A1", relation))), "A1/t1-001")
    assert found.others == [("#1", "AnnotatorNotes T1\tto: disagrees elsewhere")]


def test_a_span_over_lines_is_discontinuous() -> None:
    text = "one\n\ntwo\nthree"
    found = read(export(one_comment(text, said("A1", span(text, "e\n\ntwo\nth")))), "A1/t1-001")
    (mark,) = found.spans()
    assert mark.quote == "e two th"
    assert [found.text[start:end] for start, end in mark.places] == ["e", "two", "th"]


def test_a_span_of_line_breaks_alone_is_left_out_and_counted() -> None:
    text = "a\n\nb"
    found = read(export(one_comment(text, said("A1", span_of(text, 1, 3)))), "A1/t1-001")
    assert found.spans() == []
    assert found.others == [("#1", "AnnotatorNotes T1\tspans_left_out: 1")]


@FEW
@given(marked())
def test_every_span_covers_its_text_but_for_line_breaks(
    drawn: tuple[str, tuple[AnswerRow, ...]],
) -> None:
    text, marks = drawn
    found = read(export(one_comment(text, said("A1", *marks))), "A1/t1-001")
    assert not set(found.text) & (BREAKS - {"\n"})
    at = found.text.index("[c1]\n") + len("[c1]\n")
    expected = [
        [at + place for place in range(one.start or 0, one.end or 0) if text[place] != "\n"]
        for one in marks
    ]
    covered = [
        [place for start, end in one.places for place in range(start, end)] for one in found.spans()
    ]
    assert covered == [places for places in expected if places]


def test_a_long_thread_is_cut_into_documents_that_each_stand_alone() -> None:
    comments = [
        CommentRow(id=f"c{n}", text="No.", annotations=(said("A1", label("claim", "no")),))
        for n in range(2 * MOST_COMMENTS + 1)
    ]
    rows: list[Row] = [ThreadRow(id="t1", title="Long"), *comments]
    files = export(dataset(rows))
    counts = [len(read(files, f"A1/t1-00{part}").marks) for part in (1, 2, 3)]
    assert counts == [MOST_COMMENTS, MOST_COMMENTS, 1]
