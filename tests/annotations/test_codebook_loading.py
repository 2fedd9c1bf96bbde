"""A codebook in the database says what its file says, for ever."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.codebooks.library import LIBRARY
from annotations.codebooks.schema import parse_codebook
from annotations.errors import Conflict, InvalidCodebook, NotFound
from annotations.models import Codebook, Label
from annotations.selectors.codebooks import codebooks, for_unit, get_codebook, questions_of
from annotations.services.codebooks import load_codebook
from tests.builders import NOON

pytestmark = pytest.mark.django_db

STARTER = (LIBRARY / "claims-misinformation-sentiment.yaml").read_text(encoding="utf-8")
BRIDGE = """
key: bridge
version: 1
title: The bridge
questions:
  - key: stance
    title: For or against it?
    kind: single_label
    labels:
      - {key: for, title: For, definition: Wants it kept., value: 1}
      - {key: against, title: Against, definition: Wants it gone., value: -1, hotkey: y}
      - {key: unclear, title: Unclear, definition: Says neither., off_scale: true}
  - key: why
    title: Why?
    kind: text
    required: false
    depends_on: {question: stance, any_of: [for, against]}
  - key: heat
    title: How heated is it?
    kind: rating
    unit: thread
    minimum: 0
    maximum: 1
    step: 0.25
"""


class TestLoad:
    @pytest.mark.parametrize("asked", [True, False])
    def test_it_asks_how_sure_one_is_if_the_file_says_so(self, asked: bool) -> None:
        text = BRIDGE.replace("questions:", f"confidence: {str(asked).lower()}\nquestions:")
        assert load_codebook(text=text, now=NOON).confidence is asked
        silent = load_codebook(text=BRIDGE.replace("bridge", "silent"), now=NOON)
        assert silent.confidence is False

    def test_the_rows_say_what_the_file_says(self) -> None:
        codebook = load_codebook(text=BRIDGE, now=NOON)
        stance, why, heat = questions_of(codebook.pk)
        assert (codebook.key, codebook.version, codebook.source) == ("bridge", 1, BRIDGE)
        labels = stance.labels.order_by("position")
        assert list(labels.values_list("key", "value", "off_scale")) == [
            ("for", 1, False),
            ("against", -1, False),
            ("unclear", None, True),
        ]
        assert (why.depends_on, why.depends_labels) == (stance, ["for", "against"])
        assert (stance.required, why.required) == (True, False)
        assert (heat.unit, heat.minimum, heat.maximum, heat.step) == ("thread", 0, 1, 0.25)

    def test_every_label_has_its_key_to_press(self) -> None:
        load_codebook(text=BRIDGE, now=NOON)
        hotkeys = list(Label.objects.order_by("position").values_list("hotkey", flat=True))
        assert hotkeys[1] == "y"
        assert all(hotkeys)
        assert len(set(hotkeys)) == 3

    def test_the_starter_is_stored_whole(self) -> None:
        codebook = load_codebook(text=STARTER, now=NOON)
        parsed = parse_codebook(STARTER)
        stored = [
            (question.key, question.kind, [label.key for label in question.labels.all()])
            for question in questions_of(codebook.pk)
        ]
        assert stored == [
            (q.key, q.kind, [label.key for label in q.labels]) for q in parsed.questions
        ]

    def test_the_same_text_again_gives_the_same_rows(self) -> None:
        first = load_codebook(text=BRIDGE, now=NOON)
        assert load_codebook(text=BRIDGE, now=NOON) == first
        assert Codebook.objects.count() == 1

    def test_another_text_under_a_loaded_version_is_refused(self) -> None:
        load_codebook(text=BRIDGE, now=NOON)
        with pytest.raises(Conflict, match="raise `version` to 2"):
            load_codebook(text=BRIDGE.replace("For or against", "Against or for"), now=NOON)

    def test_a_new_version_stands_beside_the_old(self) -> None:
        old = load_codebook(text=BRIDGE, now=NOON)
        new = load_codebook(text=BRIDGE.replace("version: 1", "version: 2"), now=NOON)
        assert old.questions.count() == new.questions.count() == 3

    def test_a_file_with_a_fault_stores_nothing(self) -> None:
        with pytest.raises(InvalidCodebook):
            load_codebook(text=BRIDGE.replace("any_of: [for", "any_of: [four"), now=NOON)
        assert not Codebook.objects.exists()


class TestSelectors:
    def test_without_a_version_the_newest_is_meant(self) -> None:
        for version in (2, 10, 9):
            load_codebook(text=BRIDGE.replace("version: 1", f"version: {version}"), now=NOON)
        assert get_codebook("bridge").version == 10
        assert get_codebook("bridge", 9).version == 9
        assert [codebook.version for codebook in codebooks()] == [10, 9, 2]

    def test_what_is_not_there_is_said(self) -> None:
        load_codebook(text=BRIDGE, now=NOON)
        with pytest.raises(NotFound, match="There is no codebook tunnel"):
            get_codebook("tunnel")
        with pytest.raises(NotFound, match="There is no codebook bridge version 3"):
            get_codebook("bridge", 3)

    def test_questions_are_asked_of_their_unit(self) -> None:
        questions = questions_of(load_codebook(text=BRIDGE, now=NOON).pk)
        assert [q.key for q in for_unit(questions, "comment")] == ["stance", "why"]
        assert [q.key for q in for_unit(questions, "thread")] == ["heat"]

    def test_the_number_of_queries_does_not_grow_with_the_questions(self) -> None:
        load_codebook(text=STARTER, now=NOON)
        asked = []
        with CaptureQueriesContext(connection) as queries:
            for codebook in codebooks():
                for question in codebook.questions.all():
                    asked.append((question.depends_on, list(question.labels.all())))
        assert len(asked) == 5
        assert len(queries) <= 4
