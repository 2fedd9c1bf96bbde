"""Notes reach those who run the campaign, and an answer reaches the annotators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotations.models import Membership, Ruling
from annotations.selectors.notes import count_open_notes, notes_of
from annotations.selectors.workplace import workplace
from tests.annotations.disputed import LATER, answer
from tests.annotations.study import Study, build_study
from tests.builders import NOON, build_membership

pytestmark = pytest.mark.django_db
YES = {"claim": "yes"}
NOTE = "Is irony a claim?"


@pytest.fixture
def study() -> Study:
    study = build_study(2, annotators=2, overlap=2)
    answer(study.units[0], study.members[0], YES, note=NOTE, flagged=True)
    answer(study.units[0], study.members[1], YES)
    return study


def client_of(member: Membership) -> APIClient:
    client = APIClient()
    assert member.user is not None
    client.force_login(member.user)
    return client


def reply(study: Study, role: str = "manager", **body: Any) -> Any:
    member = build_membership(study.campaign, role=role)
    pk = notes_of(study.campaign).earliest("pk").pk
    path = f"/api/v1/campaigns/{study.campaign.slug}/notes/{pk}/reply/"
    return client_of(member).post(path, {"note": NOTE, **body}, format="json")


def open_notes(study: Study) -> int:
    return count_open_notes([study.campaign.pk]).get(study.campaign.pk, 0)


def test_a_note_is_listed_with_who_wrote_it(study: Study) -> None:
    manager = build_membership(study.campaign, role="manager")
    path = f"/api/v1/campaigns/{study.campaign.slug}/notes/"
    (note,) = client_of(manager).get(path, {"open": "true"}).json()["results"]
    assert (note["note"], note["annotator"], note["flagged"]) == (NOTE, "A1", True)
    assert (note["comment"], note["answered"]) == (study.comments[0].pk, False)
    assert client_of(manager).get(path, {"open": "false"}).json()["results"] == []


def test_drafts_and_what_harmed_stay_with_their_annotator(study: Study) -> None:
    answer(study.units[1], study.members[0], {}, note="Not yet.", state="draft")
    answer(study.units[1], study.members[1], {}, note="Hurts.", state="skipped", harmful=True)
    assert [one.note for one in notes_of(study.campaign)] == [NOTE]


def test_a_ruling_answers_a_note_and_is_announced_to_all(study: Study) -> None:
    answered = reply(study, ruling="Irony is *no* claim.")
    assert answered.status_code == 201
    ruling = Ruling.objects.get()
    assert (ruling.text, ruling.unit) == ("Irony is *no* claim.", study.units[0])
    assert open_notes(study) == 0
    other = study.members[1]
    assert other.user is not None
    told = workplace(other, other.user, now=LATER)
    assert [one.pk for one in told.rulings] == [ruling.pk]
    assert told.rulings_seen is None
    listed = client_of(study.members[0]).get(f"/api/v1/campaigns/{study.campaign.slug}/history/")
    (past,) = listed.json()["results"]
    assert past["reply"]["ruling"]["text_html"] == "<p>Irony is <em>no</em> claim.</p>\n"


def test_seen_is_an_answer_too_and_its_remark_is_for_the_record(study: Study) -> None:
    assert reply(study, role="adjudicator", text="We know.").status_code == 201
    assert open_notes(study) == 0
    listed = client_of(study.members[0]).get(f"/api/v1/campaigns/{study.campaign.slug}/history/")
    (past,) = listed.json()["results"]
    assert past["reply"]["ruling"] is None
    assert "We know" not in listed.content.decode()


def test_guidelines_are_the_managers(study: Study) -> None:
    assert reply(study, role="adjudicator", ruling="All is irony.").status_code == 403
    assert reply(study, role="annotator").status_code == 403
    assert open_notes(study) == 1


def test_another_note_is_open_again(study: Study) -> None:
    reply(study)
    later = NOON + timedelta(minutes=5)
    answer(study.units[0], study.members[0], YES, note="And satire?", now=later)
    assert open_notes(study) == 1
    refused = reply(study)
    assert refused.status_code == 409
    assert "changed since you read it" in refused.json()["message"]


def test_a_note_is_answered_once(study: Study) -> None:
    reply(study, ruling="Irony is no claim.")
    assert reply(study, ruling="Irony is a claim.").status_code == 409
    assert Ruling.objects.count() == 1
