"""What somebody who writes a codebook file may rely on."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from annotations.codebooks import hotkeys
from annotations.codebooks.schema import (
    CodebookFile,
    DependsOn,
    Label,
    Question,
    json_schema,
    parse_codebook,
)
from annotations.errors import InvalidCodebook

LABEL_KINDS = ("single_label", "multi_label", "span", "relation")


def label(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "title": key.title(), "definition": f"It is {key}.", **fields}


def question(key: str = "stance", **fields: Any) -> dict[str, Any]:
    standard = {"kind": "single_label", "labels": [label("yes"), label("no")]}
    return {"key": key, "title": f"{key}?", **standard, **fields}


def codebook(*questions: dict[str, Any], **fields: Any) -> str:
    content = {"key": "a-study", "version": 1, "title": "A study", "questions": list(questions)}
    return yaml.safe_dump({**content, **fields}, allow_unicode=True)


def faults(text: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidCodebook) as refused:
        parse_codebook(text)
    return refused.value.fields


def message(text: str) -> str:
    with pytest.raises(InvalidCodebook) as refused:
        parse_codebook(text)
    return refused.value.message


class TestKeys:
    def test_labels_without_a_hotkey_get_the_free_digits_in_order(self) -> None:
        labels = [label("a"), label("b", hotkey=1), label("c", hotkey="d"), label("d")]
        parsed = parse_codebook(codebook(question(labels=labels)))
        assert [one.hotkey for one in parsed.questions[0].labels] == ["2", "1", "d", "3"]

    @pytest.mark.parametrize("kind", LABEL_KINDS)
    def test_ten_labels_of_every_kind_fill_the_row_of_digits(self, kind: str) -> None:
        labels = [label(f"label{i}") for i in range(10)]
        parsed = parse_codebook(codebook(question(kind=kind, labels=labels)))
        assert "".join(parsed.questions[0].keymap()) == "1234567890"

    def test_the_eleventh_label_needs_a_letter_of_its_own(self) -> None:
        labels = [label(f"label{i}") for i in range(11)]
        (path,) = faults(codebook(question(labels=labels)))
        assert path == "questions[0].labels[10].hotkey"

    def test_there_is_room_for_as_many_labels_as_there_are_keys(self) -> None:
        labels = [label(f"l{i}", hotkey=key) for i, key in enumerate(hotkeys.ALLOWED)]
        assert len(parse_codebook(codebook(question(labels=labels))).questions[0].keymap()) == 23
        found = faults(codebook(question(labels=[*labels, label("more")])))
        assert found == {"questions[0].labels": ["must have at most 23 entries."]}

    @pytest.mark.parametrize("letter", sorted(hotkeys.RESERVED))
    def test_a_letter_of_the_workspace_is_refused_with_its_use(self, letter: str) -> None:
        labels = [label("yes"), label("no", hotkey=letter)]
        found = faults(codebook(question("first"), question("second", labels=labels)))
        assert list(found) == ["questions[1].labels[1].hotkey"]
        assert hotkeys.RESERVED[letter] in found["questions[1].labels[1].hotkey"][0]

    @pytest.mark.parametrize("hotkey", ["A", "ab", "?", "/", "é", "١", "F1", 10, -1])
    def test_only_one_lowercase_letter_or_digit_is_a_hotkey(self, hotkey: str | int) -> None:
        labels = [label("yes", hotkey=hotkey), label("no")]
        assert list(faults(codebook(question(labels=labels)))) == ["questions[0].labels[0].hotkey"]

    def test_a_hotkey_stands_once_in_a_question_but_again_in_the_next(self) -> None:
        same = [label("yes", hotkey="y"), label("no", hotkey="y")]
        found = faults(codebook(question(labels=same), question("next")))
        assert found == {"questions[0].labels[1].hotkey": ["`y` is already the key of `yes`."]}

    @pytest.mark.parametrize(
        ("minimum", "maximum", "step", "keymap"),
        [
            (1, 5, None, {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}),
            (0, 3, None, {"0": 0, "1": 1, "2": 2, "3": 3}),
            (-1, 1, None, {"1": -1, "2": 0, "3": 1}),
            (0, 0.3, 0.1, {"1": 0, "2": 0.1, "3": 0.2, "4": 0.3}),
            (1, 10, None, {**{str(i): i for i in range(1, 10)}, "0": 10}),
        ],
    )
    def test_the_points_of_a_rating_have_digits(
        self, minimum: float, maximum: float, step: float | None, keymap: dict[str, float]
    ) -> None:
        scale = question(kind="rating", labels=[], minimum=minimum, maximum=maximum, step=step)
        assert parse_codebook(codebook(scale)).questions[0].keymap() == keymap


class TestRules:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"labels": []}, "labels"),
            ({"labels": [label("yes")]}, "labels"),
            ({"kind": "span", "labels": []}, "labels"),
            ({"kind": "text"}, "labels"),
            ({"labels": [label("yes"), label("yes")]}, "labels[1].key"),
            ({"minimum": 1}, "minimum"),
            ({"kind": "text", "labels": [], "step": 1}, "step"),
            ({"kind": "rating", "labels": [], "maximum": 5}, "minimum"),
            ({"kind": "rating", "labels": [], "minimum": 1}, "maximum"),
            ({"kind": "rating", "labels": [], "minimum": 5, "maximum": 5}, "maximum"),
            ({"kind": "number", "labels": [], "minimum": 5, "maximum": 1}, "maximum"),
            ({"kind": "rating", "labels": [], "minimum": 1, "maximum": 1.0e300}, "maximum"),
            ({"kind": "rating", "labels": [], "minimum": 0, "maximum": 5, "step": 2}, "step"),
            ({"kind": "number", "labels": [], "step": 0}, "step"),
            ({"kind": "span", "unit": "thread"}, "unit"),
            ({"kind": "relation", "unit": "thread"}, "unit"),
            ({"labels": [label("yes", value=1), label("no")]}, "labels[1].value"),
            ({"labels": [label("yes", value=1), label("no", value=1)]}, "labels[1].value"),
            ({"labels": [label("yes"), label("no", off_scale=True)]}, "labels[1].off_scale"),
            (
                {"labels": [label("yes", value=1), label("no", value=2, off_scale=True)]},
                "labels[1].off_scale",
            ),
        ],
    )
    def test_a_broken_rule_is_named_with_its_path(self, fields: dict[str, Any], path: str) -> None:
        assert list(faults(codebook(question(**fields)))) == [f"questions[0].{path}"]

    def test_question_keys_are_unique(self) -> None:
        assert list(faults(codebook(question("a"), question("b"), question("a")))) == [
            "questions[2].key"
        ]

    @pytest.mark.parametrize("version", [0, -1, "1", 1.5, True])
    def test_a_version_is_a_whole_number_from_one(self, version: object) -> None:
        assert list(faults(codebook(question(), version=version))) == ["version"]

    @pytest.mark.parametrize("key", ["A-Study", "a_study", "-a", "a--b", "", "a study", "a\n"])
    def test_a_codebook_key_is_a_slug(self, key: str) -> None:
        assert list(faults(codebook(question(), key=key))) == ["key"]

    @pytest.mark.parametrize("key", ["Not", "not-sure", "_a", "a__b", "1a", "nicht_gültig"])
    def test_question_and_label_keys_are_snake_case(self, key: str) -> None:
        found = faults(codebook(question(key, labels=[label(key), label("no")])))
        assert list(found) == ["questions[0].key", "questions[0].labels[0].key"]


class TestDependence:
    def test_it_may_point_to_labels_of_an_earlier_question(self) -> None:
        condition = {"question": "first", "any_of": ["yes"]}
        parsed = parse_codebook(codebook(question("first"), question("next", depends_on=condition)))
        assert parsed.questions[1].depends_on == DependsOn(question="first", any_of=("yes",))

    @pytest.mark.parametrize(
        ("target", "any_of", "path", "says"),
        [
            ("later", ["yes"], "question", "before"),
            ("itself", ["yes"], "question", "before"),
            ("nowhere", ["yes"], "question", "no question `nowhere`"),
            ("wish", ["yes"], "question", "text"),
            ("topic", ["yes"], "question", "thread"),
            ("first", ["yes", "perhaps"], "any_of[1]", "no label `perhaps`"),
            ("first", [], "any_of", "at least one"),
        ],
    )
    def test_it_may_not_point_elsewhere(
        self, target: str, any_of: list[str], path: str, says: str
    ) -> None:
        condition = {"question": target, "any_of": any_of}
        found = faults(
            codebook(
                question("first"),
                question("wish", kind="text", labels=[]),
                question("topic", unit="thread"),
                question("itself", depends_on=condition),
                question("later"),
            )
        )
        assert list(found) == [f"questions[3].depends_on.{path}"]
        assert says in found[f"questions[3].depends_on.{path}"][0]


class TestErrors:
    def test_all_faults_are_told_at_once(self) -> None:
        labels = [label("yes", hotkey="s"), label("no", hotkey="1"), label("no", hotkey="1")]
        text = codebook(
            question(labels=labels, unit="page"),
            question("b", labels=[label("yes", hotkey="s"), label("yes", hotkey="S")]),
            question("b", requird=False),
            question("b", depends_on={"question": "c", "any_of": ["yes"]}),
            title="",
            licence=7,
        )
        assert set(faults(text)) == {
            "title",
            "licence",
            "questions[0].unit",
            "questions[1].labels[0].hotkey",
            "questions[1].labels[1].hotkey",
            "questions[1].labels[1].key",
            "questions[2].requird",
            "questions[3].key",
        }

    def test_the_message_names_path_and_reason(self) -> None:
        labels = [label("yes"), label("no"), label("maybe", hotkey="s")]
        text = codebook(question("first"), question("second", labels=labels))
        assert message(text).startswith("questions[1].labels[2].hotkey: `s` is the workspace's key")

    @pytest.mark.parametrize(
        ("place", "field", "meant"),
        [
            ("", "guideline", "guidelines"),
            ("questions[0].", "lables", "labels"),
            ("questions[0].labels[0].", "hot_key", "hotkey"),
            ("questions[0].depends_on.", "anyof", "any_of"),
        ],
    )
    def test_a_misspelt_field_is_refused_with_the_one_meant(
        self, place: str, field: str, meant: str
    ) -> None:
        content = yaml.safe_load(codebook(question(depends_on={"question": "q", "any_of": ["a"]})))
        holders = {
            "": content,
            "questions[0].": content["questions"][0],
            "questions[0].labels[0].": content["questions"][0]["labels"][0],
            "questions[0].depends_on.": content["questions"][0]["depends_on"],
        }
        holders[place][field] = "x"
        assert f"did you mean `{meant}`?" in faults(yaml.safe_dump(content))[place + field][0]

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [("title", 5), ("title", None), ("title", "x" * 201), ("language", "English, mostly")],
    )
    def test_every_fault_is_a_sentence_without_jargon(self, field: str, wrong: object) -> None:
        (sentences,) = faults(codebook(question(), **{field: wrong})).values()
        assert re.fullmatch(r"must [^{}]*[.]", sentences[0]), sentences

    @pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "42", "---\n"])
    def test_a_text_that_is_no_codebook_is_refused(self, text: str) -> None:
        assert list(faults(text)) == ["codebook"]

    def test_a_long_list_of_faults_is_cut_in_the_message_alone(self) -> None:
        text = codebook(*(question(f"q{i}", kind="riddle") for i in range(50)))
        assert message(text).endswith("… and 30 more.")
        assert len(faults(text)) == 50


class TestYaml:
    def test_a_syntax_error_gives_line_and_column(self) -> None:
        assert message("key: a\ntitle: [one, two\nversion: 1\n").startswith("Line 3, column 8:")

    def test_a_repeated_field_is_refused_with_both_lines(self) -> None:
        text = "key: a\ntitle: One\nversion: 1\ntitle: Two\n"
        assert message(text) == (
            "Line 4, column 1: `title` already stands on line 2; keep one of the two."
        )

    def test_a_repeated_field_deep_inside_is_refused(self) -> None:
        doubled = codebook(question()).replace("title: 'No'", "title: 'No'\n    title: Never")
        assert "`title` already stands" in message(doubled)

    def test_an_alias_bomb_is_refused_at_once(self) -> None:
        levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 30)]
        started = time.monotonic()
        assert "alias `*l0`" in message("\n".join(["l0: &l0 [ha]", *levels]))
        assert time.monotonic() - started < 1

    @pytest.mark.parametrize(
        "text",
        [
            "key: !!python/object/apply:os.system ['true']",
            "key: !!timestamp nonsense",
            "key: !!int abc",
            'key: "\\U00110000"',
            'key: "\\ud800"',
            'title: "a\\0b"',
            "a: b\nkey: \x07",
            "[" * 100_000,
            "? [a, b]\n: c",
            "a: 1\n--- \nb: 2",
        ],
    )
    def test_hostile_yaml_is_refused_with_its_place(self, text: str) -> None:
        assert re.match(r"Line \d+, column \d+: ", message(text))

    def test_more_than_a_megabyte_is_refused(self) -> None:
        text = codebook(question())
        room = 1_000_000 - len(text.encode())
        assert parse_codebook(text + "#" * room).key == "a-study"
        assert "larger than 1 MB" in message(text + "#" * (room + 1))

    def test_words_that_yaml_takes_for_something_else_stay_words(self) -> None:
        text = codebook(question(labels=[label("yes"), label("nope")]))
        plain = text.replace("nope", "no").replace("'yes'", "yes").replace("'1'", "1")
        labels = parse_codebook(plain.replace("language: en", "language: no")).questions[0].labels
        assert [one.key for one in labels] == ["yes", "no"]

    @settings(max_examples=200, deadline=None)
    @given(st.text() | st.text(alphabet="ab:- \n[]{}'\"&*!|>#%?,\t\\0"))
    def test_any_text_is_parsed_or_refused_in_words(self, text: str) -> None:
        with pytest.raises(InvalidCodebook) as refused:
            parse_codebook(text)
        assert refused.value.message


snake = st.from_regex(r"[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,3})?", fullmatch=True)
prose = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    str.strip
)


@st.composite
def label_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = draw(st.lists(snake, min_size=2, max_size=10, unique=True))
    letters = draw(st.lists(st.sampled_from(hotkeys.LETTERS), unique=True, max_size=len(keys)))
    given_keys = [*letters, *[""] * (len(keys) - len(letters))]
    return [
        {"key": key, "title": draw(prose)[:200].strip() or "x", "definition": draw(prose)}
        | ({"hotkey": hotkey} if hotkey else {})
        for key, hotkey in zip(keys, draw(st.permutations(given_keys)), strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(label_lists(), min_size=1, max_size=3), st.sampled_from(LABEL_KINDS))
def test_every_option_has_one_key_and_a_written_codebook_reads_back_the_same(
    lists: list[list[dict[str, Any]]], kind: str
) -> None:
    text = codebook(*(question(f"q{i}", kind=kind, labels=one) for i, one in enumerate(lists)))
    parsed = parse_codebook(text)
    for asked, labels in zip(parsed.questions, lists, strict=True):
        assert list(asked.keymap().values()) == [one["key"] for one in labels]
        assert set("".join(asked.keymap())) <= set(hotkeys.ALLOWED)
        for one, read in zip(labels, asked.labels, strict=True):
            assert read.hotkey == one.get("hotkey", read.hotkey)
            assert read.definition == one["definition"].strip()
    assert parse_codebook(yaml.safe_dump(parsed.model_dump(mode="json"))) == parsed


def test_a_codebook_cannot_be_changed() -> None:
    parsed = parse_codebook(codebook(question()))
    with pytest.raises(ValidationError):
        parsed.questions[0].labels[0].title = "Other"
    assert hash(parsed) == hash(parse_codebook(codebook(question())))


def test_a_codebook_made_in_python_keeps_the_rules_too() -> None:
    with pytest.raises(ValidationError, match=r"questions\[0\]\.labels"):
        CodebookFile.model_validate(
            {"key": "a", "version": 1, "title": "A", "questions": [question(labels=[])]}
        )


def test_the_json_schema_names_every_field_and_refuses_others() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(CodebookFile.model_fields)
    for model in (Question, Label, DependsOn):
        part = schema["$defs"][model.__name__]
        assert set(part["properties"]) == set(model.model_fields)
        assert part["additionalProperties"] is False
    assert schema["additionalProperties"] is False
