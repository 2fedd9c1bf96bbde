"""What is made by plain functions says the same as the serializers that describe it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.renderers import JSONRenderer

from annotations.api.annotations import OwnAnnotationSerializer
from annotations.api.work_shown import (
    WorkRenderer,
    annotation_shown,
    comments_shown,
    progress_shown,
    work_shown,
)
from annotations.api.work_unit import ProgressSerializer, WorkUnitSerializer, comments_as_fields
from annotations.models import CommentRelation
from annotations.selectors.assignments import own_progress
from annotations.selectors.work import Work, own_annotation, work_on
from annotations.services.annotations import save_annotation
from tests.annotations.study import Study, a_save, build_study, label_next
from tests.builders import NOON, build_annotation, build_answer, build_author, build_warning

pytestmark = pytest.mark.django_db


def as_json(data: Any, renderer: type[JSONRenderer] = JSONRenderer) -> Any:
    return json.loads(renderer().render(data))


def study_of_everything(**design: Any) -> Study:
    """Comments with authors, blocks, links, relations and warnings, one of them removed."""
    study = build_study(4, **design)
    first, second, third, _ = study.comments
    ada, bob = (build_author(study.campaign.corpus, name) for name in ("Ada", "Bob"))
    first.author, second.author, second.reply_to, second.score = ada, bob, first, 7
    second.blocks = [{"kind": "quote", "start": 0, "end": 3, "gap_before": True}]
    second.links = [{"start": 1, "end": 2, "url": "https://forum.example/é"}]
    third.status = "removed_by_moderator"
    for comment in (first, second, third):
        comment.save()
    for number, comment in enumerate((second, third)):
        CommentRelation.objects.create(
            comment=comment, kind="quote", basis="given", start=number, end=3, target=first
        )
    CommentRelation.objects.create(
        comment=second, kind="mention", basis="inferred", start=0, end=2, target_author=ada
    )
    build_warning(second, "hate")
    build_warning(second, "violence")
    study.campaign.corpus.content_categories.add(build_warning(first, "abuse").category)
    return study


def work_of(study: Study) -> Work:
    member = study.members[0]
    unit = label_next(member, a_save(note="“So”", confidence=None)).unit
    return work_on(type(member).objects.get(pk=member.pk), unit.pk, now=NOON)


@pytest.mark.parametrize("shown", [True, False])
def test_a_unit_is_what_its_serializer_says(shown: bool) -> None:
    names = ("show_names", "show_scores", "show_times", "show_suggestions")
    study = study_of_everything()
    for name in names:
        setattr(study.campaign, name, shown)
    study.campaign.save()
    suggested = build_annotation(study.units[0], source="model")
    build_answer(suggested, "claim", label="yes")
    work = work_of(study)
    said = as_json(work_shown(work), WorkRenderer)
    assert said == as_json(WorkUnitSerializer(work).data)
    assert len(said["comments"]) == 4
    assert bool(said["suggestions"]) == shown
    assert said["comments"][1]["warnings"] == ["abuse", "hate", "violence"]
    assert len(said["comments"][1]["relations"]) == 2


def test_comments_are_what_their_serializer_says() -> None:
    work = work_of(study_of_everything(show_names=False))
    said = as_json(comments_shown(work.comments, work.campaign))
    assert said == as_json(comments_as_fields(work.comments, work.campaign))


@pytest.mark.parametrize("state", ["draft", "submitted", "skipped"])
def test_a_save_is_shown_as_it_is_stored(state: str) -> None:
    """What the answer to a save says is not read from the database again: it must say the same."""
    study = build_study(1)
    member, unit = study.members[0], study.units[0]
    label_next(member, a_save(state="draft"))
    answers: dict[str, Any] = {
        "to": [],
        "part": [{"start": 0, "end": 2, "quote": "Co", "label": "fact"}],
        "claim": "no",
        "reasons": ["wrong", "old"],
        "certainty": 3,
        "why": "Because.",
    }
    save = a_save({} if state == "skipped" else answers, state=state, based_on=1)
    annotation = save_annotation(membership=member, unit=unit, save=save, now=NOON)
    stored = own_annotation(member, unit)
    assert stored is not None
    assert as_json(annotation_shown(annotation)) == as_json(OwnAnnotationSerializer(stored).data)
    progress = own_progress(member, now=NOON)
    assert as_json(progress_shown(progress)) == as_json(ProgressSerializer(progress).data)
