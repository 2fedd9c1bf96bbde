"""Deciding disputes: who gets which, blind until decided, nothing lost, nothing overwritten."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotations.errors import Conflict, InvalidAnswers, NothingLeft, RevisionConflict
from annotations.models import Annotation, Campaign, Comment, Dispute, Membership, RuleRun
from annotations.selectors.disputes import decided_disputes, queue_of
from annotations.services.adjudication import Decision, decide, take_dispute
from annotations.services.jobs import run_job
from annotations.services.rules import Rule, count_settled, settle_clear, start_rule
from tests.annotations.api.world import decision_body
from tests.annotations.disputed import (
    LATER,
    an_adjudicator,
    answer,
    build_answered,
    measured,
)
from tests.annotations.exported import label_rows
from tests.annotations.study import Study, at_once
from tests.builders import build_membership

pytestmark = pytest.mark.django_db
YES, NO = {"claim": "yes"}, {"claim": "no"}
MUCH_LATER = LATER + timedelta(hours=1)


def a_decision(answers: dict[str, Any] | None = None, **fields: Any) -> Decision:
    defaults: dict[str, Any] = {"save_id": uuid4(), "based_on": 0, "answers": answers or YES}
    return Decision(**{**defaults, **fields})


def client_of(member: Membership) -> APIClient:
    client = APIClient()
    assert member.user is not None
    client.force_login(member.user)
    return client


def address(study: Study, place: int = 0) -> str:
    return f"/api/v1/campaigns/{study.campaign.slug}/units/{study.units[place].pk}/adjudication/"


class TestQueue:
    def test_the_worst_comes_first_and_one_person_has_it(self) -> None:
        study = build_answered([YES, YES, NO], [YES, NO], [YES, YES], annotators=3)
        measured(study)
        one, other = an_adjudicator(study), an_adjudicator(study)
        first = take_dispute(membership=one, now=LATER)
        second = take_dispute(membership=other, now=LATER)
        assert (first.unit, second.unit) == (study.units[1], study.units[0])
        with pytest.raises(NothingLeft):
            take_dispute(membership=build_membership(study.campaign, role="manager"), now=LATER)
        again = take_dispute(membership=one, now=LATER)
        assert again.unit == first.unit

    def test_what_is_passed_over_is_free_for_others(self) -> None:
        study = build_answered([YES, NO], [YES, NO], annotators=2)
        measured(study)
        one, other = an_adjudicator(study), an_adjudicator(study)
        first = take_dispute(membership=one, now=LATER)
        second = take_dispute(membership=one, after=[first.unit_id], now=LATER)
        assert second.unit != first.unit
        assert take_dispute(membership=other, now=LATER).unit == first.unit

    def test_a_hold_ends_by_itself(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        take_dispute(membership=an_adjudicator(study), now=LATER)
        assert take_dispute(membership=an_adjudicator(study), now=MUCH_LATER)

    def test_by_question_and_by_thread(self) -> None:
        study = build_answered([YES, NO], [{"certainty": 1}, {"certainty": 2}], annotators=2)
        measured(study)
        member = an_adjudicator(study)
        found = take_dispute(membership=member, question="certainty", now=LATER)
        assert found.unit == study.units[1]
        with pytest.raises(NothingLeft):
            take_dispute(membership=member, thread=0, now=LATER)
        shown = queue_of(study.campaign, now=LATER)
        assert (shown.open, shown.held) == (2, 1)
        assert [(one.question.key, one.open) for one in shown.questions] == [
            ("claim", 1),
            ("certainty", 1),
        ]
        assert [one.open for one in shown.threads] == [2]

    @pytest.mark.django_db(transaction=True)
    def test_nobody_gets_what_another_decides(self) -> None:
        study = build_answered(*([YES, NO] for _ in range(4)), annotators=2)
        measured(study)
        members = [an_adjudicator(study) for _ in range(4)]
        acts = [partial(take_dispute, membership=member, now=LATER) for member in members]
        found = at_once(acts)
        assert {one.unit for one in found if isinstance(one, Dispute)} == set(study.units)


class TestBlind:
    def test_nobody_is_named_before_it_is_decided(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        manager = build_membership(study.campaign, role="manager")
        client = client_of(manager)
        shown = client.post(f"/api/v1/campaigns/{study.campaign.slug}/adjudication/next/").json()
        said = json.dumps({key: value for key, value in shown.items() if key != "comments"})
        assert not any(f'"{member.pseudonym}"' in said for member in study.members)
        assert not any(member.user and member.user.username in said for member in study.members)
        assert [one["letter"] for one in shown["answers"]] == ["A", "B"]
        assert {one["annotator"] for one in shown["answers"]} == {None}
        assert set(shown["answers"][0]) == {
            *("letter", "answers", "note", "flagged", "confidence"),
            *("text_revision", "annotator", "user", "changed"),
        }
        assert client.put(address(study), decision_body(), format="json").status_code == 200
        decided = client.get(address(study)).json()
        assert {one["annotator"] for one in decided["answers"]} == {"A1", "A2"}
        assert all(one["user"] for one in decided["answers"])
        for_others = client_of(an_adjudicator(study)).get(address(study)).json()
        assert {one["user"] for one in for_others["answers"]} == {None}
        assert for_others["decision"]["annotator"] == manager.pseudonym

    def test_annotators_find_nothing_of_it(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        client = client_of(study.members[0])
        root = f"/api/v1/campaigns/{study.campaign.slug}/"
        for path in ("adjudication/", f"units/{study.units[0].pk}/adjudication/", "notes/"):
            assert client.get(root + path).status_code == 403
        decide(
            membership=an_adjudicator(study), unit=study.units[0], decision=a_decision(), now=LATER
        )
        own = client.get(f"{root}units/{study.units[0].pk}/")
        assert "adjudication" not in own.content.decode()
        listed = client.get("/api/v1/annotations/").json()["results"]
        assert {one["source"] for one in listed} == {"human"}

    def test_the_order_is_not_that_of_the_annotators(self) -> None:
        study = build_answered(*([YES, NO] for _ in range(12)), annotators=2)
        measured(study)
        client = client_of(an_adjudicator(study))
        firsts = {
            client.get(address(study, place)).json()["answers"][0]["answers"]["claim"]
            for place in range(12)
        }
        assert firsts == {"yes", "no"}

    def test_who_labeled_it_too_is_told(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        study.members[0].role = "adjudicator"
        study.members[0].save()
        assert client_of(study.members[0]).get(address(study)).json()["labeled_by_you"] is True
        stranger = client_of(an_adjudicator(study)).get(address(study)).json()
        assert stranger["labeled_by_you"] is False

    def test_a_case_costs_the_same_however_many_answered(self) -> None:
        counts = []
        for annotators in (2, 6):
            study = build_answered([YES, *([NO] * (annotators - 1))], annotators=annotators)
            measured(study)
            client = client_of(an_adjudicator(study))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(study)).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestDecision:
    @pytest.fixture
    def study(self) -> Study:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        return study

    def test_it_is_an_annotation_of_its_own(self, study: Study) -> None:
        member = an_adjudicator(study)
        decision = a_decision({"claim": "no"}, reason="It asks, and claims nothing.")
        made = decide(membership=member, unit=study.units[0], decision=decision, now=LATER)
        assert (made.source, made.reason, made.rule) == (
            "adjudication",
            "It asks, and claims nothing.",
            "",
        )
        content = made.revisions.get().content
        assert content["answers"] == {"claim": "no"}
        assert (content["reason"], content["decided_by"]) == (made.reason, member.pseudonym)
        assert Annotation.objects.filter(unit=study.units[0], source="human").count() == 2
        rows = [(row.annotator, row.source, row.value) for row in label_rows(study.campaign)]
        assert rows == [
            ("A1", "human", "yes"),
            ("A2", "human", "no"),
            (member.pseudonym, "adjudication", "no"),
        ]
        with pytest.raises(NothingLeft):
            take_dispute(membership=member, now=LATER)

    def test_the_same_save_again_changes_nothing(self, study: Study) -> None:
        member, decision = an_adjudicator(study), a_decision()
        for _ in range(2):
            made = decide(membership=member, unit=study.units[0], decision=decision, now=LATER)
        assert (made.revision, made.revisions.count()) == (1, 1)

    def test_it_can_be_revised_by_somebody_else_and_nothing_is_lost(self, study: Study) -> None:
        one, other = an_adjudicator(study), an_adjudicator(study)
        unit = study.units[0]
        decide(membership=one, unit=unit, decision=a_decision(), now=LATER)
        revised = a_decision(NO, based_on=1, reason="On reflection.")
        made = decide(membership=other, unit=unit, decision=revised, now=MUCH_LATER)
        assert (made.membership, made.revision) == (other, 2)
        said = [one.content["decided_by"] for one in made.revisions.order_by("number")]
        assert said == [one.pseudonym, other.pseudonym]

    def test_two_at_once_are_told_of_each_other(self, study: Study) -> None:
        decide(
            membership=an_adjudicator(study), unit=study.units[0], decision=a_decision(), now=LATER
        )
        client = client_of(an_adjudicator(study))
        sent = decision_body(answers=NO, reason="Mine.")
        refused = client.put(address(study), sent, format="json")
        assert refused.status_code == 409
        told = refused.json()
        assert told["code"] == "revision_conflict"
        assert told["current"]["answers"] == YES
        assert told["offered"]["answers"] == NO
        with pytest.raises(RevisionConflict):
            decide(
                membership=an_adjudicator(study),
                unit=study.units[0],
                decision=a_decision(NO),
                now=LATER,
            )

    def test_it_breaks_no_rule_of_the_codebook(self, study: Study) -> None:
        with pytest.raises(InvalidAnswers):
            decide(
                membership=an_adjudicator(study),
                unit=study.units[0],
                decision=a_decision({"claim": "perhaps"}),
                now=LATER,
            )
        assert Dispute.objects.get(unit=study.units[0]).decided_at is None

    def test_a_text_that_changed_is_read_again_first(self, study: Study) -> None:
        with pytest.raises(Conflict, match="text of this comment changed"):
            decide(
                membership=an_adjudicator(study),
                unit=study.units[0],
                decision=a_decision(text_revision=7),
                now=LATER,
            )

    def test_while_paused_there_is_time_to_decide_but_not_when_closed(self, study: Study) -> None:
        member = an_adjudicator(study)
        Campaign.objects.filter(pk=study.campaign.pk).update(state="paused")
        member.refresh_from_db()
        assert take_dispute(membership=member, now=LATER)
        Campaign.objects.filter(pk=study.campaign.pk).update(state="closed")
        member = Membership.objects.get(pk=member.pk)
        with pytest.raises(Conflict, match="is closed"):
            take_dispute(membership=member, now=LATER)

    def test_what_changes_afterwards_is_shown_and_stays_decided(self, study: Study) -> None:
        member, unit = an_adjudicator(study), study.units[0]
        decide(membership=member, unit=unit, decision=a_decision(), now=LATER)
        assert not decided_disputes(study.campaign).filter(changed=True).exists()
        answer(unit, study.members[1], YES, now=MUCH_LATER)
        found = measured(study, now=MUCH_LATER)[0]
        assert (found.decided_at, found.share) == (LATER, 0)
        assert decided_disputes(study.campaign).filter(changed=True).exists()
        assert client_of(member).get(address(study)).json()["changed"] is True


class TestRule:
    def run(self, study: Study, **rule: Any) -> RuleRun:
        run = start_rule(
            membership=an_adjudicator(study),
            rule=Rule(**{"least": 3, **rule}),
            user=None,
            now=MUCH_LATER,
        )
        run_job(RuleRun, run.pk, settle_clear, clock=lambda: MUCH_LATER)
        run.refresh_from_db()
        assert run.state == "done", run.error
        return run

    def decisions(self, study: Study) -> dict[int, tuple[str, dict[str, Any]]]:
        made = Annotation.objects.filter(unit__campaign=study.campaign, source="adjudication")
        return {
            one.unit.order: (one.rule, one.revisions.latest("number").content["answers"])
            for one in made
        }

    def test_all_agree(self) -> None:
        part = [{"start": 0, "end": 4, "quote": "Comm", "label": "fact"}]
        same = {"claim": "no", "reasons": ["old"], "certainty": 1, "part": part}
        study = build_answered([same] * 3, [YES, YES, NO], [YES, YES])
        measured(study)
        counted = count_settled(campaign=study.campaign, rule=Rule(least=3), now=MUCH_LATER)
        assert (counted.settles, counted.looked, counted.whole) == (1, 2, True)
        assert self.run(study).settled == 1
        assert self.decisions(study) == {0: ("3 of 3 agree", same)}
        assert Dispute.objects.get(unit=study.units[0]).decided_at == MUCH_LATER
        assert queue_of(study.campaign, now=MUCH_LATER).settled == 1

    def test_most_agree(self) -> None:
        study = build_answered([YES, YES, NO], [YES, NO, {"claim": "no", "certainty": 2}])
        measured(study)
        assert self.run(study, agree=0.6, questions=("claim",)).settled == 2
        assert self.decisions(study) == {
            0: ("2 of 3 agree on claim", YES),
            1: ("2 of 3 agree on claim", NO),
        }

    def test_an_answer_that_some_left_out_is_no_agreement(self) -> None:
        study = build_answered([YES, YES, {**YES, "certainty": 2}])
        measured(study)
        assert self.run(study).settled == 0

    def test_a_person_s_decision_is_never_touched_and_may_follow(self) -> None:
        study = build_answered([YES] * 3, [YES] * 3)
        measured(study)
        member = an_adjudicator(study)
        decide(membership=member, unit=study.units[0], decision=a_decision(NO), now=LATER)
        assert self.run(study).settled == 1
        assert self.run(study).settled == 0
        assert self.decisions(study) == {0: ("", NO), 1: ("3 of 3 agree", YES)}
        revised = a_decision(NO, based_on=1)
        decide(membership=member, unit=study.units[1], decision=revised, now=MUCH_LATER)
        assert self.decisions(study)[1] == ("", NO)

    def test_what_somebody_is_deciding_is_left_to_them(self) -> None:
        study = build_answered([YES, YES, NO])
        measured(study)
        take_dispute(membership=an_adjudicator(study), now=MUCH_LATER)
        assert self.run(study, agree=0.6).settled == 0

    @pytest.mark.parametrize(
        "rule", [{"least": 1}, {"agree": 0.5}, {"agree": 1.1}, {"questions": ("why",)}]
    )
    def test_a_rule_that_is_none_is_refused(self, rule: dict[str, Any]) -> None:
        study = build_answered([YES] * 3)
        client = client_of(an_adjudicator(study))
        answer = client.post(
            f"/api/v1/campaigns/{study.campaign.slug}/adjudication/rule/count/",
            {"least": 3, **rule},
            format="json",
        )
        assert answer.status_code == 400
        assert answer.json()["fields"].keys() == rule.keys()

    def test_an_answer_that_the_text_does_not_bear_is_left_to_people(self) -> None:
        part = [{"start": 0, "end": 4, "quote": "Comm", "label": "fact"}]
        study = build_answered([{**YES, "part": part}] * 3, [YES] * 3)
        measured(study)
        Comment.objects.filter(pk=study.comments[0].pk).update(text="Other words.")
        assert self.run(study).settled == 1
        assert self.decisions(study) == {1: ("3 of 3 agree", YES)}
