"""Tokens: what is one, and that none loses or invents a character."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.tokens import aligned, tokens
from tests.annotations.exporters.marked import HARD

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    alphabet=HARD + ".,’'_漢ก\u200d👍🏽🇩🇪"
)


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t\u00a0 ", []),
        ("It isn't so.", ["It", "isn't", "so", "."]),
        ("It’s ’cause", ["It’s", "’", "cause"]),
        ("2.5 or 1,000,000.", ["2.5", "or", "1,000,000", "."]),
        ("@ada: see https://a.b!", ["@", "ada", ":", "see", "https", ":", "/", "/", *"a.b!"]),
        ("snake_case e-mail", ["snake_case", "e", "-", "mail"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
        ("naïve nai\u0308ve", ["naïve", "nai\u0308ve"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("好的OK吗", ["好", "的", "OK", "吗"]),
        ("👍🏽👍 👨\u200d👩\u200d👧!", ["👍🏽", "👍", "👨\u200d👩\u200d👧", "!"]),
        ("🇩🇪🇫🇷 1️⃣ ❤️", ["🇩🇪", "🇫🇷", "1️⃣", "❤️"]),
        ("...", [".", ".", "."]),
    ],
)
def test_what_a_token_is(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(TEXTS)
def test_tokens_are_all_of_the_text_but_its_white_space(text: str) -> None:
    assert "".join(words(text)) == "".join(text.split())
    for word in words(text):
        assert word
        assert not any(character.isspace() for character in word)


@given(TEXTS)
def test_tokens_stand_in_order_and_overlap_nowhere(text: str) -> None:
    cut = tokens(text)
    assert all(start < end for start, end in cut)
    assert all(left.end <= right.start for left, right in itertools.pairwise(cut))


@given(TEXTS.filter(bool), st.data())
def test_a_span_grows_to_the_tokens_that_it_touches(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = tokens(text)
    found = aligned(cut, start, end)
    touched = [n for n, token in enumerate(cut) if token.start < end and token.end > start]
    if found is None:
        assert touched == []
        assert not text[start:end].strip()
        return
    assert list(range(found.first, found.last)) == touched
    whole = text[cut[found.first].start : cut[found.last - 1].end]
    assert text[start:end].strip() in whole
    assert found.grown == (whole != text[start:end].strip())
