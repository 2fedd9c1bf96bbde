"""Shapes on a canvas, and the canvas as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 460


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    css: str

    def svg(self) -> str:
        place = f'x="{number(self.x)}" y="{number(self.y)}"'
        size = f'width="{number(self.width)}" height="{number(self.height)}"'
        return f'<rect class="{self.css}" {place} {size}/>'


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    css: str

    def svg(self) -> str:
        ends = (("x1", self.x1), ("y1", self.y1), ("x2", self.x2), ("y2", self.y2))
        places = " ".join(f'{name}="{number(value)}"' for name, value in ends)
        return f'<line class="{self.css}" {places}/>'


@dataclass(frozen=True, slots=True)
class Track:
    """A line through points."""

    points: Sequence[tuple[float, float]]
    css: str

    def svg(self) -> str:
        points = " ".join(f"{number(x)},{number(y)}" for x, y in self.points)
        return f'<polyline class="{self.css}" points="{points}"/>'


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    css: str
    radius: float = 4

    def svg(self) -> str:
        place = f'cx="{number(self.x)}" cy="{number(self.y)}"'
        return f'<circle class="{self.css}" {place} r="{number(self.radius)}"/>'


@dataclass(frozen=True, slots=True)
class Words:
    """``anchor`` is start, middle or end, counted from the left in every language."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    css: str = "plot-words"

    def svg(self) -> str:
        place = f'x="{number(self.x)}" y="{number(self.y)}" text-anchor="{self.anchor}"'
        return f'<text class="{self.css}" {place}>{escape(self.text)}</text>'


Shape = Rect | Line | Track | Dot | Words


@dataclass(frozen=True, slots=True)
class Plot:
    """``summary`` says in a sentence what there is to see, for who does not see it."""

    width: float
    height: float
    summary: str
    shapes: Sequence[Shape]

    @property
    def svg(self) -> str:
        """One element; all text in it is escaped."""
        box = f"0 0 {number(self.width)} {number(self.height)}"
        inside = "".join(shape.svg() for shape in self.shapes)
        label = escape(self.summary)
        return f'<svg class="plot" viewBox="{box}" role="img" aria-label="{label}">{inside}</svg>'


def number(value: float) -> str:
    """A coordinate, to a tenth; always with a point, whatever the language."""
    return f"{round(value, 1) + 0:g}"


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
