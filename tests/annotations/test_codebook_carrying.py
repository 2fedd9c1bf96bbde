"""What a new version may say about the answers of the one before it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from annotations.codebooks.carrying import Route, carrying, unfounded
from annotations.codebooks.places import examine, for_next_version, with_version
from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.errors import Conflict, InvalidCodebook
from annotations.services.codebooks import load_codebook
from tests.annotations.test_codebook_changes import codebook, label, question
from tests.builders import NOON


def text(*questions: dict[str, Any], version: int = 2, **fields: Any) -> str:
    said = {"key": "study", "version": version, "title": "A study", "questions": list(questions)}
    return yaml.safe_dump({**said, **fields}, sort_keys=False)


def faults(source: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidCodebook) as refused:
        parse_codebook(source)
    return refused.value.fields


class TestWhatIsRefused:
    def test_a_label_that_is_mapped_to_nothing_that_there_is(self) -> None:
        said = faults(text(question("q", map={"old": "yess", "bad": None, "no": "yes"})))
        assert said == {"questions[0].map.old": ["`q` has no label `yess`."]}

    @pytest.mark.parametrize("kind", ["span", "relation", "single_label"])
    def test_spans_and_relations_are_mapped_like_labels(self, kind: str) -> None:
        assert parse_codebook(text(question("q", kind=kind, map={"old": "yes"})))
        assert "questions[0].map.old" in faults(text(question("q", kind=kind, map={"old": "x"})))

    def test_a_map_of_what_has_no_labels(self) -> None:
        said = faults(text({"key": "q", "title": "Q", "kind": "text", "map": {"a": None}}))
        assert list(said) == ["questions[0].map"]

    def test_two_questions_that_were_the_same(self) -> None:
        said = faults(text(question("a", was="q"), question("b", was="q")))
        assert said == {
            "questions[1].was": [
                "`q` is carried on by questions[0] already; choose one of the two."
            ]
        }

    def test_a_question_that_is_dropped_and_carried_on(self) -> None:
        said = faults(text(question("a", was="q"), question("b"), dropped=["q", "x", "b"]))
        assert list(said) == ["dropped[0]", "dropped[2]"]

    def test_a_version_that_follows_itself_or_a_later_one(self) -> None:
        said = faults(text(question("q"), follows=2))
        assert said == {"follows": ["must be a version before this one, which is 2."]}
        assert set(faults(text(question("Q"), follows=3))) == {"questions[0].key", "follows"}
        assert parse_codebook(text(question("q"), follows=1)).follows == 1

    def test_keys_that_are_none(self) -> None:
        said = faults(text(question("q", map={"Old": "yes"}, was="Q"), dropped=["x y"]))
        assert set(said) == {"questions[0].map.Old", "questions[0].was", "dropped[0]"}


def test_what_the_version_before_does_not_have_is_named_with_its_path() -> None:
    before = codebook(question("q"), question("r"))
    after = codebook(
        question("q", map={"maybe": "yes", "no": "yes"}),
        question("s", was="t"),
        question("new", map={"a": "yes"}),
        version=2,
        dropped=["r", "z"],
    )
    assert [(one.path, one.sentence) for one in unfounded(before, after)] == [
        ("questions[0].map.maybe", "`q` has no label `maybe` in version 1."),
        ("questions[1].was", "version 1 has no question `t`."),
        ("questions[2].map", "version 1 has no question `new`; say what it `was`."),
        ("dropped[1]", "version 1 has no question `z`."),
    ]


@pytest.mark.django_db
class TestLoading:
    def test_a_version_speaks_of_the_newest_one_below_it(self) -> None:
        load_codebook(text=text(question("q"), version=1), now=NOON)
        with pytest.raises(InvalidCodebook, match=r"questions\[0\]\.map\.maybe") as refused:
            load_codebook(text=text(question("q", map={"maybe": "yes"})), now=NOON)
        assert list(refused.value.fields) == ["questions[0].map.maybe"]
        assert load_codebook(text=text(question("q", map={"yes": "no"})), now=NOON).version == 2

    def test_a_version_may_follow_an_earlier_one(self) -> None:
        load_codebook(text=text(question("q"), version=1), now=NOON)
        with pytest.raises(InvalidCodebook, match="version 2 of `study` is not loaded"):
            load_codebook(text=text(question("q"), version=4, follows=2), now=NOON)
        load_codebook(text=text(question("r"), version=2), now=NOON)
        third = text(question("q", map={"yes": "no"}), version=3)
        with pytest.raises(InvalidCodebook, match=r"version 2 has no question `q`"):
            load_codebook(text=third, now=NOON)
        assert load_codebook(text=f"{third}follows: 1\n", now=NOON).version == 3

    def test_a_version_that_is_taken_is_told_the_one_that_is_free(self) -> None:
        load_codebook(text=text(question("q"), version=1), now=NOON)
        load_codebook(text=text(question("q"), version=7), now=NOON)
        with pytest.raises(Conflict, match="raise `version` to 8"):
            load_codebook(text=text(question("r"), version=1), now=NOON)


class TestCarrying:
    def test_labels_stay_are_mapped_or_dropped(self) -> None:
        before = codebook(question("q", label("a"), label("b"), label("c")))
        after = codebook(
            question("q", label("a"), label("d"), map={"b": "d", "c": None}), version=2
        )
        carried = carrying([before, after])
        assert carried.routes == {"q": Route("q", {"a": "a", "b": "d", "c": None})}
        assert not carried.stuck
        assert not carried.dropped

    def test_two_labels_that_change_places(self) -> None:
        after = codebook(question("q", map={"yes": "no", "no": "yes"}), version=2)
        routes = carrying([codebook(question("q")), after]).routes
        assert routes["q"].labels == {"yes": "no", "no": "yes"}

    def test_what_nobody_decided_about_is_stuck(self) -> None:
        before = codebook(question("q", label("a"), label("b")), question("r"), question("s"))
        after = codebook(question("q", label("a")), question("s", kind="span"), version=2)
        carried = carrying([before, after])
        assert carried.routes["q"].labels == {"a": "a"}
        assert "Version 2 has no question `r`" in carried.stuck["r"]
        assert "was a multi_label, `s` is a span" in carried.stuck["s"]

    def test_a_new_question_of_an_old_key_takes_nothing_from_one_that_moved_on(self) -> None:
        after = codebook(question("q"), question("view", was="q"), version=2)
        assert carrying([codebook(question("q")), after]).routes["q"].question == "view"

    def test_versions_between_are_gone_through(self) -> None:
        second = question("p", label("c"), label("b"), was="q", map={"a": "c"})
        third = question("p", label("d"), label("e"), map={"c": "d", "b": None})
        versions = [
            codebook(question("q", label("a"), label("b")), question("r")),
            codebook(second, question("r"), version=2),
            codebook(third, version=5, dropped=["r"]),
        ]
        carried = carrying(versions)
        assert carried.routes == {"q": Route("p", {"a": "d", "b": None})}
        assert carried.dropped == {"r"}
        assert carried.as_json() == {
            "q": {"question": "p", "labels": {"a": "d", "b": None}},
            "r": {"question": None, "labels": {}},
        }


MAPS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("abc") | st.none())


@given(st.lists(MAPS, max_size=4))
def test_every_label_goes_where_its_maps_lead_it(maps: list[dict[str, str | None]]) -> None:
    def version(number: int, said: dict[str, str | None]) -> CodebookFile:
        labels = (label(key, hotkey=key) for key in "abde")
        return codebook(question("q", *labels, label("c"), map=said), version=number)

    carried = carrying([version(n, said) for n, said in enumerate([{}, *maps], 1)])
    for start in "abc":
        at: str | None = start
        for said in maps:
            at = said.get(at, at) if at is not None else None
        assert carried.routes["q"].labels[start] == at


class TestLines:
    SOURCE = """\
