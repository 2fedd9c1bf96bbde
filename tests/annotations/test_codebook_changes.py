"""What somebody who compares two versions of a codebook may rely on."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from annotations.codebooks.changes import applied, changes, content, yaml_diff
from annotations.codebooks.library import library_codebooks
from annotations.codebooks.schema import CodebookFile
from annotations.codebooks.telling import told
from annotations.codebooks.wording import Piece, excerpt, pieces

WORDS = st.text("ab \n.é", min_size=1, max_size=12).filter(str.strip)
KEYS = st.sampled_from(["a", "b", "c", "d", "e", "f"])


def label(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "title": key.title(), "definition": f"It is {key}.", **fields}


def question(key: str, *labels: dict[str, Any], **fields: Any) -> dict[str, Any]:
    standard = {"kind": "multi_label", "labels": list(labels) or [label("yes"), label("no")]}
    return {"key": key, "title": f"{key}?", **standard, **fields}


def codebook(*questions: dict[str, Any], version: int = 1, **fields: Any) -> CodebookFile:
    said = {"key": "study", "version": version, "title": "A study", "questions": list(questions)}
    return CodebookFile.model_validate({**said, **fields})


@st.composite
def labels(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique=True))
    return [label(key, title=draw(WORDS), hotkey=str(place)) for place, key in enumerate(keys)]


@st.composite
def codebooks(draw: st.DrawFn) -> CodebookFile:
    keys = draw(st.lists(KEYS, min_size=1, max_size=6, unique=True))
    questions = [question(k, *draw(labels()), required=draw(st.booleans())) for k in keys]
    said = {key: {"title": draw(WORDS)} for key in draw(st.sets(st.sampled_from(keys)))}
    translations = {"de": {"questions": said}} if draw(st.booleans()) else {}
    guidelines = draw(st.just("") | WORDS)
    return codebook(*questions, guidelines=guidelines, translations=translations)


def in_full(part: Any) -> Any:
    return (part.fields, [(key, in_full(one)) for key, one in part.parts.items()])


@given(codebooks())
def test_a_codebook_does_not_differ_from_itself(one: CodebookFile) -> None:
    assert changes(one, one) == []


@given(codebooks(), codebooks())
def test_the_changes_alone_lead_from_one_version_to_the_other(
    before: CodebookFile, after: CodebookFile
) -> None:
    found = changes(before, after)
    assert in_full(applied(content(before), found)) == in_full(content(after))
    assert bool(found) == (in_full(content(before)) != in_full(content(after)))


def test_a_question_that_got_a_new_key_is_the_same_one() -> None:
    before = codebook(question("stance", help="Judge."), question("mood"))
    view = question("view", help="Judge it.", was="stance", title="stance?")
    after = codebook(question("mood"), view, version=2)
    names = ("kind", "place", "field", "before", "after")
    found = [tuple(getattr(one, name) for name in names) for one in changes(before, after)]
    assert found == [
        ("renamed", ("stance",), "key", "stance", "view"),
        ("changed", (), "version", 1, 2),
        ("moved", ("mood",), "", 1, 0),
        ("changed", ("view",), "help", "Judge.", "Judge it."),
        ("changed", ("view",), "was", None, "stance"),
    ]
    assert in_full(applied(content(before), changes(before, after))) == in_full(content(after))


def test_the_fewest_labels_move() -> None:
    before = codebook(question("q", *(label(key, hotkey=key) for key in "abde")))
    after = codebook(question("q", *(label(key, hotkey=key) for key in "eabd")))
    assert [(one.kind, one.place) for one in changes(before, after)] == [("moved", ("q", "e"))]


def test_each_change_is_told_in_words() -> None:
    before = codebook(
        question("q", label("a", off_scale=True), label("b", value=1)), confidence=True
    )
    after = codebook(
        question("q", label("b", value=2.5), label("c", value=3), map={"a": None}),
        translations={"de": {"questions": {"q": {"title": "Was?"}}}},
    )
    names = ("kind", "question", "label", "field", "language", "before", "after")
    shown = told(changes(before, after))
    said = [tuple(getattr(change, name) for name in names) for change in shown]
    assert ("changed", "", "", "confidence", "", "true", "false") in said
    assert ("changed", "q", "", "title", "de", "", "Was?") in said
    assert ("changed", "q", "", "map", "", "", "a: null") in said
    assert ("changed", "q", "b", "value", "", "1", "2.5") in said
    assert ("removed", "q", "a", "", "", "A", "") in said
    assert ("added", "q", "c", "", "", "", "C") in said


@given(st.text("ab .\n", max_size=60), st.text("ab .\n", max_size=60))
def test_the_pieces_of_a_text_are_both_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(text for kind, text in found if kind != "inserted") == before
    assert "".join(text for kind, text in found if kind != "deleted") == after
    assert all(text for _, text in found)


def test_only_the_words_that_changed_are_marked() -> None:
    found = pieces("Read it all.\nJudge the comment.\n", "Read it all.\nJudge this comment.\n")
    assert [tuple(piece) for piece in found] == [
        ("same", "Read it all.\nJudge "),
        ("deleted", "the"),
        ("inserted", "this"),
        ("same", " comment.\n"),
    ]


def test_an_excerpt_leaves_the_middle_of_what_did_not_change_out() -> None:
    same = " ".join(f"word{number}" for number in range(200))
    found = excerpt([Piece("same", same), Piece("deleted", "x"), Piece("same", same)])
    kinds = [piece.kind for piece in found]
    assert kinds == ["skipped", "same", "deleted", "same", "skipped"]
    assert found[1].text.endswith(" word199")
    assert found[3].text.startswith("word0 ")
    assert found[3].text.split()[-1] in same.split()
    assert sum(len(piece.text) for piece in found) < 260
    assert excerpt([Piece("same", "a"), Piece("inserted", same)]) == [
        Piece("same", "a"),
        Piece("inserted", same),
    ]


def test_texts_of_many_words_are_compared_in_a_moment() -> None:
    before, after = "a b c " * 20_000, "a c b " * 20_000
    assert [kind for kind, _ in pieces(before, after)] == ["deleted", "inserted"]


def test_the_yaml_texts_are_compared_line_by_line() -> None:
    before = yaml.safe_dump({"key": "a", "version": 1})
    lines = yaml_diff(before, before.replace("1", "2"), names=("a/1", "a/2")).splitlines()
    assert lines == [
        "--- a/1",
        "+++ a/2",
        "@@ -1,2 +1,2 @@",
        " key: a",
        "-version: 1",
        "+version: 2",
    ]
    assert yaml_diff(before, before, names=("a/1", "a/1")) == ""


def test_every_codebook_of_the_library_can_be_compared() -> None:
    for one in library_codebooks():
        assert changes(one, one) == []
