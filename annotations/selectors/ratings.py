"""What was answered in a campaign, as arrays: for figures over a million labels.

    Campaign ── Frame            its units and submitted annotations, read once
                └── Column       the answers to one question, beside the annotations

No model objects are made: rows go from the cursor into arrays, some 40 bytes each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length

from annotations.agreement.ratings import Floats, Ints, Ratings, ratings
from annotations.models import Annotation, Answer, Campaign, Membership, Question, Unit

HUMAN, GOLD, FIRST_MODEL = 0, 1, 2
STUDY, CHECK, REPEAT = 0, 1, 2
AT_ONCE = 10_000
BITS = 62
DECIMALS = 9
CHOSEN = (Question.Kind.MULTI_LABEL, Question.Kind.SPAN)

Kind = Question.Kind
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Units by ascending id: the thread, and the depth of the comment (-1: a whole thread)."""

    ids: Ints
    threads: Ints
    depths: Ints

    def places(self, ids: Ints) -> Ints:
        """Where these units stand."""
        return np.searchsorted(self.ids, ids).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The submitted annotations of a campaign, by ascending id, and its units.

    ``units`` has the unit of each annotation, for a repeat the one that it repeats; ``raters``
    the id of the membership, 0 where there is none; ``sources`` is HUMAN, GOLD or FIRST_MODEL
    plus the place in ``models``; ``purposes`` STUDY, CHECK or REPEAT. ``numbers`` gives the n of
    An by membership.
    """

    campaign: Campaign
    all_units: Units
    ids: Ints
    units: Ints
    raters: Ints
    sources: Ints
    purposes: Ints
    revisions: Ints
    models: tuple[str, ...]
    numbers: dict[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Some answers as ratings; ``unit_ids`` and ``rater_ids`` say who and what they number."""

    given: Ratings
    unit_ids: Ints
    rater_ids: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The answers to a question: ``rows`` are places in the frame, ``values`` in ``scale``.

    The scale is the keys of the labels in order, sets of keys, or numbers, lowest first.
    """

    frame: Frame
    rows: Ints
    values: Ints
    scale: tuple[Any, ...]

    def by_people(self, *purposes: int) -> Said:
        """What people said of the units of the sample, or of those with other purposes."""
        wanted = np.isin(self.frame.purposes[self.rows], purposes or (STUDY,))
        return self._said(wanted & (self.frame.sources[self.rows] == HUMAN))

    def truth(self, source: int, unit_ids: Ints) -> Ints:
        """What a source said of each of these units (ascending): (units,), -1 where nothing.

        Where a source says two things of a unit, the first of them counts.
        """
        frame = self.frame
        mine = (frame.sources[self.rows] == source) & (frame.purposes[self.rows] != REPEAT)
        units, values = frame.units[self.rows[mine]][::-1], self.values[mine][::-1]
        known = np.full(len(unit_ids), -1, dtype=np.int64)
        if not len(unit_ids):
            return known
        places = np.minimum(np.searchsorted(unit_ids, units), len(unit_ids) - 1)
        hit = unit_ids[places] == units
        known[places[hit]] = values[hit]
        return known

    def _said(self, mask: Flags) -> Said:
        rows = self.rows[mask]
        units, raters = self.frame.units[rows], self.frame.raters[rows]
        given = ratings(units, raters, self.values[mask], self.scale)
        return Said(given, np.unique(units), np.unique(raters))


def frame_of(campaign: Campaign) -> Frame:
    """Reads in three queries. Read inside ``snapshot()``, so that all parts are of one moment."""
    rows = _filled(_submitted(campaign).iterator(AT_ONCE), "qqqqqq")
    order = np.argsort(rows[0], kind="stable")
    ids, units, raters, sources, purposes, revisions = (column[order] for column in rows)
    names = dict(_of_models(campaign).values_list("pk", "model").iterator(AT_ONCE))
    models = tuple(sorted(set(names.values())))
    if models:
        place = {name: FIRST_MODEL + index for index, name in enumerate(models)}
        where = np.searchsorted(ids, np.fromiter(names, dtype=np.int64))
        sources[where] = [place[name] for name in names.values()]
    members = Membership.objects.filter(campaign=campaign).values_list("pk", "number")
    return Frame(
        campaign=campaign,
        all_units=_units(campaign),
        ids=ids,
        units=units,
        raters=raters,
        sources=sources,
        purposes=purposes,
        revisions=revisions,
        models=models,
        numbers=dict(members),
    )


def column_of(frame: Frame, question: Question) -> Column:
    """The answers to a question of labels, ratings or numbers.

    Whoever was not asked, or did not answer, has no row; several labels of which none was chosen
    are the empty set. Gold or a model that never answers the question was not asked.
    """
    if question.kind == Kind.MULTI_LABEL:
        return _sets(frame, question)
    if question.kind == Kind.SINGLE_LABEL:
        labels = list(question.labels.all())
        rows, found = _answered(frame, question, "label_id", "q")
        values = _places(found, [label.pk for label in labels])
        return Column(frame, rows, values, tuple(label.key for label in labels))
    rows, exact = _answered(frame, question, "number", "d")
    numbers = np.round(exact, DECIMALS)
    scale = np.unique(np.concatenate([numbers, _steps(question)]))
    places = np.searchsorted(scale, numbers).astype(np.int64)
    return Column(frame, rows, places, tuple(scale.tolist()))


def asked_rows(frame: Frame, question: Question) -> Ints:
    """The places of the annotations to which the question was put, ascending."""
    whole = question.unit == Question.Unit.THREAD
    depths = frame.all_units.depths[frame.all_units.places(frame.units)]
    asked = (depths < 0) == whole
    if question.depends_on is not None:
        led = _answers(frame, question.depends_on).filter(label__key__in=question.depends_labels)
        found = _filled(led.values_list("annotation_id").iterator(AT_ONCE), "q")[0]
        asked &= np.isin(frame.ids, found)
    return np.flatnonzero(asked)


def without_silent_sources(frame: Frame, asked: Ints, answered: Ints) -> Ints:
    """Of the places asked, those of people, and of gold or a model that answers at all."""
    speaks = np.unique(frame.sources[answered])
    heard = np.isin(frame.sources[asked], [HUMAN, *speaks.tolist()])
    return asked[heard]


def span_rows(frame: Frame, question: Question) -> Iterator[tuple[int, int, int, str]]:
    """Each span as (place of the annotation, start, end, key of the label or nothing)."""
    spans = _answers(frame, question).filter(start__isnull=False)
    fields = spans.order_by("annotation", "position").values_list(
        "annotation_id", "start", "end", "label__key"
    )
    place = {pk: index for index, pk in enumerate(frame.ids.tolist())}
    for annotation, start, end, key in fields.iterator(AT_ONCE):
        yield place[annotation], start or 0, end or 0, key or ""


def text_lengths(campaign: Campaign) -> dict[int, tuple[int, int]]:
    """The length of each unit's text in code points, and the revision of the text, by unit."""
    units = _study_units(campaign).filter(comment__isnull=False).order_by()
    fields = units.values_list("pk", Length("comment__text"), "comment__text_revision")
    return {pk: (length, revision) for pk, length, revision in fields.iterator(AT_ONCE)}


