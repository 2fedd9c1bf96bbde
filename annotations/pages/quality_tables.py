"""The figures of a run as plots and tables, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from annotations.models import Thread
from annotations.pages.figures import Column, Table, rounded, written
from annotations.pages.progress_tables import Panel
from annotations.pages.quality_words import figure_name, reason, recipe, weighing_words
from annotations.plots.bars import Bar, bars
from annotations.plots.drawing import Plot
from annotations.plots.whiskers import Whisker, whiskers

GOALS = (0.667, 0.8)
MOST_PEOPLE = 30
MOST_BARS = 40
SHADES = (0.0, 0.2, 0.4, 0.6, 0.8)

Result = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """Two people in the matrix: their figure, and on how many units; empty if they never met."""

    words: str
    units: str
    shade: int


@dataclass(frozen=True)
class Matrix:
    """Who agrees with whom. ``rows`` are a person with a cell for each of ``people``."""

    people: list[str]
    rows: list[tuple[str, list[Cell | None]]]
    left_out: int


@dataclass(frozen=True)
class QuestionPanels:
    """All that is shown of one question."""

    key: str
    title: str
    kind: str
    notes: list[str]
    figures: Panel | None
    matrix: Matrix | None
    weighing: str
    others: list[Panel]


def question_panels(result: Result, threads: dict[int, Thread], decide: str = "") -> QuestionPanels:
    notes = []
    if result["off_scale"]:
        notes.append(
            _("%(number)s answers are labels off the scale: the ordinal figures leave them out.")
            % {"number": written(result["off_scale"], "count")}
        )
    if result["text_changed"]:
        notes.append(
            _("%(number)s annotations are left out: their text changed since they were made.")
            % {"number": written(result["text_changed"], "count")}
        )
    return QuestionPanels(
        key=result["key"],
        title=result["title"],
        kind=result["kind"],
        notes=notes,
        figures=_figures(result) if result["figures"] else None,
        matrix=_matrix(result),
        weighing=weighing_words(result["weighing"]),
        others=[panel for panel in _others(result, threads, decide) if panel.table.rows],
    )


def _figures(result: Result) -> Panel:
    name = f"figures-{result['key']}"
    title = _("Agreement")
    plots = [
        _whiskers(some)
        for some in (
            [one for one in result["figures"] if not one["label"]],
            [one for one in result["figures"] if one["label"]],
        )
        if some
    ]
    table = figures_table([result], name)
    return Panel(title, table, plots)


def _whiskers(figures: Sequence[Result]) -> Plot:
    rows = [
        Whisker(
            one["label"] or figure_name(one),
            one["value"],
            one["low"],
            one["high"],
            _short(one["value"]),
        )
        for one in figures
    ]
    said = "; ".join(f"{row.name}: {row.words}" for row in rows)
    summary = _("Dots with their intervals. %(figures)s") % {"figures": said}
    if figures[0]["label"]:
        summary = _("Alpha of each label, dots with their intervals. %(figures)s") % {
            "figures": said
        }
    return whiskers(rows, summary, write=_tick, lines=GOALS)


def overview(results: Sequence[Result]) -> Plot | None:
    """The first figure of each question beside those of the others; None for fewer than two."""
    firsts = [(one["title"], one["figures"][0]) for one in results if one["figures"]]
    if len(firsts) < 2:
        return None
    rows = [
        Whisker(title, one["value"], one["low"], one["high"], _short(one["value"]))
        for title, one in firsts
    ]
    said = "; ".join(
        f"{title}, {figure_name(one)}: {_short(one['value'])}" for title, one in firsts
    )
    summary = _("Dots with their intervals. %(figures)s") % {"figures": said}
    return whiskers(rows, summary, write=_tick, lines=GOALS)


def _tick(value: float) -> str:
    """As short as it goes: 0.667, 0.5, 1."""
    return rounded(value, next(n for n in range(4) if round(value, n) == round(value, 3)))


def _short(value: float | None) -> str:
    return "–" if value is None else rounded(value, 2)


def figures_table(results: Iterable[Result], name: str = "figures") -> Table:
    """A row a figure, each with its recipe."""
    shown = [
        Column("question", ""),
        Column("figure", ""),
        Column("label", ""),
        Column("distance", ""),
        Column("name", _("Figure")),
        Column("value", _("Value"), "figure"),
        Column("low", _("from"), "figure"),
        Column("high", _("to"), "figure"),
        Column("level", "", "share"),
        Column("units", _("Units"), "count"),
        Column("ratings", "", "count"),
        Column("annotators", "", "count"),
        Column("note", _("How it was made")),
        Column("recipe", ""),
    ]
    rows = [
        (
            result["key"],
            one["key"],
            one["label"],
            one["distance"],
            figure_name(one),
            one["value"],
            one["low"],
            one["high"],
            one["level"],
            one["units"],
            one["ratings"],
            one["raters"],
            reason(one["reason"]) if one["value"] is None else recipe(one),
            one["recipe"],
        )
        for result in results
        for one in result["figures"]
    ]
    return Table(name, _("Figures of agreement"), shown, rows)


def _matrix(result: Result) -> Matrix | None:
    """The people who rated most, where there are very many."""
    known: dict[tuple[int, int], Result] = {}
    weight: dict[int, int] = {}
    for one in result["pairs"]:
        first, second = one["first"], one["second"]
        known[first, second] = known[second, first] = one
        for number in (first, second):
            weight[number] = weight.get(number, 0) + one["units"]
    if not known:
        return None
    kept = sorted(sorted(weight, key=lambda n: (-weight[n], n))[:MOST_PEOPLE])
    rows = [(f"A{one}", [_cell(known.get((one, other))) for other in kept]) for one in kept]
    return Matrix([f"A{n}" for n in kept], rows, len(weight) - len(kept))


def _cell(pair: Result | None) -> Cell | None:
    if pair is None:
        return None
    value = pair["share"] if pair["same"] is None else pair["kappa"]
    shade = 0 if value is None else sum(value >= edge for edge in SHADES)
    return Cell(_short(value), written(pair["units"], "count"), shade)


def _others(result: Result, threads: dict[int, Thread], decide: str) -> list[Panel]:
    return [
        _prevalence(result),
        Panel(
            _("Beside gold"),
            gold_table([result]),
            note=_("On units of the sample and on checks whose right answer is known."),
        ),
        Panel(_("Models beside people"), models_table([result])),
        Panel(
            _("The same unit shown again"),
            repeats_table([result]),
            note=_("How often people said the same both times."),
        ),
        _depths(result),
        Panel(
            _("Threads with the most disagreement"),
            threads_table([result], threads, decide),
            note=_(
                "Of 20 at most. Threads of few units are ranked with care: as if each had five "
                "units more with the mean of all."
            ),
        ),
    ]


def _prevalence(result: Result) -> Panel:
    rows = [
        Bar(str(one["value"]), one["count"], written(one["share"], "share"))
        for one in result["prevalence"]
    ]
    plots = []
    if 0 < len(rows) <= MOST_BARS:
        said = "; ".join(f"{row.name}: {row.words}" for row in rows)
        plots.append(bars(rows, _("Bars. %(figures)s") % {"figures": said}))
    return Panel(_("How often each was given"), prevalence_table([result]), plots, is_long=True)


def prevalence_table(results: Iterable[Result]) -> Table:
    shown = [
        Column("question", ""),
        Column("value", _("Answer")),
        Column("count", _("Given"), "count"),
        Column("share", _("Share"), "share"),
    ]
    rows = [
        (result["key"], _value(one["value"]), one["count"], one["share"])
        for result in results
        for one in result["prevalence"]
    ]
    return Table("prevalence", _("How often each was given"), shown, rows)


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _compared() -> list[Column]:
    return [
        Column("units", _("Units"), "count"),
        Column("same", "", "count"),
        Column("share", _("The same"), "share"),
        Column("low", _("from"), "share"),
        Column("high", _("to"), "share"),
        Column("kappa", _("Kappa"), "figure"),
    ]


COMPARED = ("units", "same", "share", "low", "high", "kappa")


def pairs_table(results: Iterable[Result]) -> Table:
    columns = [Column("question", ""), Column("first", _("One")), Column("second", _("Other"))]
    rows = [
        (result["key"], f"A{one['first']}", f"A{one['second']}", *(one[key] for key in COMPARED))
        for result in results
        for one in result["pairs"]
    ]
    return Table("pairs", _("Pairs of annotators"), [*columns, *_compared()], rows)


def gold_table(results: Iterable[Result]) -> Table:
    columns = [Column("question", ""), Column("who", _("Who")), Column("is_model", "")]
    rows = [
        (result["key"], one["who"], one["is_model"], *(one[key] for key in COMPARED))
        for result in results
        for one in result["gold"]
    ]
    return Table("gold", _("Beside gold"), [*columns, *_compared()], rows)


def models_table(results: Iterable[Result]) -> Table:
    columns = [Column("question", ""), Column("model", _("Model")), Column("who", _("Beside"))]
    rows = [
        (result["key"], one["model"], one["who"], *(one[key] for key in COMPARED))
        for result in results
        for one in result["models"]
    ]
    return Table("models", _("Models beside people"), [*columns, *_compared()], rows)


def repeats_table(results: Iterable[Result]) -> Table:
    columns = [Column("question", ""), Column("annotator", _("Who"))]
    rows = [
        (result["key"], one["who"], *(one[key] for key in COMPARED))
        for result in results
        for one in result["repeats"]
    ]
    return Table("repeats", _("The same unit shown again"), [*columns, *_compared()], rows)


def _depths(result: Result) -> Panel:
    rows = [
        Bar(_depth(one["start"], one["end"]), one["disagreement"], _short(one["disagreement"]))
        for one in result["depths"]
    ]
    said = "; ".join(f"{row.name}: {row.words}" for row in rows)
    summary = _("Bars. %(figures)s") % {"figures": said}
    plots = [bars(rows, summary, most=1)] if rows else []
    note = _("0: all ratings of a unit are the same; 1: no two are.")
    title = _("Disagreement by depth of the comment")
    return Panel(title, depths_table([result]), plots, note)


def _depth(start: int, end: int | None) -> str:
    if end is None:
        return _("%(depth)d and deeper") % {"depth": start}
    return str(start) if start == end else f"{start}–{end}"


def depths_table(results: Iterable[Result]) -> Table:
    shown = [
        Column("question", ""),
        Column("depth", _("Depth")),
        Column("from_depth", "", "count"),
        Column("to_depth", "", "count"),
        Column("units", _("Units"), "count"),
        Column("disagreement", _("Disagreement"), "figure"),
    ]
    rows = [
        (
            result["key"],
            _depth(one["start"], one["end"]),
            one["start"],
            one["end"],
            one["units"],
            one["disagreement"],
        )
        for result in results
        for one in result["depths"]
    ]
    return Table("depths", _("Disagreement by depth of the comment"), shown, rows)


def threads_table(results: Iterable[Result], threads: dict[int, Thread], decide: str = "") -> Table:
    """``decide`` is the address of the adjudicators' desk, for who may sit there."""
    shown = [
        Column("question", ""),
        Column("title", _("Thread")),
        Column("thread_id", ""),
        Column("units", _("Units"), "count"),
        Column("disagreement", _("Disagreement"), "figure"),
    ]
    found = [(result["key"], one) for result in results for one in result["threads"]]
    known = [(key, one, threads[one["thread"]]) for key, one in found if one["thread"] in threads]
    rows = [
        (key, thread.title or thread.source_id, thread.source_id, one["units"], one["disagreement"])
        for key, one, thread in known
    ]
    links = [reverse("thread", args=[thread.pk]) for _key, _one, thread in known]
    acts = [f"{decide}?thread={thread.pk}" for _key, _one, thread in known] if decide else ()
    title = _("Threads with the most disagreement")
    return Table("threads", title, shown, rows, links, _("Decide"), acts)
