"""The clock is set back by an hour: what is held stays held, and nothing waits for that hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from annotations.models import Annotation, ApiToken, Assignment, ExportRun, Revision
from annotations.selectors.jobs import worker_alive
from annotations.services.annotations import save_annotation
from annotations.services.assignments import release_expired, take_unit
from annotations.services.exports import start_export
from annotations.services.jobs import claim_job, run_job, sweep_jobs
from annotations.services.tokens import create_token
from annotations.services.workers import record_worker
from tests.annotations.study import a_save, build_study, label_next
from tests.builders import NOON, build_user

EARLIER = NOON - timedelta(hours=1)
SOON = EARLIER + timedelta(minutes=2)


@pytest.mark.django_db
class TestLabels:
    def test_a_held_unit_stays_with_who_holds_it_and_is_saved(self) -> None:
        study = build_study(2, annotators=2)
        held = take_unit(membership=study.members[0], now=NOON)
        other = take_unit(membership=study.members[1], now=EARLIER)
        assert other.unit_id != held.unit_id
        assert release_expired(now=EARLIER) == 0
        annotation = save_annotation(
            membership=study.members[0], unit=held.unit, save=a_save(), now=EARLIER
        )
        assert annotation.state == "submitted"
        assert Assignment.objects.filter(unit=held.unit, state="submitted").count() == 1

    def test_the_last_save_stands_although_it_seems_the_older_one(self) -> None:
        study = build_study(1)
        first = label_next(study.members[0])
        later = save_annotation(
            membership=study.members[0],
            unit=first.unit,
            save=a_save({"claim": "no"}, based_on=1),
            now=EARLIER,
        )
        assert later.revision == 2
        answers = Annotation.objects.get().answers
        assert list(answers.values_list("label__key", flat=True)) == ["no"]
        numbers = Revision.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2]

    def test_a_mirror_reads_what_was_saved_after_the_clock_was_set_back(self) -> None:
        study = build_study(2)
        manager = build_user("vera", is_superuser=True, is_staff=True)
        client = Client()
        client.force_login(manager)
        label_next(study.members[0])
        address = f"/api/v1/campaigns/{study.campaign.slug}/changes/"
        before = read(client, address)
        assert len(before["results"]) == 1
        unit = take_unit(membership=study.members[0], now=EARLIER).unit
        saved = save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=EARLIER)
        after = read(client, f"{address}?cursor={before['cursor']}")
        assert [change["id"] for change in after["results"]] == [saved.pk]


@pytest.mark.django_db(transaction=True)
class TestJobs:
    def test_a_job_whose_message_was_lost_is_sent_again_within_a_minute(self) -> None:
        run = queued()
        ExportRun.objects.update(sent_at=NOON)
        assert ("annotations.export", run.pk) in sweep_jobs(now=SOON)

    def test_a_job_whose_worker_died_is_taken_over_within_minutes(self) -> None:
        run = queued()
        assert claim_job(ExportRun, run.pk, now=NOON) is not None
        assert ("annotations.export", run.pk) in sweep_jobs(now=SOON)
        again = claim_job(ExportRun, run.pk, now=SOON)
        assert again is not None
        assert again.attempt == 2

    def test_a_job_that_runs_meanwhile_ends_once(self) -> None:
        run = queued()
        times = iter([NOON, *[EARLIER + timedelta(seconds=n) for n in range(1_000)]])

        def work(job: Any) -> dict[str, Any]:
            job.check()
            assert claim_job(ExportRun, run.pk, now=EARLIER + timedelta(seconds=30)) is None
            return {"rows": 1}

        run_job(ExportRun, run.pk, work, clock=lambda: next(times))
        run.refresh_from_db()
        assert (run.state, run.attempt, run.rows) == ("done", 1, 1)

    def test_a_worker_that_gave_its_sign_before_is_not_taken_for_alive_for_an_hour(self) -> None:
        record_worker(name="celery@here", now=NOON)
        assert not worker_alive(SOON)
        record_worker(name="celery@here", now=SOON)
        assert worker_alive(SOON)


@pytest.mark.django_db
def test_who_is_logged_in_or_has_a_token_goes_on(client: Client) -> None:
    user = build_user("vera", is_superuser=True)
    with time_machine.travel(NOON, tick=False):
        client.force_login(user)
        _, secret = create_token(user=user, name="script", scopes=ApiToken.Scope.values)
    with time_machine.travel(EARLIER, tick=False):
        assert client.get("/api/v1/me/").status_code == 200
        headers = {"Authorization": f"Token {secret}"}
        for _ in range(3):
            assert Client().get("/api/v1/me/", headers=headers).status_code == 200


def queued() -> ExportRun:
    study = build_study(1)
    label_next(study.members[0])
    return start_export(campaign=study.campaign, format="jsonl", user=None, now=NOON)


def read(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()