key: study
version: 2
title: A study
questions:
  - key: q
    title: Q?
    kind: single_label
    labels:
      - {key: a, title: A, definition: It is a., hotkey: j}
      - key: b
        title: B
    map: {old: x}
  - kind: text
    key: note
    titel: Note?
"""

    def test_each_fault_has_its_line(self) -> None:
        examined = examine(self.SOURCE)
        assert examined.codebook is None
        assert [(one.path, one.line) for one in examined.faults] == [
            ("questions[0].labels[1].definition", 10),
            ("questions[1].title", 13),
            ("questions[1].titel", 15),
        ]

    def test_a_rule_that_is_broken_too(self) -> None:
        mended = self.SOURCE.replace("titel", "title").replace(
            "title: B\n", "title: B\n        definition: b\n"
        )
        assert [(one.path, one.line) for one in examine(mended).faults] == [
            ("questions[0].labels[0].hotkey", 9),
            ("questions[0].map.old", 13),
        ]

    def test_what_is_not_yaml_has_its_line_too(self) -> None:
        (fault,) = examine("key: a\nversion: [1\ntitle: x: y\n").faults
        assert (fault.path, fault.line) == ("", 3)
        (fault,) = examine("key: a\nkey: b\n").faults
        assert fault.line == 2
        assert fault.sentence.startswith("`key` already stands on line 1")
        (fault,) = examine("- a\n").faults
        assert (fault.path, fault.line) == ("codebook", 1)
        assert examine("x" * 1_000_001).faults[0].line == 1

    def test_the_version_is_raised_in_its_line_alone(self) -> None:
        raised = with_version("# version: 1\nversion: 1  # first\nguidelines: |\n  version: 1\n", 4)
        assert raised == "# version: 1\nversion: 4\nguidelines: |\n  version: 1\n"

    def test_a_later_version_begins_without_what_was_said_of_an_earlier_one(self) -> None:
        text = (
            "version: 2\ndropped:\n  - a\n  - b\nquestions:\n  - key: q\n    map:\n"
            "      a: b\n      c: null\n    # a word\n    was: p\n  - was: r\n    key: s\n"
            "    map: {a: b,\n      c: d}\n    title: S\n"
        )
        assert for_next_version(text, 3) == (
            "version: 3\nquestions:\n  - key: q\n    # a word\n  - was: r\n    key: s\n"
            "    title: S\n"
        )
        assert for_next_version("version: 1\n: [", 3) == "version: 3\n: ["
        assert for_next_version("version: 2\nfollows: 1\n", 4, follows=2) == (
            "version: 4\nfollows: 2\n"
        )
