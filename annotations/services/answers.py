"""Answers as a client sends them, checked against the codebook and the text, as rows.

One shape everywhere: ``{question key: value}``, where the value of a single label is its key, of
several labels a list of keys, of a rating or number a number, of a text a string, of spans a list
of ``{start, end, quote, label}`` and of relations a list of ``{comment, label}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from annotations.errors import InvalidAnswers
from annotations.models import Answer, Label, Question

Problems = dict[str, list[str]]
MAX_ANSWERS = 200
MAX_TEXT = 10_000


class _Invalid(Exception):
    """One value cannot be taken; ``place`` is what follows the question's key in its path."""

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = place


def read_answers(
    *,
    questions: Sequence[Question],
    answers: Mapping[str, Any],
    text: str,
    related_ids: Callable[[set[int]], set[int]],
    complete: bool,
) -> list[Answer]:
    """Unsaved rows for these answers to one unit.

    ``text`` is what spans point into; ``related_ids`` says which of some comment ids exist in the
    thread. ``complete`` asks for every required question that the answers lead to. Raises
    InvalidAnswers naming every value at fault.
    """
    problems: Problems = {}
    rows: list[Answer] = []
    by_key = {question.key: question for question in questions}
    for key in sorted(answers.keys() - by_key.keys()):
        problems[f"answers.{key}"] = [f"The codebook has no question {key!r} for this unit."]
    for key, question in by_key.items():
        if _is_blank(answers.get(key)):
            if complete and question.required and is_asked(question, answers):
                problems[f"answers.{key}"] = [f"“{question.title}” has no answer yet."]
            continue
        try:
            rows += _rows(question, answers, text=text, related_ids=related_ids)
        except _Invalid as invalid:
            problems[f"answers.{key}{invalid.place}"] = [invalid.sentence]
    if problems:
        raise InvalidAnswers(_summary(problems), fields=problems)
    return rows


def _is_blank(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value in (None, [])


def is_asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Whether the answers lead to this question."""
    if question.depends_on is None:
        return True
    given = answers.get(question.depends_on.key)
    chosen = given if isinstance(given, list) else [given]
    return is_asked(question.depends_on, answers) and any(
        label in question.depends_labels for label in chosen if isinstance(label, str)
    )


def _rows(
    question: Question,
    answers: Mapping[str, Any],
    *,
    text: str,
    related_ids: Callable[[set[int]], set[int]],
) -> list[Answer]:
    if not is_asked(question, answers):
        raise _Invalid(f"“{question.title}” is not asked after these answers.")
    value = answers[question.key]
    kind = question.kind
    if kind == Question.Kind.SINGLE_LABEL:
        rows = [Answer(label=_label(question, value))]
    elif kind == Question.Kind.MULTI_LABEL:
        rows = _chosen(question, value)
    elif kind in (Question.Kind.RATING, Question.Kind.NUMBER):
        rows = [Answer(number=_number(question, value))]
    elif kind == Question.Kind.TEXT:
        rows = [Answer(text=_text(value))]
    elif kind == Question.Kind.SPAN:
        rows = [_span(question, item, index, text) for index, item in enumerate(_list(value))]
    else:
        rows = _relations(question, _list(value), related_ids)
    for position, row in enumerate(rows):
        row.question = question
        row.position = position
    return rows


def _label(question: Question, key: object, place: str = "") -> Label:
    for label in question.labels.all():
        if label.key == key:
            return label
    known = ", ".join(label.key for label in question.labels.all())
    raise _Invalid(f"{key!r} is no label of “{question.title}”; it has {known}.", place)


def _chosen(question: Question, value: object) -> list[Answer]:
    keys = _list(value)
    if len(set(map(str, keys))) < len(keys):
        raise _Invalid("The same label is chosen twice.")
    return [Answer(label=_label(question, key, f"[{index}]")) for index, key in enumerate(keys)]


def _number(question: Question, value: object) -> float:
    if not _can_be_kept(value):
        raise _Invalid(f"{str(value)[:40]} is not a number that can be kept.")
    low, high = question.minimum, question.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise _Invalid(f"{value:g} lies outside {_bound(low)} to {_bound(high)}.")
    step = question.step or (1 if question.kind == Question.Kind.RATING else 0)
    if step and abs(math.remainder(value - (low or 0), step)) > 1e-6 * step:
        raise _Invalid(f"{value:g} is no step of {step:g} from {low or 0:g}.")
    return float(value)


def takes_number(question: Question, number: float) -> bool:
    """Whether the number is one that the question can be answered with."""
    try:
        _number(question, number)
    except _Invalid:
        return False
    return True


def _can_be_kept(value: object) -> TypeGuard[float]:
    """Whether the database gives the same number back: what is 2**53 + 1 as a float is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and float(value) == value


def _bound(value: float | None) -> str:
    return "anything" if value is None else f"{value:g}"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Invalid("A text is expected.")
    if len(value) > MAX_TEXT:
        raise _Invalid(f"The text has {len(value):,} characters; at most {MAX_TEXT:,} are taken.")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise _Invalid("The text holds a NUL or half of a surrogate pair, which is no text.")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _Invalid("A list is expected.")
    if len(value) > MAX_ANSWERS:
        raise _Invalid(f"{len(value)} values are too many; at most {MAX_ANSWERS} are taken.")
    return value


def _span(question: Question, item: object, index: int, text: str) -> Answer:
    place = f"[{index}]"
    if not isinstance(item, dict):
        raise _Invalid("A span is an object with start, end and quote.", place)
    start, end = item.get("start"), item.get("end")
    if not (_is_index(start) and _is_index(end) and start < end <= len(text)):
        raise _Invalid(f"{start!r} to {end!r} lies outside the text of {len(text)}.", place)
    if item.get("quote") != text[start:end]:
        raise _Invalid(
            f"The quote is not the text from {start} to {end}. Offsets count Unicode code points, "
            "and the text may have changed: load the comment again.",
            place,
        )
    label = _optional_label(question, item, place)
    return Answer(label=label, start=start, end=end, quote=text[start:end])


def _is_index(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _optional_label(question: Question, item: Mapping[str, Any], place: str) -> Label | None:
    if item.get("label") is not None:
        return _label(question, item["label"], place)
    if question.labels.all():
        raise _Invalid(f"“{question.title}” asks for a label with each entry.", place)
    return None


def _relations(
    question: Question, items: list[Any], related_ids: Callable[[set[int]], set[int]]
) -> list[Answer]:
    wanted = {item["comment"] for item in items if _names_comment(item)}
    known = related_ids(wanted) if wanted else set()
    rows = []
    for index, item in enumerate(items):
        place = f"[{index}]"
        if not _names_comment(item) or item["comment"] not in known:
            raise _Invalid("A relation names the id of another comment of the thread.", place)
        label = _optional_label(question, item, place)
        rows.append(Answer(label=label, related_id=item["comment"]))
    return rows


def _names_comment(item: object) -> bool:
    return isinstance(item, dict) and _is_index(item.get("comment"))


def _summary(problems: Problems) -> str:
    first = next(iter(problems.values()))[0]
    return first if len(problems) == 1 else f"{first} (and {len(problems) - 1} more)"
