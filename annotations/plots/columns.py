"""Columns that stand beside each other: how many on each day, or in each interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.plots.drawing import WIDTH, Line, Plot, Rect, Shape, Track, Words
from annotations.plots.scales import Scale, Write, ticks

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 190, 56, 12, 12, 26
BETWEEN = 120


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` stands below, where there is room."""

    name: str
    value: float


def columns(rows: Sequence[Column], summary: str, *, write: Write) -> Plot:
    """One column a row, from zero, with some of the names below."""
    up = _up(max((row.value for row in rows), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    gap = step * 0.15 if step > 3 else 0
    shapes = _frame(up, write)
    for place, row in enumerate(rows):
        top = up(row.value)
        left = LEFT + place * step + gap / 2
        shapes.append(Rect(left, top, step - gap, HEIGHT - BOTTOM - top, "plot-bar"))
    shapes += _names([row.name for row in rows], step, step / 2)
    return Plot(WIDTH, HEIGHT, summary, shapes)


def line(rows: Sequence[Column], summary: str, *, write: Write, goal: float | None = None) -> Plot:
    """The values as a line; ``goal`` as a dashed one across."""
    up = _up(max([*(row.value for row in rows), goal or 0], default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(rows) - 1, 1)
    shapes = _frame(up, write)
    if goal:
        shapes.append(Line(LEFT, up(goal), WIDTH - RIGHT, up(goal), "plot-goal"))
    points = [(LEFT + place * step, up(row.value)) for place, row in enumerate(rows)]
    if len(points) == 1:
        points.append((WIDTH - RIGHT, points[0][1]))
    shapes.append(Track(points, "plot-line"))
    shapes += _names([row.name for row in rows], step, 0)
    return Plot(WIDTH, HEIGHT, summary, shapes)


def _up(highest: float) -> Scale:
    return Scale(0, max(highest, 1), HEIGHT - BOTTOM, TOP)


def _frame(up: Scale, write: Write) -> list[Shape]:
    shapes: list[Shape] = []
    for tick in ticks(0, up.high, 4):
        shapes.append(Line(LEFT, up(tick), WIDTH - RIGHT, up(tick), "plot-grid"))
        shapes.append(Words(LEFT - 6, up(tick) + 4, write(tick), "end"))
    return shapes


def _names(names: Sequence[str], step: float, inset: float) -> list[Shape]:
    """As many as have room, evenly, the first among them."""
    every = max(1, round(BETWEEN / step + 0.49)) if step else 1
    shapes: list[Shape] = []
    for place in range(0, len(names), every):
        x = LEFT + place * step + inset
        anchor = "start" if x < LEFT + 30 else "end" if x > WIDTH - RIGHT - 30 else "middle"
        shapes.append(Words(x, HEIGHT - 8, names[place], anchor))
    return shapes