def _sets(frame: Frame, question: Question) -> Column:
    """Sets as bits, some words of them an annotation, so that the same sets are the same rows."""
    labels = list(question.labels.all())
    answered, found = _answered(frame, question, "label_id", "q")
    rows = without_silent_sources(frame, asked_rows(frame, question), answered)
    bits = _places(found, [label.pk for label in labels])
    words = np.zeros((len(frame.ids), len(labels) // BITS + 1), dtype=np.int64)
    np.bitwise_or.at(words, (answered, bits // BITS), np.left_shift(1, bits % BITS))
    if words.shape[1] == 1:
        kinds, values = np.unique(words[rows, 0], return_inverse=True)
        kinds = kinds[:, None]
    else:
        kinds, values = np.unique(words[rows], axis=0, return_inverse=True)
    sets = (
        frozenset(
            label.key
            for place, label in enumerate(labels)
            if int(kind[place // BITS]) >> (place % BITS) & 1
        )
        for kind in kinds
    )
    return Column(frame, rows, values.ravel().astype(np.int64), tuple(sets))


def _answered(frame: Frame, question: Question, field: str, code: str) -> tuple[Ints, Any]:
    """The place of the annotation and the value of each answer."""
    found = _answers(frame, question).filter(**{f"{field}__isnull": False})
    annotations, values = _filled(
        found.values_list("annotation_id", field).iterator(AT_ONCE), f"q{code}"
    )
    return np.searchsorted(frame.ids, annotations).astype(np.int64), values


def _answers(frame: Frame, question: Question) -> QuerySet[Answer]:
    submitted = {"state": Annotation.State.SUBMITTED, "source__in": SOURCES}
    return Answer.objects.filter(
        question=question,
        annotation__unit__campaign=frame.campaign,
        annotation__unit__purpose__in=PURPOSES,
        **{f"annotation__{name}": value for name, value in submitted.items()},
    ).order_by()


SOURCES = (Annotation.Source.HUMAN, Annotation.Source.GOLD, Annotation.Source.MODEL)
PURPOSES = (Unit.Purpose.STUDY, Unit.Purpose.CHECK, Unit.Purpose.REPEAT)


def _submitted(campaign: Campaign) -> QuerySet[Annotation, tuple[Any, ...]]:
    """What ``Frame`` holds of each annotation, models not yet told apart."""
    return (
        Annotation.objects.filter(
            unit__campaign=campaign,
            unit__purpose__in=PURPOSES,
            state=Annotation.State.SUBMITTED,
            source__in=SOURCES,
        )
        .order_by()
        .values_list(
            "pk",
            Coalesce(F("unit__repeat_of_id"), F("unit_id")),
            Coalesce(F("membership_id"), Value(0)),
            _numbered("source", SOURCES),
            _numbered("unit__purpose", PURPOSES),
            "text_revision",
        )
    )


def _of_models(campaign: Campaign) -> QuerySet[Annotation]:
    return Annotation.objects.filter(
        unit__campaign=campaign,
        unit__purpose__in=PURPOSES,
        state=Annotation.State.SUBMITTED,
        source=Annotation.Source.MODEL,
    ).order_by()


def _numbered(field: str, values: Iterable[str]) -> Case:
    """Which of the values a field has."""
    whens = [When(**{field: value, "then": Value(place)}) for place, value in enumerate(values)]
    return Case(*whens, output_field=IntegerField())


def _study_units(campaign: Campaign) -> QuerySet[Unit]:
    return Unit.objects.filter(campaign=campaign, purpose__in=PURPOSES)


def _units(campaign: Campaign) -> Units:
    rows = (
        _study_units(campaign)
        .order_by()
        .values_list("pk", "thread_id", Coalesce(F("comment__depth"), Value(-1)))
    )
    ids, threads, depths = _filled(rows.iterator(AT_ONCE), "qqq")
    order = np.argsort(ids, kind="stable")
    return Units(ids[order], threads[order], depths[order])


def _filled(rows: Iterable[tuple[Any, ...]], codes: str) -> list[Any]:
    """Rows as one array a column; ``q`` is a whole number, ``d`` a number."""
    kinds = {"q": np.int64, "d": np.float64}
    fields = [(f"f{place}", kinds[code]) for place, code in enumerate(codes)]
    table = np.fromiter(rows, dtype=np.dtype(fields))
    return [np.ascontiguousarray(table[name]) for name, _ in fields]


def _places(found: Ints, ids: Sequence[int]) -> Ints:
    """The place of each id among these ids."""
    known = np.asarray(ids, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    return np.asarray(order[np.searchsorted(known[order], found)], dtype=np.int64)


def _steps(question: Question) -> Floats:
    """The points of a rating's scale, also those that nobody gave; nothing for a number."""
    low, high, step = question.minimum, question.maximum, question.step or 1
    if question.kind != Kind.RATING or low is None or high is None or (high - low) / step > 100:
        return np.zeros(0)
    points = low + step * np.arange(round((high - low) / step) + 1)
    return np.asarray(np.round(points, DECIMALS), dtype=np.float64)
