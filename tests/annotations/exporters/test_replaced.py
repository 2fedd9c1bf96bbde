"""Where the places of a text go when parts of it are replaced."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.replaced import Replaced, Stretch

WORDS = st.text("ab", max_size=4)
STRETCHES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(1, 6), st.integers(0, 2), WORDS), max_size=5
)
TEXT = "0123456789ab"


def stretches(drawn: list[tuple[int, int, int, str]]) -> list[Stretch]:
    return [
        Stretch(start, min(start + size, len(TEXT)), rank, instead)
        for start, size, rank, instead in drawn
    ]


@given(drawn=STRETCHES)
def test_what_is_replaced_is_gone_and_the_rest_is_as_it_was(
    drawn: list[tuple[int, int, int, str]],
) -> None:
    gone = {place for one in stretches(drawn) for place in range(one.start, one.end)}
    replaced = Replaced(TEXT, [one._replace(instead="") for one in stretches(drawn)])
    assert replaced.text == "".join(TEXT[n] for n in range(len(TEXT)) if n not in gone)


@given(drawn=STRETCHES, start=st.integers(0, 12), size=st.integers(0, 12))
def test_a_place_keeps_what_of_it_was_not_replaced(
    drawn: list[tuple[int, int, int, str]], start: int, size: int
) -> None:
    end = min(start + size, len(TEXT))
    found = stretches(drawn)
    gone = {place for one in found for place in range(one.start, one.end)}
    marked = Replaced(TEXT, [one._replace(instead="_") for one in found])
    new_start, new_end = marked.place(start, end)
    assert 0 <= new_start <= new_end <= len(marked.text)
    quote = marked.text[new_start:new_end]
    assert quote.replace("_", "") == "".join(TEXT[n] for n in range(start, end) if n not in gone)
    whole = all(place not in gone for place in range(start, end))
    assert ("_" in quote) == (start < end and not whole) or start == end


def test_a_place_that_cuts_what_is_replaced_takes_in_all_of_it() -> None:
    replaced = Replaced("Ask Ada Lovelace now", [Stretch(4, 16, 0, "P1")])
    assert replaced.text == "Ask P1 now"
    for start, end, quote in [(8, 20, "P1 now"), (0, 7, "Ask P1"), (5, 6, "P1"), (16, 20, " now")]:
        place = replaced.place(start, end)
        assert replaced.text[slice(*place)] == quote


def test_of_stretches_that_overlap_the_lowest_rank_then_the_longest_says_what_stands_there() -> (
    None
):
    name, mail, part = Stretch(0, 5, 1, "NAME"), Stretch(4, 9, 0, "MAIL"), Stretch(7, 8, 0, "PART")
    assert Replaced("Ada a@b.c!", [part, name, mail]).text == "MAIL!"
