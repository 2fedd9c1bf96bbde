"""The pages of adjudication and of notes: what stands on them, and what they do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.models import Annotation, Membership, NoteReply, RuleRun, Ruling
from annotations.services.adjudication import decide
from annotations.services.jobs import run_job
from annotations.services.rules import settle_clear
from tests.annotations.disputed import LATER, an_adjudicator, answer, build_answered, measured
from tests.annotations.study import Study
from tests.annotations.test_adjudication import a_decision
from tests.builders import build_membership, build_warning

pytestmark = pytest.mark.django_db
YES, NO = {"claim": "yes"}, {"claim": "no"}
NOTE = "Is irony\na claim?"


def client_of(member: Membership) -> Client:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return client


def a_manager(study: Study) -> Membership:
    return build_membership(study.campaign, role="manager")


class TestQueue:
    def test_it_measures_by_itself_and_leads_to_the_bench(self) -> None:
        study = build_answered([YES, NO], [YES, YES], annotators=2)
        shown = client_of(an_adjudicator(study)).get(
            reverse("adjudication", args=[study.campaign.slug])
        )
        assert shown.context["queue"].open == 1
        assert shown.context["queue"].agreed == 1
        desk = reverse("adjudication_desk", args=[study.campaign.slug])
        assert f'href="{desk}?question=claim"' in shown.content.decode()

    def test_what_was_decided_is_listed_with_who_did(self) -> None:
        study = build_answered([YES, NO], [YES, NO], annotators=2)
        measured(study)
        member = an_adjudicator(study)
        for place, reason in enumerate(("It asks.", "It tells.")):
            decision = a_decision(reason=reason)
            decide(membership=member, unit=study.units[place], decision=decision, now=LATER)
        assert study.units[1].comment is not None
        build_warning(study.units[1].comment)
        page = client_of(a_manager(study)).get(reverse("adjudication", args=[study.campaign.slug]))
        said = page.content.decode()
        assert "It asks." in said
        assert "Comment 0." in said
        assert "Comment 1." not in said
        assert member.pseudonym in said
        assert member.user is not None
        assert member.user.username in said
        for_others = client_of(an_adjudicator(study))
        said = for_others.get(reverse("adjudication", args=[study.campaign.slug])).content.decode()
        assert member.user.username not in said

    def test_a_list_of_many_costs_no_more_queries(self) -> None:
        counts = []
        for units in (1, 8):
            study = build_answered(*([YES, NO] for _ in range(units)), annotators=2)
            measured(study)
            member = an_adjudicator(study)
            for unit in study.units:
                decide(membership=member, unit=unit, decision=a_decision(), now=LATER)
            client = client_of(member)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("adjudication", args=[study.campaign.slug]))
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_annotators_are_turned_away(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        client = client_of(study.members[0])
        for name in ("adjudication", "adjudication_desk", "notes"):
            assert client.get(reverse(name, args=[study.campaign.slug])).status_code == 403
        overview = client.get(reverse("campaign", args=[study.campaign.slug])).content.decode()
        assert reverse("adjudication", args=[study.campaign.slug]) not in overview

    def test_the_bench_takes_only_what_is_an_address(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        address = reverse("adjudication_desk", args=[study.campaign.slug])
        client = client_of(an_adjudicator(study))
        said = client.get(address, {"question": "claim", "unit": "1234567"}).content.decode()
        assert 'data-question="claim"' in said
        assert 'data-unit="1234567"' in said
        said = client.get(address, {"question": '"><b>', "thread": "x"}).content.decode()
        assert "<b>" not in said
        assert "data-thread" not in said


class TestRule:
    def test_it_is_counted_first_and_then_settles(self) -> None:
        study = build_answered([YES] * 3, [YES, YES, NO])
        member = an_adjudicator(study)
        client, address = client_of(member), reverse("new_rule", args=[study.campaign.slug])
        rule = {"least": 3, "agree": "1"}
        counted = client.post(address, {**rule, "count": "1"}).content.decode()
        assert "would settle 1 unit, of 2" in counted
        assert not RuleRun.objects.exists()
        client.post(address, {**rule, "settle": "1"})
        run = RuleRun.objects.get()
        run_job(RuleRun, run.pk, settle_clear)
        page = client.get(reverse("adjudication", args=[study.campaign.slug])).content.decode()
        assert "3 of 3 agree" in page
        assert Annotation.objects.get(source="adjudication").membership == member

    def test_a_rule_that_is_none_is_told_at_its_field(self) -> None:
        study = build_answered([YES] * 3)
        address = reverse("new_rule", args=[study.campaign.slug])
        refused = client_of(an_adjudicator(study)).post(address, {"least": 1, "agree": "1"})
        assert refused.status_code == 400
        assert refused.context["rule_form"].errors.keys() == {"least"}

    def test_it_can_be_stopped(self) -> None:
        study = build_answered([YES] * 3)
        member = an_adjudicator(study)
        client = client_of(member)
        slug = study.campaign.slug
        client.post(reverse("new_rule", args=[slug]), {"least": 3, "agree": "1", "settle": "1"})
        run = RuleRun.objects.get()
        client.post(reverse("cancel_rule", args=[slug, run.pk]))
        run.refresh_from_db()
        assert run.state == "cancelled"


class TestNotes:
    @pytest.fixture
    def study(self) -> Study:
        study = build_answered([YES, NO], annotators=2)
        answer(study.units[0], study.members[0], YES, note=NOTE, flagged=True)
        return study

    def reply(self, study: Study, member: Membership, **given: str) -> str:
        pk = Annotation.objects.exclude(note="").get().pk
        address = reverse("reply_to_note", args=[study.campaign.slug, pk])
        sent = {"note": NOTE.replace("\n", "\r\n"), **given}
        return client_of(member).post(address, sent, follow=True).content.decode()

    def test_a_note_stands_in_its_place_with_its_author(self, study: Study) -> None:
        manager = a_manager(study)
        client = client_of(manager)
        said = client.get(reverse("notes", args=[study.campaign.slug])).content.decode()
        comment = study.comments[0]
        assert f"/threads/{comment.thread_id}/?at=0#c{comment.pk}" in said
        assert "Is irony<br>a claim?" in said
        assert ">A1<" in said
        home = client.get(reverse("home")).content.decode()
        assert f"{study.campaign.name}: 1 note to answer" in home

    def test_a_ruling_answers_it(self, study: Study) -> None:
        manager = a_manager(study)
        said = self.reply(study, manager, ruling="Irony is no claim.", rule="1")
        assert "No note waits for an answer." in said
        ruling = Ruling.objects.get()
        assert ruling.unit == study.units[0]
        client = client_of(manager)
        answered = reverse("notes", args=[study.campaign.slug]) + "?show=answered"
        assert "Irony is no claim." in client.get(answered).content.decode()
        campaign = reverse("campaign", args=[study.campaign.slug])
        link = f"#c{study.comments[0].pk}"
        assert link in client.get(campaign).content.decode()
        own = client_of(study.members[1]).get(campaign).content.decode()
        assert "Irony is no claim." in own
        assert link not in own

    def test_it_can_be_only_seen(self, study: Study) -> None:
        self.reply(study, an_adjudicator(study), seen="1")
        assert NoteReply.objects.get().ruling is None
        said = self.reply(study, a_manager(study), seen="1")
        assert "Somebody has answered this note already" in said

    def test_an_empty_ruling_is_none(self, study: Study) -> None:
        said = self.reply(study, a_manager(study), ruling="  ", rule="1")
        assert "Write what is to be done from now on." in said
        assert not NoteReply.objects.exists()

    def test_a_text_with_a_warning_is_not_shown(self, study: Study) -> None:
        build_warning(study.comments[0])
        client = client_of(a_manager(study))
        said = client.get(reverse("notes", args=[study.campaign.slug])).content.decode()
        assert "Comment 0." not in said
        assert "carries a content warning" in said

    def test_many_cost_no_more_queries(self) -> None:
        counts = []
        for units in (1, 8):
            study = build_answered(*([YES, NO] for _ in range(units)), annotators=2)
            for unit in study.units:
                answer(unit, study.members[0], YES, note=NOTE)
            client = client_of(a_manager(study))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("notes", args=[study.campaign.slug]))
            counts.append(len(queries))
        assert counts[0] == counts[1]
