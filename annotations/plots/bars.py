"""Bars that lie: how often each of some things is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.plots.drawing import WIDTH, Line, Plot, Rect, Shape, Words, shortened
from annotations.plots.scales import Scale

ROW, BAR, NAMES, FIGURES, TOP = 24, 14, 150, 90, 6
LONGEST_NAME = 19


@dataclass(frozen=True, slots=True)
class Bar:
    """``words`` stand behind the bar: the number as the reader writes it."""

    name: str
    value: float
    words: str


def bars(rows: Sequence[Bar], summary: str, *, most: float | None = None) -> Plot:
    """One bar a row from zero; the longest is as long as ``most``, or as the largest value."""
    height = TOP * 2 + ROW * len(rows)
    highest = most if most is not None else max((row.value for row in rows), default=0)
    scale = Scale(0, highest, NAMES, WIDTH - FIGURES)
    shapes: list[Shape] = [Line(NAMES, TOP, NAMES, height - TOP, "plot-axis")]
    for place, row in enumerate(rows):
        top = TOP + place * ROW + (ROW - BAR) / 2
        end = scale(row.value)
        shapes.append(Words(NAMES - 8, top + 11, shortened(row.name, LONGEST_NAME), "end"))
        shapes.append(Rect(NAMES, top, end - NAMES, BAR, "plot-bar"))
        shapes.append(Words(end + 6, top + 11, row.words, "start", "plot-figure"))
    return Plot(WIDTH, height, summary, shapes)
