"""What becomes of answers when a codebook is followed by a newer version of itself.

A question carries on the one that it ``was`` (else the one of its own key), and its ``map`` says
what becomes of the labels that changed; a label without an entry stays the label of the same key.
What neither ``map`` nor ``dropped`` speaks of and the new version does not have is *stuck*:
nobody decided about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from annotations.codebooks.problems import Problem

if TYPE_CHECKING:
    from annotations.codebooks.schema import CodebookFile, Question

LABELED = frozenset({"single_label", "multi_label", "span", "relation"})

FITTING = frozenset(
    {
        ("single_label", "multi_label"),
        ("multi_label", "single_label"),
        ("rating", "number"),
        ("number", "rating"),
    }
)
"""Kinds whose answers can become answers of another kind; every kind fits itself."""


@dataclass(frozen=True)
class Route:
    """Where the answers of one question go.

    ``labels`` says for each of its labels which one it becomes, None where the answer is dropped.
    A label that is not in it is stuck.
    """

    question: str
    labels: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Carrying:
    """What becomes of each question of a version, by its key.

    ``routes``: where its answers go. ``dropped``: questions whose answers are not carried on.
    ``stuck``: those of which nobody said what becomes of them, with the sentence that says why.
    """

    routes: Mapping[str, Route]
    dropped: frozenset[str] = frozenset()
    stuck: Mapping[str, str] = field(default_factory=dict)

    def then(self, later: Carrying) -> Carrying:
        """Both one after the other."""
        routes: dict[str, Route] = {}
        dropped = set(self.dropped)
        stuck = dict(self.stuck)
        for key, route in self.routes.items():
            middle = route.question
            if middle in later.routes:
                routes[key] = _joined(route, later.routes[middle])
            elif middle in later.dropped:
                dropped.add(key)
            else:
                stuck[key] = later.stuck[middle]
        return Carrying(routes, frozenset(dropped), stuck)

    def as_json(self) -> dict[str, Any]:
        """The same for a JSON column: ``{question: {"question": new or null, "labels": {…}}}``."""
        routes = {
            key: {"question": route.question, "labels": dict(route.labels)}
            for key, route in self.routes.items()
        }
        return {**routes, **{key: {"question": None, "labels": {}} for key in self.dropped}}


def carrying(versions: Sequence[CodebookFile]) -> Carrying:
    """From the first of these versions to the last, through all between them.

    ``versions`` are those of one key in order, at least one.
    """
    first = versions[0]
    found = Carrying({question.key: _unchanged(question) for question in first.questions})
    for before, after in pairwise(versions):
        found = found.then(_step(before, after))
    return found


def sources(questions: Sequence[Question | None]) -> dict[str, int]:
    """For each key of an earlier question the place of the question that carries it on."""
    named = {q.was: place for place, q in enumerate(questions) if q and q.was}
    kept = {q.key: place for place, q in enumerate(questions) if q and not q.was}
    return {**kept, **named}


def broken(questions: Sequence[Question | None], dropped: Sequence[str]) -> Iterator[Problem]:
    """What ``was``, ``map`` and ``dropped`` say wrong, seen from the file alone."""
    first: dict[str, int] = {}
    for place, question in enumerate(questions):
        if question is None:
            continue
        path = f"questions[{place}]"
        if question.was and question.was in first:
            other = f"questions[{first[question.was]}]"
            sentence = f"`{question.was}` is carried on by {other} already; choose one of the two."
            yield Problem(f"{path}.was", sentence)
        elif question.was:
            first[question.was] = place
        yield from _map_faults(question, path)
    carried = sources(questions)
    for place, key in enumerate(dropped):
        if key in carried:
            sentence = f"`{key}` is carried on by questions[{carried[key]}]; keep one of the two."
            yield Problem(f"dropped[{place}]", sentence)


def out_of_order(version: int | None, follows: int | None) -> list[Problem]:
    """A version follows one with a smaller number. None: it says no number that can be read."""
    if version is None or follows is None or follows < version:
        return []
    return [Problem("follows", f"must be a version before this one, which is {version}.")]


def unfounded(before: CodebookFile, after: CodebookFile) -> list[Problem]:
    """What ``was``, ``map`` and ``dropped`` name that the version before does not have."""
    known = {question.key: question for question in before.questions}
    found = []
    for place, question in enumerate(after.questions):
        earlier = known.get(question.was or question.key)
        path, version = f"questions[{place}]", f"version {before.version}"
        if question.was and earlier is None:
            sentence = f"{version} has no question `{question.was}`."
            found.append(Problem(f"{path}.was", sentence))
        elif question.map and earlier is None:
            sentence = f"{version} has no question `{question.key}`; say what it `was`."
            found.append(Problem(f"{path}.map", sentence))
        elif earlier is not None:
            labels = {label.key for label in earlier.labels}
            found += [
                Problem(f"{path}.map.{old}", f"`{earlier.key}` has no label `{old}` in {version}.")
                for old in question.map
                if old not in labels
            ]
    found += [
        Problem(f"dropped[{place}]", f"version {before.version} has no question `{key}`.")
        for place, key in enumerate(after.dropped)
        if key not in known
    ]
    return found


def _map_faults(question: Question, path: str) -> Iterator[Problem]:
    if question.map and question.kind not in LABELED:
        sentence = f"a {question.kind} question has no labels that others could become."
        yield Problem(f"{path}.map", sentence)
        return
    labels = {label.key for label in question.labels}
    for old, new in question.map.items():
        if new is not None and new not in labels:
            yield Problem(f"{path}.map.{old}", f"`{question.key}` has no label `{new}`.")


def _step(before: CodebookFile, after: CodebookFile) -> Carrying:
    places = sources(after.questions)
    routes, stuck = {}, {}
    for question in before.questions:
        place = places.get(question.key)
        if place is not None:
            reason = _misfit(question, after.questions[place])
            if reason:
                stuck[question.key] = reason
            else:
                routes[question.key] = _route(question, after.questions[place])
        elif question.key not in after.dropped:
            stuck[question.key] = (
                f"Version {after.version} has no question `{question.key}`: say with `was` which "
                "question carries it on, or name it in `dropped`."
            )
    return Carrying(routes, frozenset(after.dropped), stuck)


def _misfit(before: Question, after: Question) -> str:
    """Why answers to the one cannot be answers to the other; empty if they can."""
    if before.unit != after.unit:
        return f"`{before.key}` was asked of a {before.unit}, `{after.key}` is of a {after.unit}."
    if before.kind != after.kind and (before.kind, after.kind) not in FITTING:
        return (
            f"`{before.key}` was a {before.kind}, `{after.key}` is a {after.kind}: give the new "
            f"question a key of its own and name `{before.key}` in `dropped`."
        )
    return ""


def _route(before: Question, after: Question) -> Route:
    labels = {label.key for label in after.labels}
    becomes: dict[str, str | None] = {}
    for label in before.labels:
        if label.key in after.map:
            becomes[label.key] = after.map[label.key]
        elif label.key in labels:
            becomes[label.key] = label.key
    return Route(after.key, becomes)


def _unchanged(question: Question) -> Route:
    return Route(question.key, {label.key: label.key for label in question.labels})


def _joined(first: Route, second: Route) -> Route:
    labels: dict[str, str | None] = {}
    for old, middle in first.labels.items():
        if middle is None:
            labels[old] = None
        elif middle in second.labels:
            labels[old] = second.labels[middle]
    return Route(second.question, labels)
