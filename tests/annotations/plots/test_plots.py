"""Where shapes lie, and that what is drawn is sound SVG without a style of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import pytest
from lxml import etree

from annotations.plots.bars import NAMES, Bar, bars
from annotations.plots.columns import BOTTOM, HEIGHT, LEFT, Column, columns, line
from annotations.plots.drawing import WIDTH, Dot, Line, Plot, Rect, Track, Words, number
from annotations.plots.scales import Scale, ticks
from annotations.plots.whiskers import LEFT as LEDGE
from annotations.plots.whiskers import (
    LONGEST_LINE,
    LONGEST_NAME,
    RIGHT,
    TOP,
    Whisker,
    whiskers,
)
from annotations.plots.whiskers import NAMES as AXIS

T = TypeVar("T")


def of_kind(plot: Plot, kind: type[T], css: str = "") -> list[T]:
    return [one for one in plot.shapes if isinstance(one, kind) and css in ("", one.css)]


def write(value: float) -> str:
    return f"{value:g}"


class TestScales:
    def test_a_number_lies_in_proportion_and_never_outside(self) -> None:
        scale = Scale(0, 10, 100, 200)
        assert [scale(value) for value in (0, 5, 10, -3, 99)] == [100, 150, 200, 100, 200]
        upwards = Scale(0, 4, 180, 20)
        assert (upwards(0), upwards(4), upwards(1)) == (180, 20, 140)
        assert Scale(3, 3, 7, 9)(3) == 7

    @pytest.mark.parametrize(
        ("low", "high", "expected"),
        [
            (0, 1, [0, 0.5, 1]),
            (0, 200, [0, 50, 100, 150, 200]),
            (-0.3, 1, [0, 0.5, 1]),
            (0, 7, [0, 2, 4, 6]),
            (0, 0, [0]),
            (0, 1_000_000, [0, 500_000, 1_000_000]),
        ],
    )
    def test_ticks_are_round(self, low: float, high: float, expected: list[float]) -> None:
        assert ticks(low, high) == expected


class TestBars:
    def test_they_are_as_long_as_their_values(self) -> None:
        plot = bars([Bar("a", 50, "50"), Bar("b", 25, "25"), Bar("c", 0, "0")], "Bars.")
        first, second, third = of_kind(plot, Rect)
        assert first.x == second.x == NAMES
        assert first.width == 2 * second.width
        assert third.width == 0
        assert first.y < second.y < third.y < plot.height

    def test_a_given_length_is_that_of_the_whole(self) -> None:
        whole = of_kind(bars([Bar("a", 1, "")], ""), Rect)[0].width
        half = of_kind(bars([Bar("a", 0.5, "")], "", most=1), Rect)[0].width
        assert half == whole / 2

    def test_nothing_to_draw_is_no_error(self) -> None:
        drawn = etree.fromstring(bars([], "Nothing.").svg)
        assert (drawn.tag, drawn.get("aria-label")) == ("svg", "Nothing.")
        assert [one.tag for one in drawn] == ["line"]


class TestColumns:
    def test_they_stand_on_the_axis(self) -> None:
        found = of_kind(columns([Column("a", 4), Column("b", 2)], "", write=write), Rect)
        assert [one.y + one.height for one in found] == [HEIGHT - BOTTOM] * 2
        assert found[0].height == 2 * found[1].height
        assert LEFT <= found[0].x < found[1].x
        assert found[1].x + found[1].width <= WIDTH

    def test_a_line_ends_below_its_goal(self) -> None:
        plot = line([Column("a", 1), Column("b", 5)], "", write=write, goal=10)
        (track,), (goal,) = of_kind(plot, Track), of_kind(plot, Line, "plot-goal")
        assert track.points[0][0] == LEFT
        assert track.points[0][1] > track.points[1][1] > goal.y1

    def test_one_day_is_a_line_across(self) -> None:
        (track,) = of_kind(line([Column("a", 1)], "", write=write), Track)
        assert track.points[0][1] == track.points[1][1]

    def test_names_keep_clear_of_each_other(self) -> None:
        plot = columns([Column(f"day {n}", 1) for n in range(400)], "", write=write)
        places = [one.x for one in of_kind(plot, Words) if one.text.startswith("day")]
        assert 2 <= len(places) <= 5
        assert min(b - a for a, b in pairwise(places)) > 80


class TestWhiskers:
    def test_dot_and_whisker_lie_at_their_numbers(self) -> None:
        plot = whiskers([Whisker("alpha", 0.5, 0.25, 0.75, "0.50")], "", write=write, lines=(0.8,))
        (dot,) = of_kind(plot, Dot)
        assert dot.x == AXIS + (WIDTH - RIGHT - AXIS) / 2
        middle, *caps = of_kind(plot, Line, "plot-whisker")
        assert (middle.x1 + middle.x2) / 2 == dot.x
        assert [cap.x1 for cap in caps] == [middle.x1, middle.x2]
        (goal,) = of_kind(plot, Line, "plot-goal")
        assert middle.x2 < goal.x1 < WIDTH - RIGHT

    def test_long_names_stand_above_in_full(self) -> None:
        name = "How does the comment feel about the topic of the thread?"
        plot = whiskers([Whisker(name, 0.5, None, None, "0.50")], "", write=write)
        (dot,) = of_kind(plot, Dot)
        (words,) = (one for one in of_kind(plot, Words) if one.text == name)
        assert (words.x, words.anchor) == (LEDGE, "start")
        assert words.y < dot.y

    def test_short_names_stand_at_the_left_beside_whole_lines(self) -> None:
        rows = [Whisker(name, 0.5, None, None, "0.50") for name in ("alpha", "n" * LONGEST_NAME)]
        plot = whiskers(rows, "", write=write, lines=(0.8,))
        dots, (goal,) = of_kind(plot, Dot), of_kind(plot, Line, "plot-goal")
        names = [one for one in of_kind(plot, Words) if one.anchor == "end"]
        assert [one.text for one in names] == [row.name for row in rows]
        assert all(
            name.x < AXIS and abs(name.y - dot.y) < 6 for name, dot in zip(names, dots, strict=True)
        )
        assert goal.y1 < dots[0].y < dots[1].y < goal.y2

    def test_one_long_name_puts_all_of_them_above(self) -> None:
        rows = [
            Whisker("yes", 0.5, 0.4, 0.6, "0.50"),
            Whisker("missing_important_context", 0.6, 0.5, 0.7, "0.60"),
            Whisker("w" * 200, None, None, None, "–"),
        ]
        plot = whiskers(rows, "", write=write)
        names = [one.text for one in of_kind(plot, Words, "plot-words") if one.anchor == "start"]
        assert names[:2] == ["yes", "missing_important_context"]
        assert (len(names[2]), names[2][-1]) == (LONGEST_LINE, "…")

    def test_lines_stand_beside_the_marks_and_cross_no_name(self) -> None:
        long = "How does the comment feel about the topic of the thread?"
        rows = [Whisker(f"{long} {n}", 0.7, 0.6, 0.9, "0.70") for n in range(3)]
        plot = whiskers(rows, "", write=write, lines=(0.667, 0.8))
        names = [one for one in of_kind(plot, Words) if one.text.startswith(long)]
        goals = of_kind(plot, Line, "plot-goal")
        assert len(goals) == 2 * len(rows)
        assert len({goal.x1 for goal in goals}) == 2
        for dot in of_kind(plot, Dot):
            beside = [goal for goal in goals if goal.y1 < dot.y < goal.y2]
            assert len({goal.x1 for goal in beside}) == len(beside) == 2
        for goal in goals:
            # A name reaches about its size of 12 above its baseline, and a third of that below.
            assert all(goal.y2 <= name.y - 12 or goal.y1 >= name.y + 4 for name in names)
            assert TOP < goal.y1 < goal.y2 < plot.height

    def test_the_axis_reaches_below_zero_where_a_figure_does(self) -> None:
        plot = whiskers([Whisker("alpha", -0.5, -1.0, 0.2, "-0.50")], "", write=write)
        (dot,) = of_kind(plot, Dot)
        assert AXIS < dot.x < WIDTH - RIGHT

    def test_what_is_not_defined_has_no_dot(self) -> None:
        plot = whiskers([Whisker("alpha", None, None, None, "–")], "", write=write)
        assert not of_kind(plot, Dot)
        assert not of_kind(plot, Line, "plot-whisker")


class TestDrawing:
    def test_it_is_sound_and_has_no_style(self) -> None:
        summary = 'Bars: "a" & <b>'
        plot = bars([Bar('<script>"x"</script>', 3, "3 & more")], summary)
        root = etree.fromstring(plot.svg)
        assert root.attrib["aria-label"] == summary
        assert root.attrib["role"] == "img"
        assert "style" not in plot.svg
        assert "<script" not in plot.svg

    def test_coordinates_are_short_and_have_a_point(self) -> None:
        assert [number(value) for value in (1.25, 3.0, -0.01, 460)] == ["1.2", "3", "0", "460"]
