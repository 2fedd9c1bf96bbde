"""Which words and which fields of a record call for a content warning."""

from __future__ import annotations

import time
from typing import Any

import pytest

from annotations.texts.warned import WordLists, field_test


def met(text: str, *entries: str) -> bool:
    lists: WordLists[str] = WordLists()
    lists.add(entries, "rule")
    return lists.met_by(text) == {"rule"}


class TestWords:
    @pytest.mark.parametrize(
        ("entry", "text"),
        [
            ("ass", "What an ASS!"),
            ("self-harm", "She wrote about self harm."),
            ("self harm", "about self-harm, again"),
            ("kill yourself", "Go and KILL\nyourself."),
            ("straße", "IN DER STRASSE"),
            ("مرحبا", "قال: مرحبا."),
            ("हिन्दी", "वह हिन्दी बोलता है"),
            ("自杀", "他想自杀了"),
            ("naïve", "nai\u0308ve of them"),
            ("slur", "a sl\u200bur with a hidden character"),
            ("ｓlur", "a slur in common letters"),
            ("🖕", "and then🖕🏽to you"),
            ("f*ck", "oh F*CK it"),
            ("don't", "I don’t know"),
        ],
    )
    def test_are_found(self, entry: str, text: str) -> None:
        assert met(text, entry)

    @pytest.mark.parametrize(
        ("entry", "text"),
        [
            ("ass", "a class of assassins"),
            ("हिन्द", "वह हिन्दी बोलता है"),
            ("kill yourself", "kill it, yourself"),
            ("kill yourself", "kill"),
            ("ass", ""),
            ("", "anything"),
            (" ", "any thing"),
            ("nai", "nai\u0308ve"),
        ],
    )
    def test_are_not_found_in_others(self, entry: str, text: str) -> None:
        assert not met(text, entry)

    def test_of_several_lists_are_told_apart(self) -> None:
        lists: WordLists[int] = WordLists()
        lists.add(["damn", "hell"], 1)
        lists.add(["hell no", "heaven"], 2)
        lists.add(["heaven"], 3)
        assert lists.met_by("Hell, no.") == {1, 2}
        assert lists.met_by("heaven") == {2, 3}
        assert lists.met_by("Nothing of it.") == set()

    def test_take_no_longer_in_a_text_made_to_be_slow(self) -> None:
        lists: WordLists[int] = WordLists()
        lists.add([" ".join(["a"] * length) + " b" for length in range(1, 100)], 1)
        began = time.perf_counter()
        lists.met_by("a " * 20_000)
        assert time.perf_counter() - began < 5


class TestField:
    @pytest.mark.parametrize(
        ("path", "value", "record"),
        [
            ("over_18", "true", {"over_18": True}),
            ("over_18", "TRUE", {"over_18": "True"}),
            ("sensitive", "", {"sensitive": True}),
            ("spoiler_text", "", {"spoiler_text": "Violence"}),
            ("labels[].val", "porn", {"labels": [{"val": "spam"}, {"val": "Porn"}]}),
            ("labels.val", "porn", {"labels": [{"val": "porn"}]}),
            ("tags", "nsfw", {"tags": ["art", "NSFW"]}),
            ("score", "-5", {"score": -5}),
            ("data.flags[].deep.kind", "x", {"data": {"flags": [[{"deep": {"kind": "x"}}]]}}),
        ],
    )
    def test_is_met(self, path: str, value: str, record: dict[str, Any]) -> None:
        assert field_test(path, value).met_by(record)
        assert field_test(path, value).met_by({}, record)

    @pytest.mark.parametrize(
        ("path", "value", "record"),
        [
            ("over_18", "true", {"over_18": False}),
            ("over_18", "", {"over_18": False}),
            ("sensitive", "", {"sensitive": None}),
            ("spoiler_text", "", {"spoiler_text": ""}),
            ("score", "", {"score": 0}),
            ("over_18", "true", {"data": {"over_18": True}}),
            ("labels[].val", "porn", {"labels": []}),
            ("labels.val", "porn", {"labels": "porn"}),
            ("labels", "porn", {"labels": {"porn": 1}}),
        ],
    )
    def test_is_not_met(self, path: str, value: str, record: dict[str, Any]) -> None:
        assert not field_test(path, value).met_by(record, {})

    @pytest.mark.parametrize("path", ["", ".", "a..b", "a[0]", "a[].", "[]", "a]"])
    def test_needs_a_path_that_leads_somewhere(self, path: str) -> None:
        with pytest.raises(ValueError, match="names with dots"):
            field_test(path)
