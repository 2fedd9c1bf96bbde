"""Figures as dots, with their intervals as whiskers, beside lines that they should reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.plots.drawing import WIDTH, Dot, Line, Plot, Shape, Words, shortened
from annotations.plots.scales import Scale, Write, ticks

ROW, NAMES, RIGHT, TOP, BOTTOM, CAP = 26, 170, 50, 20, 24, 4
LONGEST_NAME, LONGEST_LINE = 22, 66
LEFT, LINE, REACH = 12, 16, 10


@dataclass(frozen=True, slots=True)
class Whisker:
    """``value`` is None where the figure is not defined, ``low`` and ``high`` without interval.

    ``words`` stand at the right: the figure as the reader writes it.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    words: str


def whiskers(
    rows: Sequence[Whisker],
    summary: str,
    *,
    write: Write,
    lines: Sequence[float] = (),
) -> Plot:
    """From the lowest figure or 0 up to 1; ``lines`` stand upright, dashed, with their number.

    Names stand at the left if all of them have room there, else above their rows; the lines keep
    clear of them.
    """
    above = any(len(row.name) > LONGEST_NAME for row in rows)
    ends = [end for row in rows for end in (row.value, row.low) if end is not None]
    left, step = (LEFT, ROW + LINE) if above else (NAMES, ROW)
    scale = Scale(min([0.0, *ends]), 1, left, WIDTH - RIGHT)
    height = TOP + step * len(rows) + BOTTOM
    bottom = height - BOTTOM
    middles = [TOP + (place + 1) * step - ROW / 2 for place in range(len(rows))]
    shapes: list[Shape] = [Line(left, bottom, WIDTH - RIGHT, bottom, "plot-axis")]
    for tick in ticks(scale.low, 1, 4):
        shapes.append(Line(scale(tick), bottom, scale(tick), bottom + 4, "plot-axis"))
        shapes.append(Words(scale(tick), bottom + 17, write(tick), "middle"))
    for at in lines:
        shapes.append(Words(scale(at), TOP - 7, write(at), "middle"))
        parts = [(one - REACH, one + REACH) for one in middles] if above else [(TOP, bottom)]
        shapes += [Line(scale(at), top, scale(at), end, "plot-goal") for top, end in parts]
    for row, middle in zip(rows, middles, strict=True):
        if above:
            shapes.append(Words(LEFT, middle - LINE, shortened(row.name, LONGEST_LINE)))
        else:
            shapes.append(Words(NAMES - 8, middle + 4, row.name, "end"))
        shapes += _row(row, middle, scale)
    return Plot(WIDTH, height, summary, shapes)


def _row(row: Whisker, middle: float, scale: Scale) -> list[Shape]:
    shapes: list[Shape] = [
        Words(WIDTH - RIGHT + 10, middle + 4, row.words, "start", "plot-figure"),
    ]
    if row.low is not None and row.high is not None:
        low, high = scale(row.low), scale(row.high)
        shapes.append(Line(low, middle, high, middle, "plot-whisker"))
        for end in (low, high):
            shapes.append(Line(end, middle - CAP, end, middle + CAP, "plot-whisker"))
    if row.value is not None:
        shapes.append(Dot(scale(row.value), middle, "plot-dot"))
    return shapes
