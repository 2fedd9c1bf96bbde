"""A campaign with given answers, written straight into the tables: what figures are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from annotations.models import (
    Annotation,
    Answer,
    Assignment,
    Campaign,
    Codebook,
    Membership,
    Question,
    Unit,
)
from tests.builders import (
    NOON,
    build_annotation,
    build_campaign,
    build_codebook,
    build_comment,
    build_membership,
    build_thread,
    build_unit,
)


@dataclass
class Survey:
    """A campaign with ``people`` A1 to An; ``units`` are made as they are asked for."""

    campaign: Campaign
    people: list[Membership]
    questions: dict[str, Question]
    units: list[Unit] = field(default_factory=list)

    def unit(self, **fields: Any) -> Unit:
        """One comment more in the sample; ``depth`` is the comment's, ``thread`` may be given."""
        thread = fields.pop("thread", None) or build_thread(self.campaign.corpus)
        place = {"depth": fields.pop("depth", 0), "text": fields.pop("text", "The old bridge.")}
        unit = build_unit(self.campaign, build_comment(thread, **place), **fields)
        self.units.append(unit)
        return unit

    def say(
        self, unit: Unit, person: int | None, answers: Mapping[str, Any], **fields: Any
    ) -> Annotation:
        """What A``person`` says of a unit, or gold or a model, in the shape of the API."""
        member = self.people[person - 1] if person else None
        annotation = build_annotation(unit, member, **fields)
        for key, value in answers.items():
            values = value if isinstance(value, list) else [value]
            for position, one in enumerate(values):
                self._answer(annotation, self.questions[key], position, one)
        return annotation

    def _answer(
        self, annotation: Annotation, question: Question, position: int, value: Any
    ) -> None:
        given: dict[str, Any] = {}
        if isinstance(value, dict):
            quote = "x" * (value["end"] - value["start"])
            given = {"start": value["start"], "end": value["end"], "quote": quote}
            value = value.get("label")
        elif question.kind in ("rating", "number"):
            given, value = {"number": value}, None
        if value is not None:
            given["label"] = question.labels.get(key=value)
        Answer.objects.create(annotation=annotation, question=question, position=position, **given)


def build_survey(people: int = 2, codebook: Codebook | None = None, **fields: Any) -> Survey:
    campaign = build_campaign(codebook=codebook or build_codebook(), **fields)
    members = [build_membership(campaign) for _ in range(people)]
    questions = {question.key: question for question in campaign.codebook.questions.all()}
    return Survey(campaign, members, questions)


def answered(survey: Survey, key: str, rows: Sequence[Sequence[Any]], missing: Any = None) -> None:
    """A table as papers print it: a row a unit of a thread of its own, a column a person."""
    for row in rows:
        unit = survey.unit()
        for person, value in enumerate(row, 1):
            if value != missing:
                survey.say(unit, person, {key: value})


ROWS = [("yes", "yes", "no"), ("no", "no", "no"), ("yes", "no", None), ("no", "no", "yes")]


def build_bridge_study() -> Survey:
    """Four units by three people, a day each, with gold and a model on all of them."""
    survey = build_survey(3, slug="bridge")
    answered(survey, "claim", ROWS)
    for unit in survey.units:
        survey.say(unit, None, {"claim": "yes"}, source="gold")
        survey.say(unit, None, {"claim": "no"}, source="model")
        for slot, member in enumerate(survey.people):
            Assignment.objects.create(
                campaign=survey.campaign,
                unit=unit,
                slot=slot,
                order=unit.order,
                membership=member,
                state="submitted",
                changed_at=NOON + timedelta(days=unit.order),
            )
    return survey
