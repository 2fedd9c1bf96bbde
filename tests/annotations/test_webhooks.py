"""Webhooks are told what happens: once, in the same transaction, and nothing that was said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotations.errors import Conflict, InvalidInput
from annotations.exporters.contents import Contents
from annotations.models import (
    Campaign,
    Delivery,
    ExportRun,
    Membership,
    Release,
    RuleRun,
    Sample,
    Webhook,
)
from annotations.releases.card import Card
from annotations.samples.recipe import Recipe
from annotations.services.adjudication import decide
from annotations.services.annotations import save_annotation
from annotations.services.assignments import take_unit
from annotations.services.campaigns import set_state
from annotations.services.events import tell_export, tell_release
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job
from annotations.services.releases import confirm_release, draft_release, write_release
from annotations.services.rules import Rule, settle_clear, start_rule
from annotations.services.sampling import start_sample
from annotations.services.webhooks import (
    EVENTS,
    MOST_WEBHOOKS,
    change_webhook,
    create_webhook,
    pause_webhook,
    ping_webhook,
    redeliver,
    resume_webhook,
    rotate_secret,
    tell,
)
from tests.annotations.disputed import LATER, an_adjudicator, answer, build_answered, measured
from tests.annotations.hooked import PUBLIC, hooked, pinged, told
from tests.annotations.study import Study, a_save, at_once, build_study, draw, label_next
from tests.annotations.test_adjudication import a_decision
from tests.annotations.test_recoding_beside import answered, recoded
from tests.builders import NOON, build_campaign, build_comment

pytestmark = pytest.mark.django_db
YES, NO = {"claim": "yes"}, {"claim": "no"}
FINISHED = "campaign.finished"


def bodies(campaign: Campaign) -> list[dict[str, Any]]:
    rows = Delivery.objects.filter(webhook__campaign=campaign).order_by("pk")
    return [json.loads(row.body) for row in rows]


class TestMaking:
    def test_it_wants_what_was_chosen_in_one_order_and_has_a_secret(self) -> None:
        webhook = hooked(events=["export.done", FINISHED, "export.done"])
        assert webhook.events == [FINISHED, "export.done"]
        assert webhook.secret.startswith("whsec_")
        assert hooked().secret != webhook.secret

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"url": "http://127.0.0.1/"}, "url"),
            ({"url": "https://ada:b@lab.example/"}, "url"),
            ({"events": []}, "events"),
            ({"events": ["ping"]}, "events"),
            ({"events": ["export.done", "nothing"]}, "events"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(
        self, given: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            hooked(**given)
        assert refused.value.fields.keys() == {field}
        assert not Webhook.objects.exists()

    def test_an_opened_host_is_taken(self, settings: Any) -> None:
        settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1", "hooks.lab"]
        assert hooked(url="http://127.0.0.1:9000/")
        assert hooked(url="http://hooks.lab:9000/")

    def test_a_campaign_has_ten_at_most(self) -> None:
        campaign = build_campaign()
        for _ in range(MOST_WEBHOOKS):
            hooked(campaign)
        with pytest.raises(Conflict, match="at most 10"):
            hooked(campaign)
        assert hooked()

    @pytest.mark.django_db(transaction=True)
    def test_ten_at_most_however_many_ask_at_once(self) -> None:
        campaign = build_campaign()
        given: dict[str, Any] = {
            "campaign": campaign,
            "url": PUBLIC,
            "events": EVENTS,
            "user": None,
            "now": NOON,
        }
        at_once([partial(create_webhook, **given) for _ in range(MOST_WEBHOOKS + 4)])
        assert campaign.webhooks.count() == MOST_WEBHOOKS

    def test_a_change_is_checked_as_well(self) -> None:
        webhook = hooked()
        with pytest.raises(InvalidInput):
            change_webhook(webhook=webhook, url="http://10.0.0.1/")
        with pytest.raises(InvalidInput):
            change_webhook(webhook=webhook, events=["ping"])
        changed = change_webhook(webhook=webhook, events=["release.done"])
        assert (changed.url, changed.events) == (PUBLIC, ["release.done"])

    def test_a_rotated_secret_stays_beside_the_new_one_for_a_day(self) -> None:
        webhook = hooked()
        rotated = rotate_secret(webhook=webhook, now=NOON)
        assert rotated.secret != webhook.secret
        assert rotated.old_secret == webhook.secret
        assert rotated.old_secret_until == NOON + timedelta(days=1)

    def test_what_happens_in_a_pause_waits(self) -> None:
        webhook = hooked()
        pause_webhook(webhook=webhook, now=NOON)
        told_of: dict[str, Any] = {"event": "export.done", "subject": "export:1", "data": {}}
        tell(campaign=webhook.campaign, **told_of, now=NOON)
        delivery = webhook.deliveries.get()
        for act in (
            partial(ping_webhook, webhook=webhook),
            partial(redeliver, delivery=delivery),
        ):
            with pytest.raises(Conflict, match="is paused"):
                act(now=NOON)
        resumed = resume_webhook(webhook=webhook, now=LATER)
        assert (resumed.paused_at, resumed.pause_reason) == (None, "")
        delivery.refresh_from_db()
        assert (delivery.state, delivery.next_try_at) == ("waiting", LATER)


class TestTelling:
    def test_who_wants_it_is_told_and_nobody_else(self) -> None:
        campaign = build_campaign()
        wants = [hooked(campaign, events=["export.done"]) for _ in range(2)]
        hooked(campaign, events=["release.done"])
        hooked(events=["export.done"])
        tell(campaign=campaign, event="export.done", subject="export:1", data={"a": 1}, now=NOON)
        deliveries = Delivery.objects.order_by("pk")
        assert [one.webhook for one in deliveries] == wants
        assert len({one.event_id for one in deliveries}) == 2
        assert json.loads(deliveries[0].body) == {
            "type": "export.done",
            "timestamp": "2026-03-01T12:00:00+00:00",
            "data": {"a": 1},
        }

    def test_the_same_is_told_once(self) -> None:
        webhook = hooked()
        for _ in range(2):
            tell(
                campaign=webhook.campaign,
                event="export.done",
                subject="export:1",
                data={},
                now=NOON,
            )
        assert webhook.deliveries.count() == 1

    def test_what_is_rolled_back_was_never_told(self) -> None:
        study = answered([YES, NO])
        measured(study)
        hooked(study.campaign)
        unit, member = study.units[0], an_adjudicator(study)
        with transaction.atomic():
            decide(membership=member, unit=unit, decision=a_decision(), now=LATER)
            assert len(told(study.campaign)) == 1
            transaction.set_rollback(True)
        assert told(study.campaign) == []


class TestJobs:
    @pytest.fixture(autouse=True)
    def storage(self, settings: Any, tmp_path: Any) -> None:
        settings.MEDIA_ROOT = tmp_path / "files"

    @pytest.mark.django_db(transaction=True)
    def test_an_export_that_is_done(self) -> None:
        study = build_study(1)
        label_next(study.members[0])
        hooked(study.campaign)
        run = start_export(campaign=study.campaign, format="csv", user=None, now=NOON)
        run_job(ExportRun, run.pk, write_export, told=tell_export)
        run.refresh_from_db()
        (body,) = bodies(study.campaign)
        assert body["type"] == "export.done"
        assert body["data"] == {
            "campaign": study.campaign.slug,
            "export": run.pk,
            "format": "csv",
            "rows": 1,
            "bytes": run.bytes,
            "sha256": run.sha256,
            "export_url": f"/api/v1/exports/{run.pk}/",
            "file_url": f"/api/v1/exports/{run.pk}/file/",
        }

    @pytest.mark.django_db(transaction=True)
    def test_an_export_that_fails_is_told_to_nobody(self) -> None:
        study = build_study(1)
        hooked(study.campaign)
        run = start_export(campaign=study.campaign, format="csv", user=None, now=NOON)

        def fails(running: Any) -> dict[str, Any]:
            raise Conflict("No.")

        run_job(ExportRun, run.pk, fails, told=tell_export)
        assert told(study.campaign) == []

    @pytest.mark.django_db(transaction=True)
    def test_a_release_that_is_made(self) -> None:
        study = build_study(1)
        label_next(study.members[0])
        hooked(study.campaign)
        card = {"creators": [{"name": "Ada"}], "licence": "CC-BY-4.0"}
        draft = draft_release(
            campaign=study.campaign,
            title="The study",
            version="1.0",
            contents=Contents(),
            formats=["csv"],
            card=Card.from_json(card),
            user=None,
            now=NOON,
        )
        confirm_release(release=draft, now=NOON)
        run_job(Release, draft.pk, write_release, told=tell_release)
        draft.refresh_from_db()
        assert draft.state == "done", draft.error
        (body,) = bodies(study.campaign)
        assert body["type"] == "release.done"
        assert body["data"]["version"] == "1.0"
        assert body["data"]["sha256"] == draft.sha256
        assert body["data"]["file_url"] == f"/api/v1/releases/{draft.pk}/file/"


class TestDecisions:
    def test_each_decision_of_a_person_and_nothing_of_what_it_says(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        hooked(study.campaign, events=["unit.adjudicated"])
        unit, member = study.units[0], an_adjudicator(study)
        first = a_decision(reason="A secret reason.")
        for decision in (first, first, a_decision(NO, based_on=1)):
            made = decide(membership=member, unit=unit, decision=decision, now=LATER)
        assert told(study.campaign) == [
            ("unit.adjudicated", f"decision:{made.pk}:1"),
            ("unit.adjudicated", f"decision:{made.pk}:2"),
        ]
        assert bodies(study.campaign)[1]["data"] == {
            "campaign": study.campaign.slug,
            "unit": unit.pk,
            "thread": unit.thread_id,
            "comment": unit.comment_id,
            "annotation": made.pk,
            "revision": 2,
            "by": "person",
            "annotation_url": f"/api/v1/annotations/{made.pk}/",
        }

    def test_what_a_rule_settles_in_as_many_queries_for_ten_as_for_one(self) -> None:
        counts = []
        for size in (1, 10):
            study = build_answered(*([YES, YES] for _ in range(size)), annotators=2)
            measured(study)
            hooked(study.campaign, events=["unit.adjudicated"])
            member = an_adjudicator(study)
            run = start_rule(membership=member, rule=Rule(least=2), user=None, now=LATER)
            with CaptureQueriesContext(connection) as queries:
                run_job(RuleRun, run.pk, settle_clear)
            counts.append(len(queries))
            found = bodies(study.campaign)
            assert [one["data"]["by"] for one in found] == ["rule"] * size
            assert {one["data"]["unit"] for one in found} == {one.pk for one in study.units}
        assert counts[0] == counts[1]

    @pytest.mark.django_db(transaction=True)
    def test_a_recoding_is_a_new_revision_of_each(self) -> None:
        study = answered([YES, NO], [YES, YES])
        measured(study)
        unit, member = study.units[0], an_adjudicator(study)
        made = decide(membership=member, unit=unit, decision=a_decision(), now=LATER)
        hooked(study.campaign, events=["unit.adjudicated"])
        recoded(study)
        (body,) = bodies(study.campaign)
        assert (body["data"]["annotation"], body["data"]["revision"]) == (made.pk, 2)
        assert body["data"]["by"] == "recoding"


class TestFinished:
    @pytest.fixture
    def study(self) -> Study:
        study = build_study(2, annotators=2, overlap=2)
        hooked(study.campaign, events=[FINISHED])
        return study

    def label_all(self, study: Study) -> None:
        for member in study.members:
            for _ in study.units:
                label_next(member)

    def drawing(self, study: Study) -> int:
        return Sample.objects.filter(campaign=study.campaign).latest("pk").pk

    def test_once_when_the_last_slot_is_settled(self, study: Study) -> None:
        ada, bob = study.members
        for member, save in ((ada, None), (ada, a_save(state="skipped")), (bob, None)):
            label_next(member, save)
            assert told(study.campaign) == []
        label_next(bob)
        assert told(study.campaign) == [(FINISHED, f"finished:{self.drawing(study)}")]
        (body,) = bodies(study.campaign)
        assert body["data"] == {
            "campaign": study.campaign.slug,
            "state": "open",
            "complete": True,
            "units": 2,
            "labels": 3,
            "skipped": 1,
            "campaign_url": f"/api/v1/campaigns/{study.campaign.slug}/",
            "labels_url": f"/api/v1/campaigns/{study.campaign.slug}/labels/",
        }

    def test_a_draft_is_not_a_label(self, study: Study) -> None:
        ada, bob = study.members
        for member in (ada, ada, bob):
            label_next(member)
        unit = take_unit(membership=bob, now=NOON).unit
        draft, final = a_save(state="draft"), a_save(based_on=1)
        save_annotation(membership=bob, unit=unit, save=draft, now=NOON)
        assert told(study.campaign) == []
        save_annotation(membership=bob, unit=unit, save=final, now=NOON)
        assert len(told(study.campaign)) == 1

    def test_a_label_that_is_changed_later_tells_nothing_anew(self, study: Study) -> None:
        self.label_all(study)
        unit, bob = study.units[0], study.members[1]
        for number, state in enumerate(("submitted", "draft", "submitted"), start=1):
            save = a_save(NO, based_on=number, state=state)
            save_annotation(membership=bob, unit=unit, save=save, now=NOON)
        assert len(told(study.campaign)) == 1

    def test_a_unit_that_harms_is_wanted_from_somebody_else(self) -> None:
        study = build_study(1, annotators=2)
        hooked(study.campaign, events=[FINISHED])
        ada, bob = study.members
        label_next(ada, a_save(state="skipped", harmful=True))
        assert told(study.campaign) == []
        label_next(bob)
        assert len(told(study.campaign)) == 1

    def test_a_spare_slot_that_is_taken_away_may_be_the_last(self) -> None:
        study = build_study(1, annotators=2)
        hooked(study.campaign, events=[FINISHED])
        label_next(study.members[0], a_save({}, state="skipped", harmful=True))
        save = a_save(based_on=1)
        save_annotation(membership=study.members[0], unit=study.units[0], save=save, now=NOON)
        assert len(told(study.campaign)) == 1

    def test_again_when_more_units_were_drawn_and_done(self, study: Study) -> None:
        self.label_all(study)
        build_comment(study.comments[0].thread, "One more.")
        start_sample(campaign=study.campaign, recipe=Recipe(), user=None, now=NOON)
        draw(study.campaign)
        assert len(told(study.campaign)) == 1
        for member in study.members:
            label_next(member)
        assert [subject for _, subject in told(study.campaign)][1:] == [
            f"finished:{self.drawing(study)}"
        ]

    def test_not_while_more_are_being_drawn(self, study: Study) -> None:
        start_sample(campaign=study.campaign, recipe=Recipe(), user=None, now=NOON)
        self.label_all(study)
        assert told(study.campaign) == []

    def test_closing_is_an_end_too(self, study: Study) -> None:
        label_next(study.members[0])
        for _ in range(2):
            set_state(campaign=study.campaign, state="closed", now=NOON)
        assert told(study.campaign) == [(FINISHED, f"closed:{self.drawing(study)}")]
        (body,) = bodies(study.campaign)
        assert (body["data"]["state"], body["data"]["complete"]) == ("closed", False)
        assert body["data"]["labels"] == 1

    def test_closing_what_is_finished_tells_nothing_anew(self, study: Study) -> None:
        self.label_all(study)
        set_state(campaign=study.campaign, state="closed", now=NOON)
        assert len(told(study.campaign)) == 1

    def test_what_was_closed_too_early_is_told_when_it_is_finished(self, study: Study) -> None:
        for state in ("closed", "open"):
            set_state(campaign=study.campaign, state=state, now=NOON)
        self.label_all(study)
        assert [subject.partition(":")[0] for _, subject in told(study.campaign)] == [
            "closed",
            "finished",
        ]

    @pytest.mark.django_db(transaction=True)
    def test_once_though_the_last_two_are_settled_in_the_same_moment(self) -> None:
        for _ in range(5):
            study = build_study(1, annotators=2, overlap=2)
            hooked(study.campaign, events=[FINISHED])
            acts: list[Callable[[], Any]] = []
            for member in study.members:
                unit = take_unit(membership=member, now=NOON).unit
                given: dict[str, Any] = {
                    "membership": member,
                    "unit": unit,
                    "save": a_save(),
                    "now": NOON,
                }
                acts.append(partial(save_annotation, **given))
            assert not [one for one in at_once(acts) if isinstance(one, Exception)]
            assert len(told(study.campaign)) == 1

    def test_a_save_costs_the_same_in_a_campaign_of_any_size(self) -> None:
        counts = []
        for size in (3, 30):
            study = build_study(size)
            hooked(study.campaign, events=[FINISHED])
            unit = take_unit(membership=study.members[0], now=NOON).unit
            with CaptureQueriesContext(connection) as queries:
                save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=NOON)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestApi:
    @pytest.fixture
    def webhook(self) -> Webhook:
        study = build_answered([YES, NO], annotators=2)
        return hooked(study.campaign)

    def client(self, webhook: Webhook, role: str) -> APIClient:
        client = APIClient()
        member = webhook.campaign.memberships.filter(role=role).first()
        if member is None:
            from tests.builders import build_membership

            member = build_membership(webhook.campaign, role=role)
        assert member.user is not None
        client.force_login(member.user)
        return client

    def address(self, webhook: Webhook, rest: str = "") -> str:
        return f"/api/v1/campaigns/{webhook.campaign.slug}/webhooks/{rest}"

    def test_the_secret_is_in_two_answers_alone(self, webhook: Webhook) -> None:
        client = self.client(webhook, "manager")
        made = client.post(
            self.address(webhook),
            {"url": PUBLIC, "events": ["export.done"]},
            format="json",
        )
        assert made.status_code == 201
        secret = made.json()["secret"]
        one = self.address(webhook, f"{made.json()['id']}/")
        rotated = client.post(f"{one}rotate/").json()["secret"]
        assert rotated != secret
        pinged(Webhook.objects.get(pk=made.json()["id"]))
        for address in (self.address(webhook), one, f"{one}deliveries/"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert "whsec_" not in answer.content.decode()
        assert "whsec_" not in client.patch(one, {"paused": True}, format="json").content.decode()
        assert made["Cache-Control"].count("no-store") == 1

    def test_it_is_paused_resumed_changed_and_deleted(self, webhook: Webhook) -> None:
        client = self.client(webhook, "manager")
        one = self.address(webhook, f"{webhook.pk}/")
        paused = client.patch(one, {"paused": True, "events": ["export.done"]}, format="json")
        assert paused.json()["pause_reason"] == "manager"
        assert paused.json()["events"] == ["export.done"]
        assert client.post(f"{one}ping/").status_code == 409
        assert client.patch(one, {"paused": False}, format="json").json()["paused_at"] is None
        assert client.patch(one, {}, format="json").status_code == 400
        refused = client.patch(one, {"url": "http://localhost/"}, format="json")
        assert refused.json()["fields"].keys() == {"url"}
        assert client.delete(one).status_code == 204
        assert client.get(one).status_code == 404

    def test_a_test_is_seen_with_what_was_sent(self, webhook: Webhook) -> None:
        client = self.client(webhook, "manager")
        one = self.address(webhook, f"{webhook.pk}/")
        ping = client.post(f"{one}ping/")
        assert (ping.status_code, ping.json()["state"]) == (202, "waiting")
        shown = client.get(f"{one}deliveries/{ping.json()['id']}/").json()
        assert shown["payload"]["type"] == "ping"
        assert shown["payload"]["data"] == {
            "campaign": webhook.campaign.slug,
            "webhook": webhook.pk,
        }
        assert shown["log"] == []

    def test_deliveries_are_found_by_state_and_event(self, webhook: Webhook) -> None:
        first, second = pinged(webhook, 2)
        Delivery.objects.filter(pk=first.pk).update(state="failed", next_try_at=None)
        client = self.client(webhook, "manager")
        listed = self.address(webhook, f"{webhook.pk}/deliveries/")

        def found(query: str) -> list[int]:
            return [one["id"] for one in client.get(listed + query).json()["results"]]

        assert found("") == [second.pk, first.pk]
        assert found("?state=failed") == [first.pk]
        assert found("?event=export.done") == []
        assert client.get(listed + "?state=lost").status_code == 400
        again = client.post(f"{listed}{first.pk}/redeliver/")
        assert (again.status_code, again.json()["event_id"]) == (202, str(first.event_id))
        assert found("?state=failed") == []

    def test_one_of_another_campaign_is_not_there(self, webhook: Webhook) -> None:
        other = hooked()
        (delivery,) = pinged(other)
        client = self.client(webhook, "manager")
        for rest in ("", "deliveries/", f"deliveries/{delivery.pk}/"):
            answer = client.get(self.address(webhook, f"{other.pk}/{rest}"))
            assert answer.status_code == 404
        mixed = self.address(webhook, f"{webhook.pk}/deliveries/{delivery.pk}/")
        assert client.get(mixed).status_code == 404

    @pytest.mark.parametrize("role", ["annotator", "adjudicator", "viewer"])
    def test_nobody_but_managers_learns_of_them(self, webhook: Webhook, role: str) -> None:
        pinged(webhook)
        client = self.client(webhook, role)
        for rest in ("", f"{webhook.pk}/", f"{webhook.pk}/deliveries/"):
            assert client.get(self.address(webhook, rest)).status_code == 403
        for address in ("/api/v1/me/", f"/api/v1/campaigns/{webhook.campaign.slug}/"):
            assert "lab.example" not in client.get(address).content.decode()

    def test_a_decision_by_the_api_is_told(self, webhook: Webhook) -> None:
        campaign = webhook.campaign
        unit = campaign.units.get()
        study = Study(campaign, [], [unit], list(campaign.memberships.all()))
        measured(study)
        client = self.client(webhook, Membership.Role.ADJUDICATOR)
        from tests.annotations.api.world import decision_body

        address = f"/api/v1/campaigns/{campaign.slug}/units/{unit.pk}/adjudication/"
        assert client.put(address, decision_body(), format="json").status_code == 200
        assert [event for event, _ in told(campaign)] == ["unit.adjudicated"]

    def test_closing_by_the_api_is_told(self, webhook: Webhook) -> None:
        unit, member = webhook.campaign.units.get(), webhook.campaign.memberships.first()
        assert member is not None
        answer(unit, member, NO)
        client = self.client(webhook, "manager")
        address = f"/api/v1/campaigns/{webhook.campaign.slug}/"
        assert client.patch(address, {"state": "closed"}, format="json").status_code == 200
        assert [event for event, _ in told(webhook.campaign)] == [FINISHED]
