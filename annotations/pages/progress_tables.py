"""How the work goes on, as plots and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from annotations.models import Question
from annotations.pages.figures import Column, Table, duration, percent, written
from annotations.plots.bars import Bar, bars
from annotations.plots.columns import Column as Upright
from annotations.plots.columns import columns, line
from annotations.plots.drawing import Plot
from annotations.selectors.dashboard import Day, Labels, Person, Score
from annotations.selectors.pace import FarOff, Slice


@dataclass(frozen=True)
class Panel:
    """Plots beside the table of their numbers. ``note`` says how they came about."""

    title: str
    table: Table
    plots: Sequence[Plot] = ()
    note: str = ""
    is_long: bool = False


def progress_panel(days: list[Day], wanted: int) -> Panel:
    shown = [
        Column("day", _("Day"), "day"),
        Column("labels", _("Labels"), "count"),
        Column("together", _("Together"), "count"),
    ]
    table = Table(
        "progress", _("Labels by day"), shown, [(d.day, d.done, d.together) for d in days]
    )
    note = _(
        "The line: all labels together. The columns: the labels of each day. Dashed: the labels "
        "that are wanted, %(number)s."
    ) % {"number": written(wanted, "count")}
    plots = _plots_of(days, wanted) if days else ()
    return Panel(_("Labels by day"), table, plots, note, is_long=len(days) > 10)


def _plots_of(days: list[Day], wanted: int) -> list[Plot]:
    names = [_day(one) for one in days]
    last = days[-1]
    words = {
        "done": written(last.together, "count"),
        "wanted": written(wanted, "count"),
        "day": names[-1],
    }
    together = [Upright(name, one.together) for name, one in zip(names, days, strict=True)]
    each = [Upright(name, one.done) for name, one in zip(names, days, strict=True)]
    busiest = max(days, key=lambda one: one.done)
    most = {
        "number": written(busiest.done, "count"),
        "day": _day(busiest),
    }
    return [
        line(
            together,
            _("Line: %(done)s labels of %(wanted)s by %(day)s.") % words,
            write=_count,
            goal=wanted,
        ),
        columns(
            each,
            _("Columns: labels of each day, at most %(number)s, on %(day)s.") % most,
            write=_count,
        ),
    ]


def _day(one: Day) -> str:
    """Without the marks for a direction that some languages have: plots run from the left."""
    return date_format(one.day, "DATE_FORMAT").replace("\u200f", "")


def people_table(people: list[Person], *, with_names: bool, address: str = "") -> Table:
    """A row a person; whose account it is only for who manages the campaign.

    ``address`` is the page where something can be done about them.
    """
    paused = _("Paused since") if any(one.membership.paused_at for one in people) else ""
    shown = [
        Column("annotator", _("Pseudonym")),
        *([Column("user", _("User"))] if with_names else []),
        Column("submitted", _("Submitted"), "count"),
        Column("median_seconds", _("Median time"), "seconds"),
        Column("seconds", _("Time together"), "seconds"),
        Column("skipped", "", "count"),
        Column("skipped_rate", _("Skipped"), "share"),
        Column("flagged", _("Flagged"), "count"),
        Column("check_score", _("Checks"), "share"),
        Column("", _("95 % interval"), "interval"),
        Column("check_low", "", "share"),
        Column("check_high", "", "share"),
        Column("checks", _("Number of checks"), "count"),
        Column("test_score", _("Test"), "share"),
        Column("tests", "", "count"),
        Column("last_seen", "", "moment"),
        Column("paused_at", paused, "day"),
    ]
    rows = [_person(one, with_names=with_names) for one in people]
    links = [f"{address}#{one.membership.pseudonym}" for one in people]
    return Table("people", _("People"), shown, rows, links)


def _person(one: Person, *, with_names: bool) -> list[object]:
    member, check, test = one.membership, one.check, one.test
    low, high = check.interval if check else (None, None)
    user = member.user.username if member.user else _("account deleted")
    return [
        member.pseudonym,
        *([user] if with_names else []),
        one.done,
        one.pace.median if one.pace else None,
        one.seconds or None,
        one.skipped,
        one.skipped_rate,
        one.flagged,
        _mean(check),
        check.interval if check else None,
        low,
        high,
        check.count if check else None,
        _mean(test),
        test.count if test else None,
        one.seen_at,
        member.paused_at,
    ]


def _mean(score: Score | None) -> float | None:
    return score.mean if score else None


def labels_panel(labels: Labels) -> Panel:
    """How often each label was given, together and by each person, in shares of their answers."""
    people = sorted(labels.answered)
    shown = [
        Column("question", ""),
        Column("label", ""),
        Column("title", _("Label")),
        Column("count", _("Given"), "count"),
        Column("share", _("Share"), "share"),
        *(Column(f"A{number}", f"A{number}", "share") for number in people),
    ]
    whole, wholes = _wholes(labels)
    rows = [
        (
            labels.question.key,
            one.key,
            one.title,
            one.count,
            one.count / whole,
            *(one.by_person.get(n, 0) / wholes[n] for n in people),
        )
        for one in labels.given
    ]
    most = max(labels.given, key=lambda one: one.count, default=None)
    plots = []
    if most is not None and most.count:
        words = {
            "label": most.title,
            "share": percent(most.count / whole),
            "number": written(whole, "count"),
        }
        summary = _("Bars: of %(number)s answers, most often “%(label)s”, %(share)s.") % words
        drawn = [Bar(one.title, one.count, _how_often(one.count, whole)) for one in labels.given]
        plots.append(bars(drawn, summary))
    title = labels.question.title
    return Panel(title, Table(f"labels-{labels.question.key}", title, shown, rows), plots)


def _wholes(labels: Labels) -> tuple[int, dict[int, int]]:
    """Of what the shares are: the answers, of spans the spans themselves."""
    if labels.question.kind != Question.Kind.SPAN:
        return max(labels.total, 1), {n: max(count, 1) for n, count in labels.answered.items()}
    spans = {
        n: max(sum(one.by_person.get(n, 0) for one in labels.given), 1) for n in labels.answered
    }
    return max(sum(one.count for one in labels.given), 1), spans


def _how_often(count: int, whole: int) -> str:
    return f"{written(count, 'count')} · {percent(count / whole)}"


def labels_table(all_labels: list[Labels]) -> Table:
    """All questions in one file: a row for each label and person."""
    keys = ("question", "label", "title", "annotator", "count", "answers")
    rows = [
        (one.question.key, given.key, given.title, f"A{n}", given.by_person.get(n, 0), answers)
        for one in all_labels
        for given in one.given
        for n, answers in sorted(one.answered.items())
    ]
    return Table("labels", "", [Column(key, "") for key in keys], rows)


def time_panel(found: list[Slice]) -> Panel:
    shown = [
        Column("from_seconds", _("From"), "seconds"),
        Column("to_seconds", _("To"), "seconds"),
        Column("units", _("Units"), "count"),
    ]
    rows = [(one.start, one.end, one.count) for one in found]
    plots = []
    if found:
        most = max(found, key=lambda one: one.count)
        words = {
            "from": duration(most.start),
            "to": duration(most.end),
            "number": written(most.count, "count"),
        }
        summary = _("Columns: most units, %(number)s, took from %(from)s to %(to)s.") % words
        drawn = [Upright(duration(one.start), one.count) for one in found]
        plots.append(columns(drawn, summary, write=_count))
    table = Table("time", _("Time for a unit"), shown, rows)
    note = _("The intervals grow by the same factor: times of work are skewed.")
    return Panel(_("Time for a unit"), table, plots, note, is_long=True)


def far_off_table(found: list[FarOff]) -> Table:
    shown = [
        Column("comment_id", _("Comment")),
        Column("thread_id", _("Thread")),
        Column("annotation", "", "count"),
        Column("annotator", _("Pseudonym")),
        Column("kind", _("Took")),
        Column("seconds", _("Time"), "seconds"),
        Column("usual_seconds", _("Usual for the person"), "seconds"),
        Column("submitted_at", _("Submitted"), "moment"),
    ]
    return Table(
        "outliers",
        _("Far from the usual time"),
        shown,
        [_far_off(one) for one in found],
        [_address(one) for one in found],
    )


def _far_off(one: FarOff) -> list[object]:
    annotation, unit = one.annotation, one.annotation.unit
    member = annotation.membership
    return [
        unit.comment.source_id if unit.comment else "",
        unit.thread.source_id,
        annotation.pk,
        member.pseudonym if member else "",
        _("far too short") if one.is_fast else _("far too long"),
        annotation.seconds,
        one.usual,
        annotation.submitted_at,
    ]


def _address(one: FarOff) -> str:
    unit = one.annotation.unit
    page = reverse("thread", args=[unit.thread_id])
    comment = unit.comment
    return f"{page}?at={comment.position}#c{comment.pk}" if comment else page


def _count(value: float) -> str:
    return number_format(value, 0, force_grouping=True)
