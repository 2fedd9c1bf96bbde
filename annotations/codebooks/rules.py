"""What the fields of a codebook mean to each other: rules that no single field can keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from annotations.codebooks import hotkeys
from annotations.codebooks.problems import Problem

if TYPE_CHECKING:
    from annotations.codebooks.schema import DependsOn, Question

CHOICES = frozenset({"single_label", "multi_label"})
ABOUT_A_COMMENT = frozenset({"span", "relation"})
LABELED = CHOICES | ABOUT_A_COMMENT
MEASURED = frozenset({"rating", "number"})


def broken(questions: Sequence[Question | None]) -> list[Problem]:
    """Every rule that is broken. None stands for a question whose own fields are wrong."""
    found = list(_repeated_questions(questions))
    for index, question in enumerate(questions):
        if question is not None:
            path = f"questions[{index}]"
            found += _label_faults(question, path)
            found += _hotkey_faults(question, path)
            found += _scale_faults(question, path)
            found += _range_faults(question, path)
            found += _unit_faults(question, path)
            found += _dependence_faults(index, questions, path)
    return found


def _repeated_questions(questions: Sequence[Question | None]) -> Iterator[Problem]:
    keys = [question.key if question else None for question in questions]
    for index, key in enumerate(keys):
        if key is not None and key in keys[:index]:
            sentence = f"`{key}` is already the key of questions[{keys.index(key)}]."
            yield Problem(f"questions[{index}].key", sentence)


def _label_faults(question: Question, path: str) -> Iterator[Problem]:
    if question.kind not in LABELED:
        if question.labels:
            yield Problem(f"{path}.labels", f"a {question.kind} question has no labels.")
        return
    fewest = 2 if question.kind == "single_label" else 1
    if len(question.labels) < fewest:
        sentence = f"a {question.kind} question needs at least {fewest}; add what is missing."
        yield Problem(f"{path}.labels", sentence)
    keys = [label.key for label in question.labels]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            sentence = f"`{key}` is already the key of labels[{keys.index(key)}]."
            yield Problem(f"{path}.labels[{index}].key", sentence)


def _hotkey_faults(question: Question, path: str) -> Iterator[Problem]:
    given = [label.hotkey for label in question.labels]
    for index, hotkey in enumerate(given):
        sentence = hotkeys.fault(hotkey)
        if sentence is None and hotkey in given[:index]:
            other = question.labels[given.index(hotkey)].key
            sentence = f"`{hotkey}` is already the key of `{other}`."
        if sentence is not None:
            yield Problem(f"{path}.labels[{index}].hotkey", sentence)


def _scale_faults(question: Question, path: str) -> Iterator[Problem]:
    values = [label.value for label in question.labels]
    ordinal = any(value is not None for value in values)
    for index, label in enumerate(question.labels):
        here = f"{path}.labels[{index}]"
        if label.value is not None and label.off_scale:
            yield Problem(f"{here}.off_scale", "is outside the scale, so it has no `value`.")
        elif label.value is not None and label.value in values[:index]:
            yield Problem(f"{here}.value", f"{label.value:g} is already another label's value.")
        elif label.off_scale and not ordinal:
            yield Problem(f"{here}.off_scale", "there is no scale: no label has a `value`.")
        elif ordinal and label.value is None and not label.off_scale:
            sentence = "is required, since other labels have one; or say `off_scale: true`."
            yield Problem(f"{here}.value", sentence)


def _range_faults(question: Question, path: str) -> Iterator[Problem]:
    minimum, maximum = question.minimum, question.maximum
    for name in ("minimum", "maximum", "step"):
        given = getattr(question, name) is not None
        if given and question.kind not in MEASURED:
            yield Problem(f"{path}.{name}", f"a {question.kind} question has no {name}.")
        elif not given and question.kind == "rating" and name != "step":
            yield Problem(f"{path}.{name}", "is required for a rating; add it.")
    if question.kind in MEASURED and minimum is not None and maximum is not None:
        if minimum >= maximum:
            yield Problem(f"{path}.maximum", f"must be greater than the minimum, {minimum:g}.")
        elif question.kind == "rating":
            yield from _rating_faults(minimum, maximum, question.step or 1.0, path)


def _rating_faults(minimum: float, maximum: float, step: float, path: str) -> Iterator[Problem]:
    steps = (Fraction(repr(maximum)) - Fraction(repr(minimum))) / Fraction(repr(step))
    if steps.denominator != 1:
        sentence = f"steps of {step:g} do not lead from {minimum:g} to {maximum:g}."
        yield Problem(f"{path}.step", sentence)
    if steps >= len(hotkeys.DIGITS):
        sentence = "more than ten points, and there are ten digit keys; use `kind: number`."
        yield Problem(f"{path}.maximum", sentence)


def _unit_faults(question: Question, path: str) -> Iterator[Problem]:
    if question.unit == "thread" and question.kind in ABOUT_A_COMMENT:
        sentence = f"a {question.kind} is about the text of one comment; use `unit: comment`."
        yield Problem(f"{path}.unit", sentence)


def _dependence_faults(
    index: int, questions: Sequence[Question | None], path: str
) -> Iterator[Problem]:
    question = questions[index]
    if question is None or question.depends_on is None:
        return
    wanted = question.depends_on.question
    earlier = next((other for other in questions[:index] if other and other.key == wanted), None)
    if earlier is not None:
        yield from _condition_faults(question, earlier, question.depends_on, path)
        return
    if any(other and other.key == wanted for other in questions[index:]):
        sentence = f"`{wanted}` does not stand before this question; move it there."
        yield Problem(f"{path}.depends_on.question", sentence)
    elif None not in questions:
        yield Problem(f"{path}.depends_on.question", f"there is no question `{wanted}`.")


def _condition_faults(
    question: Question, earlier: Question, condition: DependsOn, path: str
) -> Iterator[Problem]:
    here = f"{path}.depends_on"
    if earlier.kind not in CHOICES:
        sentence = f"`{earlier.key}` is a {earlier.kind}; only a chosen label can be waited for."
        yield Problem(f"{here}.question", sentence)
        return
    if earlier.unit != question.unit:
        sentence = f"`{earlier.key}` is asked about a {earlier.unit}, this about a {question.unit}."
        yield Problem(f"{here}.question", sentence)
    keys = {label.key for label in earlier.labels}
    for index, key in enumerate(condition.any_of):
        if key not in keys:
            sentence = f"`{earlier.key}` has no label `{key}`."
            yield Problem(f"{here}.any_of[{index}]", sentence)
