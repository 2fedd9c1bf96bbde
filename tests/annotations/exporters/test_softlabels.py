"""Votes, shares and winners."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.dataset import QuestionFacts
from annotations.exporters.rows import AnnotationRow
from annotations.exporters.softlabels import Task, Votes, decided, tasks, votes
from tests.annotations.exporters.discussion import CODEBOOK, label, said

BY_NAME = {task.name: task for task in tasks(CODEBOOK)}
CLAIM = BY_NAME["claim"]
CHOICES = st.lists(st.sampled_from(["yes", "no", "maybe"]))


def by(source: str, value: str) -> AnnotationRow:
    return AnnotationRow(source=source, answers=(label("claim", value),))


def people(*values: str) -> tuple[AnnotationRow, ...]:
    return tuple(said(f"A{n}", label("claim", value)) for n, value in enumerate(values, start=1))


@given(choices=CHOICES)
def test_shares_are_counted_and_sum_to_one(choices: list[str]) -> None:
    found = votes(CLAIM, people(*choices))
    counts = Counter(choices)
    assert found.shares.keys() >= {"yes", "no"}
    assert all(
        share * len(choices) == pytest.approx(counts[key]) for key, share in found.shares.items()
    )
    assert sum(found.shares.values()) == pytest.approx(1 if choices else 0)


@given(choices=CHOICES)
def test_the_winner_has_more_votes_than_any_other(choices: list[str]) -> None:
    ranked = Counter(choices).most_common()
    tied = not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1])
    assert votes(CLAIM, people(*choices)).winner == ("" if tied else ranked[0][0])


def test_only_submitted_annotations_of_people_are_votes() -> None:
    skipped = said("A9", label("claim", "no"), state="skipped")
    found = votes(CLAIM, (*people("yes"), skipped, by("model", "no"), by("gold", "no")))
    assert found == Votes(("yes", "no"), {"A1": "yes"})


def test_the_label_is_that_of_the_layer_that_weighs_most() -> None:
    said_by_people = people("yes", "yes", "no")
    layers = [by("adjudication", "a"), by("gold", "g"), by("aggregated", "m")]
    assert decided(CLAIM, (*layers, *said_by_people)) == "a"
    assert decided(CLAIM, (*layers[1:], *said_by_people)) == "g"
    assert decided(CLAIM, (*layers[2:], *said_by_people)) == "m"
    assert decided(CLAIM, said_by_people) == "yes"
    assert decided(CLAIM, people("yes", "no")) == ""
    assert decided(CLAIM, (AnnotationRow(source="adjudication"), *said_by_people)) == "yes"


def test_a_question_of_several_labels_is_a_task_for_each() -> None:
    rude, wrong = BY_NAME["reasons.rude"], BY_NAME["reasons.wrong"]
    asked = said("A1", label("claim", "yes"), label("reasons", "rude", "multi_label"))
    assert (rude.choice(asked), wrong.choice(asked)) == ("1", "0")


def test_a_question_that_did_not_come_up_has_no_vote() -> None:
    assert BY_NAME["reasons.rude"].choice(said("A1", label("claim", "no"))) == ""
    assert BY_NAME["reasons.rude"].choice(said("A1", label("claim", "yes"))) == "0"


def test_a_rating_has_its_steps_as_categories() -> None:
    half = QuestionFacts(key="q", kind="rating", title="?", minimum=-1, maximum=0.5, step=0.5)
    codebook = type(CODEBOOK)(key="k", version=1, title="t", questions=(half,))
    (task,) = tasks(codebook)
    assert task.categories == ("-1", "-0.5", "0", "0.5")
    assert BY_NAME["tone"].categories == ("1", "2", "3", "4", "5")
    assert task.choice(said("A1", label("q", 0.5, "rating"))) == "0.5"
    assert Task(half, task.categories).choice(said("A1", label("q", 0, "rating"))) == "0"


def test_texts_numbers_spans_and_relations_are_no_choices() -> None:
    assert list(BY_NAME) == ["claim", "reasons.rude", "reasons.wrong", "tone"]
