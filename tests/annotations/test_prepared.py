"""A prepared query gives what its queryset gives, whatever the values."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.accounts import FORMER
from annotations.inserting import insert_rows
from annotations.models import Answer, Comment, Revision, Unit
from annotations.prepared import Prepared
from tests.annotations.study import build_study, label_next
from tests.builders import NOON, build_author, build_user

pytestmark = pytest.mark.django_db

units: Prepared[Unit] = Prepared(
    lambda campaign, ids: (
        Unit.objects.filter(campaign=campaign, pk__in=ids)
        .select_related("thread__corpus", "comment__author")
        .defer("comment__raw")
        .order_by("order")
    )
)
saved: Prepared[tuple[int, str]] = Prepared(
    lambda save_id, since, state: Revision.objects.filter(
        save_id=save_id, saved_at__gte=since, state=state
    ).values_list("number", "state")
)


def test_models_come_with_what_is_joined_and_without_what_is_left_out() -> None:
    study = build_study(5)
    ada = build_author(study.campaign.corpus)
    Comment.objects.filter(pk=study.comments[0].pk).update(author=ada)
    with CaptureQueriesContext(connection) as asked:
        found = units(study.campaign.pk, [unit.pk for unit in study.units])
        assert found == study.units
        assert found[0].comment is not None
        assert (found[0].comment.author, found[0].thread.corpus) == (ada, study.campaign.corpus)
        assert found[1].comment is not None
        assert found[1].comment.author is None
    assert len(asked) == 1
    assert found[0].comment.raw == {}  # asked for now


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5])
def test_lists_may_have_any_length(number: int) -> None:
    study = build_study(5)
    wanted = study.units[:number]
    assert units(study.campaign.pk, [unit.pk for unit in wanted]) == wanted
    assert units(study.campaign.pk + 1, [unit.pk for unit in wanted]) == []


def test_values_are_told_apart_by_their_places() -> None:
    study = build_study(1)
    label_next(study.members[0])
    save_id = Revision.objects.get().save_id
    assert saved(save_id, NOON, "submitted") == [(1, "submitted")]
    assert saved(uuid4(), NOON, "submitted") == []
    assert saved(save_id, NOON + timedelta(microseconds=1), "submitted") == []
    assert saved.first(save_id, NOON, "draft") is None


@pytest.mark.parametrize("beyond", [2**63, -(2**70)])
def test_a_number_that_no_column_holds_finds_nothing(beyond: int) -> None:
    assert units(beyond, [1]) == []


def test_an_argument_that_stands_nowhere_is_a_mistake() -> None:
    forgotten: Prepared[Unit] = Prepared(lambda _campaign, pk: Unit.objects.filter(pk=pk))
    with pytest.raises(AssertionError, match="Each argument"):
        forgotten(1, 2)


def test_rows_inserted_are_those_that_the_model_would_save() -> None:
    study = build_study(1)
    annotation = label_next(study.members[0])
    annotation.answers.all().delete()
    claim, _, certainty, *_ = study.campaign.codebook.questions.all()
    rows = [
        Answer(annotation=annotation, question=claim, label=claim.labels.get(key="no")),
        Answer(annotation=annotation, question=certainty, number=2.5),
    ]
    insert_rows(rows)
    stored = list(Answer.objects.order_by("pk"))
    assert [row.pk for row in rows] == [row.pk for row in stored]
    for field in Answer._meta.concrete_fields:
        values = [getattr(row, field.attname) for row in rows]
        assert values == [getattr(row, field.attname) for row in stored]


def test_who_logged_in_before_stays_logged_in() -> None:
    browser = Client()
    browser.force_login(build_user())
    session = browser.session
    session["_auth_user_backend"] = FORMER
    session.save()
    assert browser.get("/api/v1/me/").status_code == 200


def test_a_shut_account_is_out_at_once() -> None:
    user, browser = build_user(), Client()
    browser.force_login(user)
    assert browser.get("/api/v1/me/").status_code == 200
    user.is_active = False
    user.save()
    assert browser.get("/api/v1/me/").status_code == 401
