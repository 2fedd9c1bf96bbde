"""Spans: overlap of two annotators, alpha on characters, and alpha_U."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, groupby, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.agreement import distances, overlap
from annotations.agreement.distances import NOMINAL
from annotations.agreement.figure import Figure, alpha_figure
from annotations.agreement.marks import Mark, Marks, in_words
from annotations.agreement.patterns import patterns
from annotations.agreement.prevalence import one_against_rest
from annotations.agreement.ratings import set_ratings
from annotations.agreement.stretches import stretch_patterns
from annotations.agreement.unitizing import alpha_u
from tests.annotations.agreement import examples as ex

Looks = Mapping[str, str]


@pytest.fixture(autouse=True)
def _no_silent_nonsense() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


def marks(*texts: Looks) -> Marks:
    """Marks drawn as letters: ``{"ann": "..aa|aa."}`` marks two and two characters with a.

    A bar ends a mark where the next of the same label begins at once.
    """
    looks = {
        place: {rater: tuple(_drawn(drawing)) for rater, drawing in text.items()}
        for place, text in enumerate(texts)
    }
    lengths = {
        place: len(next(iter(text.values()), "").replace("|", ""))
        for place, text in enumerate(texts)
    }
    return Marks(lengths, looks)


def _drawn(drawing: str) -> Iterator[Mark]:
    offset = 0
    for part in drawing.split("|"):
        start = 0
        for end in range(1, len(part) + 1):
            if end == len(part) or part[end] != part[start]:
                if part[start] != ".":
                    yield Mark(offset + start, offset + end, part[start])
                start = end
        offset += len(part)


def f1(count: overlap.Count, given: Marks) -> float | None:
    return overlap.f1_figure(given, count, seed=0, resamples=0).value


class TestOverlap:
    TWO = marks({"ann": "aaaa....bb", "bob": "..aaaa..bb"})

    def test_by_length_exactly_and_partly(self) -> None:
        assert f1(overlap.length, self.TWO) == pytest.approx(2 * (2 + 2) / (6 + 6))
        assert f1(overlap.exact, self.TWO) == pytest.approx(2 * 1 / 4)
        assert f1(overlap.partial, self.TWO) == pytest.approx(4 / 4)

    def test_another_label_is_no_match(self) -> None:
        other = marks({"ann": "aaa", "bob": "bbb"})
        assert (
            f1(overlap.length, other) == f1(overlap.exact, other) == f1(overlap.partial, other) == 0
        )

    def test_marks_of_one_person_that_overlap_count_once(self) -> None:
        twice = Marks(
            {0: 9}, {0: {"ann": (Mark(0, 4, "a"), Mark(2, 6, "a")), "bob": (Mark(0, 6, "a"),)}}
        )
        assert f1(overlap.length, twice) == 1
        assert f1(overlap.exact, twice) == 0

    def test_three_people_are_three_pairs(self) -> None:
        three = marks({"ann": "aa..", "bob": "aa..", "eve": "...."})
        assert f1(overlap.exact, three) == pytest.approx(2 / (2 + 1 + 1))

    def test_it_has_an_interval_over_threads_and_a_recipe(self) -> None:
        given = marks(*({"ann": "aa....", "bob": "a" * n + "." * (6 - n)} for n in (1, 2, 3, 4)))
        alone = overlap.f1_figure(given, overlap.length, seed=1)
        threads = overlap.f1_figure(
            given, overlap.length, seed=1, clusters={0: 3, 1: 3, 2: 5, 3: 5}
        )
        assert alone.value == threads.value == pytest.approx(2 * (1 + 2 + 2 + 2) / (8 + 10))
        assert alone.value is not None
        assert alone.interval is not None
        assert threads.interval is not None
        assert alone.interval.low < alone.value < alone.interval.high
        assert {threads.interval.low, threads.interval.high} == {8 / 11, 6 / 7}
        assert threads.recipe == (
            "F1 of pairs (length). Units with two ratings or more: 4, with one: 0; annotators: 2; "
            "ratings: 8. 95% percentile interval from 1,000 resamples of 2 clusters, seed 1, 0 "
            "without a figure."
        )

    def test_where_nobody_marked_anything_there_is_no_figure(self) -> None:
        empty = overlap.f1_figure(marks({"ann": "....", "bob": "...."}), overlap.length, seed=0)
        assert empty.reason.startswith("Nobody marked anything")
        assert overlap.f1_figure(marks(), overlap.length, seed=0).value is None
        assert f1(overlap.length, marks({"ann": "....", "bob": "...."})) is None
        assert f1(overlap.exact, marks({"ann": "aaa."})) is None

    def test_words_instead_of_characters(self) -> None:
        text = "The tram, he said, fails."
        looks = {"ann": (Mark(4, 8, "a"),), "bob": (Mark(5, 9, "a"), Mark(3, 4, "a"))}
        found = in_words(Marks({0: len(text)}, {0: looks}), {0: text})
        assert found.lengths == {0: 8}
        assert found.looks[0] == {"ann": (Mark(1, 2, "a"),), "bob": (Mark(1, 3, "a"),)}
        assert f1(overlap.length, found) == pytest.approx(2 * 1 / 3)

    def test_a_mark_has_a_length_and_lies_in_its_text(self) -> None:
        with pytest.raises(ValueError, match="ends after it starts"):
            Mark(3, 3, "a")
        with pytest.raises(ValueError, match="after its text"):
            Marks({0: 3}, {0: {"ann": (Mark(0, 4, "a"),)}})


def on_characters(given: Marks) -> Figure:
    return alpha_figure(stretch_patterns(given), NOMINAL, seed=0)


drawings = st.lists(
    st.lists(st.text("a.b", min_size=6, max_size=6), min_size=1, max_size=3),
    min_size=1,
    max_size=4,
)


class TestStretches:
    def test_it_is_alpha_on_characters(self) -> None:
        drawn = ["".join(column) for column in zip(*ex.BERTHA_AND_BILL, strict=True)]
        ann, bob = (one.replace("0", ".").replace("1", "a") for one in drawn)
        assert on_characters(marks({"ann": ann, "bob": bob})).value == pytest.approx(
            0.329, abs=0.0006
        )

    @settings(max_examples=60, deadline=None)
    @given(drawings)
    def test_cutting_does_not_change_what_every_character_got(self, texts: list[list[str]]) -> None:
        named = [dict(zip("xyz", text, strict=False)) for text in texts]
        cells = [
            (100 * place + at, rater, {letter} - {"."})
            for place, text in enumerate(texts)
            for rater, drawing in enumerate(text)
            for at, letter in enumerate(drawing)
        ]
        units, raters, sets = zip(*cells, strict=True)
        plain = alpha_figure(
            patterns(set_ratings(units, raters, sets)), NOMINAL, seed=0, resamples=0
        ).value
        found = alpha_figure(stretch_patterns(marks(*named)), NOMINAL, seed=0, resamples=0).value
        assert (found is None) == (plain is None)
        assert found is None or found == pytest.approx(plain)

    def test_the_recipe_counts_characters(self) -> None:
        figure = on_characters(marks({"ann": "aa..bb", "bob": "aaa..b"}, {"ann": "a."}))
        assert (figure.units, figure.single, figure.ratings) == (6, 2, 14)

    def test_whole_texts_or_threads_are_drawn(self) -> None:
        given = marks(*({"ann": "aa..bb", "bob": f"a..{'.' * n}bb"[:6]} for n in range(4)))
        alone = on_characters(given).interval
        threads = stretch_patterns(given, clusters={0: 8, 1: 8, 2: 9, 3: 9})
        together = alpha_figure(threads, NOMINAL, seed=0).interval
        assert alone is not None
        assert together is not None
        assert (alone.drawn, together.drawn) == (4, 2)

    def test_labels_that_overlap_are_a_set(self) -> None:
        both = Marks(
            {0: 4}, {0: {"ann": (Mark(0, 4, "a"), Mark(2, 4, "b")), "bob": (Mark(0, 4, "a"),)}}
        )
        found = stretch_patterns(both)
        assert set(found.scale) == {frozenset("a"), frozenset("ab")}
        assert one_against_rest(found, "b").scale == (False, True)
        masi = alpha_figure(found, distances.masi(found.scale), seed=0, resamples=0).value
        assert masi is not None


def sections(texts: list[str], label: str) -> list[tuple[int, int, bool]]:
    """Where each run of the label, or of anything else, starts and ends, texts in a row."""
    found: list[tuple[int, int, bool]] = []
    at = 0
    for text in texts:
        for marked, run in groupby(text, lambda letter: letter == label):
            found.append((at, at + len(list(run)), marked))
            at = found[-1][1]
    return found


def alpha_u_by_placing(drawn: list[list[str]]) -> float | None:
    """Krippendorff (2004), pages 251 to 256, with every placing of what is expected counted.

    ``drawn`` has for each rater what they marked of each text. Expected is the mean over all ways
    in which two units can overlap, or a unit can lie in a gap.
    """
    length, raters = sum(map(len, drawn[0])), len(drawn)
    observed = expected = 0.0
    for label in sorted(set("".join(map("".join, drawn))) - {"."}):
        rows = [sections(texts, label) for texts in drawn]
        for left, right in permutations(rows, 2):
            for (a, b, unit), (c, d, other) in product(left, right):
                if unit and other and a < d and c < b:
                    observed += (a - c) ** 2 + (b - d) ** 2
                elif unit and not other and c <= a and b <= d:
                    observed += 2 * (b - a) ** 2  # and as a gap beside a unit
        units, gaps = (
            [b - a for row in rows for a, b, unit in row if unit is kind] for kind in (True, False)
        )
        placed = 0
        for one, two in combinations(units, 2):
            for start in range(1 - two, one):
                placed += start**2 + (start + two - one) ** 2
        placed += sum(one**2 * max(0, gap - one + 1) for one in units for gap in gaps)
        whole = raters * length
        ways = whole * (whole - 1) - sum(one * (one - 1) for one in units)
        expected += 2 / length * placed / ways if ways else 0
    observed /= raters * (raters - 1) * length**2
    return 1 - observed / expected if expected else None


class TestAlphaU:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(2, 3), st.lists(st.integers(1, 8), min_size=1, max_size=3), st.data())
    def test_it_is_what_placing_everything_everywhere_gives(
        self, raters: int, lengths: list[int], data: st.DataObject
    ) -> None:
        drawn = [
            [data.draw(st.text("a.b", min_size=n, max_size=n)) for n in lengths]
            for _ in range(raters)
        ]
        texts = [dict(zip("xyz", text, strict=False)) for text in zip(*drawn, strict=True)]
        found, placed = alpha_u(marks(*texts)).value, alpha_u_by_placing(drawn)
        assert (found is None) == (placed is None)
        assert found is None or found == pytest.approx(placed)

    def test_krippendorff_2004_two_labels(self) -> None:
        """Content Analysis, 2nd edition, page 254: a continuum of 300."""

        def at(start: int, length: int, label: str) -> Mark:
            return Mark(start - 150, start - 150 + length, label)

        same = (at(180, 60, "k"), at(300, 50, "k"))
        given = Marks(
            {0: 300},
            {
                0: {
                    "i": (at(225, 70, "c"), at(370, 30, "c"), *same),
                    "j": (at(220, 80, "c"), at(355, 20, "c"), at(400, 20, "c"), *same),
                }
            },
        )
        assert alpha_u(given).value == pytest.approx(0.8591, abs=0.0005)
        one = alpha_u(given, ["c"])
        assert one.observed == pytest.approx(0.0144, abs=5e-5)
        assert one.expected == pytest.approx(0.0532, abs=5e-5)
        assert one.value == pytest.approx(0.7286, abs=5e-5)
        assert alpha_u(given, ["k"]).value == 1

    @pytest.mark.parametrize(
        ("ann", "bob", "printed"),
        [
            ("..aaaaaaaa....aaaaaa....", "....aaaa.......aa.......", 0.03125),
            ("aaaaaaaaaaaaaaaaaa......", "aa|a|a|a|a|aaa|a..............", 2.26736),
            ("..aaaaaa..aa..aaaa..aa..", "aa..aaaa..aaaa..aa..aa..", 0.02777),
            ("aa|aaaaaaaa|aaaa|aaaaaa|aaaa", "aaaa|aaaa|aaaaaaa|aa|aaaaaaa", 0.38715),
        ],
    )
    def test_krippendorff_1995_observed_disagreement(
        self, ann: str, bob: str, printed: float
    ) -> None:
        assert alpha_u(marks({"ann": ann, "bob": bob})).observed == pytest.approx(printed, abs=1e-5)

    def test_the_same_marks_are_one_and_names_do_not_matter(self) -> None:
        first, second = "..aaa..aa.", ".aaaa..a.."
        assert (
            alpha_u(marks({"ann": first, "bob": first}, {"ann": second, "bob": second})).value == 1
        )
        one = alpha_u(marks({"ann": first, "bob": second, "eve": second}))
        other = alpha_u(marks({"zoe": second, "bob": first, "kim": second}))
        assert one.value == pytest.approx(other.value)

    def test_marks_at_random_are_near_zero(self) -> None:
        rng = np.random.default_rng(3)
        looks: dict[str, tuple[Mark, ...]] = {}
        for rater in "abcd":
            starts = rng.choice(np.arange(0, 4000, 10), 120, replace=False)
            looks[rater] = tuple(Mark(int(s), int(s) + 8, "a") for s in starts)
        value = alpha_u(Marks({0: 4000}, {0: looks})).value
        assert value == pytest.approx(0, abs=0.1)

    @pytest.mark.parametrize(
        ("texts", "reason"),
        [
            ([{"ann": "aa.", "bob": "a.."}, {"ann": "aa."}], "Not every annotator"),
            ([{"ann": "aa."}], "There is one annotator"),
            ([{"ann": "...", "bob": "..."}], "Nothing was marked"),
            ([], "Not every annotator"),
        ],
    )
    def test_it_is_undefined_and_says_why(self, texts: list[Looks], reason: str) -> None:
        found = alpha_u(marks(*texts))
        assert found.value is None
        assert found.reason.startswith(reason)
