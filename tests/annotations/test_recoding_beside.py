"""Others who write while a campaign goes on with a newer version of its codebook."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import Conflict
from annotations.models import (
    Aggregation,
    Annotation,
    Campaign,
    Recoding,
    RuleRun,
)
from annotations.services import aggregation, rules
from annotations.services.adjudication import decide
from annotations.services.aggregation import start_aggregation
from annotations.services.agreement import compute_agreement, start_agreement
from annotations.services.campaigns import set_state
from annotations.services.jobs import run_job
from annotations.services.recoding import recode, start_recoding
from annotations.services.rules import Rule, settle_clear, start_rule
from annotations.services.running_job import RunningJob
from tests.annotations.api.world import decision_body
from tests.annotations.disputed import LATER, an_adjudicator, build_answered, measured
from tests.annotations.exported import label_rows
from tests.annotations.study import Study
from tests.annotations.test_adjudication import a_decision, address, client_of
from tests.annotations.test_recoding import FIRST, load
from tests.builders import NOON

pytestmark = pytest.mark.django_db(transaction=True)

YES, NO = {"claim": "yes"}, {"claim": "no"}


def answered(*units: Any) -> Study:
    return build_answered(*units, annotators=len(units[0]), codebook=load(1, *FIRST))


def recoded(study: Study) -> None:
    set_state(campaign=Campaign.objects.get(pk=study.campaign.pk), state="paused", now=NOON)
    campaign = Campaign.objects.get(pk=study.campaign.pk)
    job = start_recoding(campaign=campaign, after=load(2, *FIRST), user=None, now=NOON)
    run_job(Recoding, job.pk, recode)
    assert Recoding.objects.get(pk=job.pk).state == "done"


def test_nobody_decides_until_it_is_done() -> None:
    study = answered([YES, NO])
    measured(study)
    unit, member = study.units[0], an_adjudicator(study)
    campaign = set_state(campaign=study.campaign, state="paused", now=NOON)
    job = start_recoding(campaign=campaign, after=load(2, *FIRST), user=None, now=NOON)
    with pytest.raises(Conflict, match="is being recoded: decide when that is done"):
        decide(membership=member, unit=unit, decision=a_decision(), now=LATER)
    run_job(Recoding, job.pk, recode)
    # The unit was read before the recoding; what is decided is of the version that stands.
    with pytest.raises(Conflict, match=r"went on with version 2 .* this page shows version 1"):
        decide(membership=member, unit=unit, decision=a_decision(codebook_version=1), now=LATER)
    body = decision_body(codebook_version=1)
    refused = client_of(member).put(address(study), body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert not Annotation.objects.filter(source="adjudication").exists()
    made = decide(membership=member, unit=unit, decision=a_decision(), now=LATER)
    assert made.answers.get().question.codebook.version == 2


def test_a_rule_that_began_before_writes_nothing_of_the_old_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = answered([YES] * 3, [NO] * 3)
    measured(study)
    member = an_adjudicator(study)
    run = start_rule(membership=member, rule=Rule(least=3), user=None, now=LATER)
    settle = rules._settle

    def recode_first(*given: Any) -> int:
        recoded(study)
        return settle(*given)

    monkeypatch.setattr(rules, "_settle", recode_first)
    run_job(RuleRun, run.pk, settle_clear, clock=lambda: LATER)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "went on with another version of its codebook" in run.error
    assert not Annotation.objects.filter(source="adjudication").exists()


def test_an_aggregation_that_began_before_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    study = answered([YES] * 3, [NO] * 3)
    run = start_aggregation(campaign=study.campaign, method="majority", user=None, now=LATER)

    write = aggregation._write

    def recode_first(*given: Any) -> int:
        written = write(*given)
        if Campaign.objects.get(pk=study.campaign.pk).state == "open":
            recoded(study)
        return written

    monkeypatch.setattr(aggregation, "_write", recode_first)
    run_job(Aggregation, run.pk, aggregation.aggregate)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "went on with another version of its codebook" in run.error


def test_nobody_waits_for_it_to_measure_disagreements() -> None:
    study = answered([YES, NO])
    campaign = set_state(campaign=study.campaign, state="paused", now=NOON)
    job = start_recoding(campaign=campaign, after=load(2, *FIRST), user=None, now=NOON)
    assert measured(study) == {}
    run_job(Recoding, job.pk, recode)
    assert measured(study)[0].share == 1


def test_labels_are_told_with_the_version_that_they_are_of() -> None:
    study = answered([YES, NO])
    before = Campaign.objects.select_related("codebook").get(pk=study.campaign.pk)
    recoded(study)
    assert {row.codebook_version for row in label_rows(before)} == {2}
    run = start_agreement(campaign=study.campaign, user=None, now=NOON, resamples=0)
    run.campaign = before  # as a job that waited has it
    result = compute_agreement(RunningJob(run, clock=lambda: LATER))["result"]
    assert result["codebook"]["version"] == 2
    assert result["questions"][0]["ratings"] == 2
