"""What may be relied on when a campaign goes on with a newer version of its codebook."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.errors import Conflict, NotFound
from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Codebook,
    Dispute,
    DisputedQuestion,
    Membership,
    Question,
    Recoding,
    Revision,
    Unit,
)
from annotations.selectors.answers import answers_of
from annotations.selectors.recoding import newer_version, newer_versions
from annotations.selectors.recoding_trace import trace_csv
from annotations.services import recoding as service
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit
from annotations.services.campaigns import set_state
from annotations.services.codebooks import load_codebook
from annotations.services.jobs import cancel_job, claim_job, retry_job, run_job
from annotations.services.recoding import preview_recoding, recode, start_recoding
from annotations.services.running_job import LEASE, RunningJob
from annotations.services.suggestions import Suggestion, suggest_answers
from tests.annotations.exported import label_rows
from tests.annotations.study import Study, build_study
from tests.annotations.test_codebook_changes import label, question
from tests.builders import NOON, build_annotation, build_answer

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "The bridge 😀 costs 2 million a year."
FIRST = [
    question("claim", label("yes"), label("no"), label("maybe"), kind="single_label"),
    question("reasons", label("old"), label("rude"), label("wrong"), required=False),
    {
        "key": "sure",
        "title": "Sure?",
        "kind": "rating",
        "minimum": 1,
        "maximum": 5,
        "required": False,
        "depends_on": {"question": "claim", "any_of": ["yes", "maybe"]},
    },
    {"key": "why", "title": "Why?", "kind": "text", "required": False},
    question("part", label("fact"), label("opinion"), kind="span", required=False),
    question("to", label("agrees"), label("disagrees"), kind="relation", required=False),
]


def load(version: int, *questions: dict[str, Any], **fields: Any) -> Codebook:
    said = {"key": "claims", "version": version, "title": "Claims", "questions": questions}
    text = yaml.safe_dump({**said, "questions": list(questions), **fields}, sort_keys=False)
    return load_codebook(text=text, now=NOON)


def changed(**by_key: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The first version's questions with other fields; None leaves a question out."""
    kept = [one for one in FIRST if by_key.get(one["key"], {}) is not None]
    return [{**one, **(by_key.get(one["key"]) or {})} for one in kept]


def full(comment: int) -> dict[str, Any]:
    return {
        "claim": "maybe",
        "reasons": ["old", "wrong"],
        "sure": 4.0,
        "why": "It says so.",
        "part": [
            {"start": 4, "end": 10, "quote": "bridge", "label": "fact"},
            {"start": 4, "end": 10, "quote": "bridge", "label": "opinion"},
        ],
        "to": [{"comment": comment, "label": "agrees"}],
    }


@pytest.fixture
def study() -> Study:
    return build_study([TEXT] * 3, annotators=2, codebook=load(1, *FIRST), overlap=2)


def labeled(study: Study, member: Membership, answers: dict[str, Any], **fields: Any) -> Annotation:
    unit = take_unit(membership=member, now=NOON).unit
    if not answers:
        answers = full(next(c.pk for c in study.comments if c.pk != unit.comment_id))
    save = Save(save_id=uuid4(), based_on=0, state="submitted", answers=answers, **fields)
    return save_annotation(membership=member, unit=unit, save=save, now=NOON)


def paused(study: Study) -> Campaign:
    return set_state(campaign=study.campaign, state="paused", now=NOON)


def recoded(study: Study, after: Codebook, *, reopen: bool = False) -> Recoding:
    campaign = Campaign.objects.get(pk=study.campaign.pk)
    job = start_recoding(campaign=campaign, after=after, reopen=reopen, user=None, now=NOON)
    run_job(Recoding, job.pk, recode)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def now_says(annotation: Annotation) -> dict[str, Any]:
    return answers_of(Annotation.objects.get(pk=annotation.pk))


def revisions(annotation: Annotation) -> list[dict[str, Any]]:
    rows = Revision.objects.filter(annotation=annotation).order_by("number")
    return [row.content for row in rows]


SECOND = changed(
    claim={
        "key": "statement",
        "was": "claim",
        "labels": [label("yes"), label("no")],
        "map": {"maybe": "yes"},
    },
    reasons={"labels": [label("bad"), label("old")], "map": {"rude": "bad", "wrong": "bad"}},
    sure={"depends_on": {"question": "statement", "any_of": ["yes"]}},
    part={"labels": [label("words")], "map": {"fact": "words", "opinion": "words"}},
    to={"map": {"agrees": None}},
)


class TestWhatBecomesOfLabels:
    def test_answers_are_carried_on_and_the_old_ones_stay_as_revisions(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {}, note="Odd.", flagged=True)
        before = now_says(annotation)
        paused(study)
        job = recoded(study, load(2, *SECOND))
        assert now_says(annotation) == {
            "statement": "yes",
            "reasons": ["bad", "old"],
            "sure": 4.0,
            "why": "It says so.",
            "part": [{"start": 4, "end": 10, "quote": "bridge", "label": "words"}],
        }
        first, second = revisions(annotation)
        assert first["answers"] == before
        assert second["answers"] == now_says(annotation)
        assert second["recoded"] == {"from": 1, "to": 2, "recoding": job.pk}
        about = first.keys() - {"answers"}
        assert {name: second[name] for name in about} == {name: first[name] for name in about}
        annotation.refresh_from_db()
        assert (annotation.revision, annotation.state, annotation.note) == (2, "submitted", "Odd.")
        assert job.counts == {
            "annotations": 1,
            "answers": 6,
            "changed": 4,
            "merged": 1,
            "dropped": 1,
            "reopened": 0,
        }

    def test_the_campaign_and_its_exports_have_the_new_version(self, study: Study) -> None:
        labeled(study, study.members[0], {})
        paused(study)
        recoded(study, load(2, *SECOND))
        study.campaign.refresh_from_db()
        assert study.campaign.codebook.version == 2
        rows = list(label_rows(study.campaign))
        assert {(row.codebook_version, row.question) for row in rows} == {
            (2, key) for key in ("statement", "reasons", "sure", "why", "part")
        }

    def test_annotations_of_every_source_and_state_are_carried_on(self, study: Study) -> None:
        human = labeled(study, study.members[0], {"claim": "maybe"})
        skipped = build_annotation(study.units[1], study.members[0], state="skipped")
        draft = build_annotation(study.units[2], study.members[0], state="draft")
        build_answer(draft, "claim", label="maybe")
        suggest_answers(
            campaign=study.campaign,
            model="guesser",
            suggestions=[Suggestion(study.comments[0].pk, {"claim": "maybe"})],
            now=NOON,
        )
        gold = build_annotation(study.units[0], None, source="gold")
        build_answer(gold, "claim", label="no")
        decided = build_annotation(study.units[0], study.members[1], source="adjudication")
        build_answer(decided, "claim", label="maybe")
        paused(study)
        recoded(study, load(2, *SECOND))
        model = Annotation.objects.get(source="model")
        says = {one: now_says(one) for one in (human, draft, model, gold, decided, skipped)}
        assert says == {
            human: {"statement": "yes"},
            draft: {"statement": "yes"},
            model: {"statement": "yes"},
            gold: {"statement": "no"},
            decided: {"statement": "yes"},
            skipped: {},
        }
        for annotation in says:
            assert revisions(annotation)[-1]["recoded"]["to"] == 2
        # Even of one that was written straight into the table, what it said is kept.
        assert revisions(gold)[0]["answers"] == {"claim": "no"}
        assert [len(revisions(one)) for one in says] == [2] * 6

    def test_what_is_not_asked_any_more_is_not_kept(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {"claim": "maybe", "sure": 3})
        paused(study)
        asked_after_yes = {"depends_on": {"question": "claim", "any_of": ["yes"]}}
        recoded(study, load(2, *changed(sure=asked_after_yes)))
        assert now_says(annotation) == {"claim": "maybe"}
        assert revisions(annotation)[0]["answers"] == {"claim": "maybe", "sure": 3.0}

    def test_versions_between_are_gone_through(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {"claim": "maybe"})
        paused(study)
        load(2, *SECOND)
        third = [{**one, "was": None, "map": {}} for one in SECOND]
        third[0] |= {"labels": [label("sure_yes"), label("no")], "map": {"yes": "sure_yes"}}
        third[2] |= {"depends_on": {"question": "statement", "any_of": ["sure_yes"]}}
        third[2].pop("map")
        third[3].pop("map")
        recoded(study, load(3, *third))
        assert now_says(annotation) == {"statement": "sure_yes"}

    def test_a_version_that_was_written_wrong_is_gone_past(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {"claim": "maybe"})
        paused(study)
        second = load(2, *changed(claim=None, sure=None))
        assert preview_recoding(campaign=study.campaign, after=second).obstacles
        recoded(study, load(3, *SECOND, follows=1))
        assert now_says(annotation) == {"statement": "yes"}

    def test_a_version_that_follows_an_earlier_one_cannot_be_gone_to(self, study: Study) -> None:
        paused(study)
        recoded(study, load(2, *SECOND))
        campaign = Campaign.objects.get()
        third = load(3, *SECOND, follows=1)
        with pytest.raises(Conflict, match="follows version 1, not version 2"):
            preview_recoding(campaign=campaign, after=third)

    def test_one_label_becomes_one_of_several_and_back(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {"claim": "maybe", "reasons": ["old"]})
        paused(study)
        kinds = {"claim": {"kind": "multi_label"}, "reasons": {"kind": "single_label"}}
        recoded(study, load(2, *changed(**kinds)))
        assert now_says(annotation) == {"claim": ["maybe"], "reasons": "old"}

    def test_disagreements_that_were_measured_go_along(self, study: Study) -> None:
        labeled(study, study.members[0], {})
        dispute = Dispute.objects.create(
            campaign=study.campaign, unit=study.units[0], share=1, ratings=2, measured_at=NOON
        )
        for key in ("claim", "why"):
            asked = Question.objects.get(codebook=study.campaign.codebook, key=key)
            DisputedQuestion.objects.create(dispute=dispute, question=asked, share=1)
        Campaign.objects.update(disputes_measured_at=NOON)
        paused(study)
        recoded(study, load(2, *[one for one in SECOND if one["key"] != "why"], dropped=["why"]))
        kept = DisputedQuestion.objects.select_related("question__codebook").get()
        assert (kept.question.key, kept.question.codebook.version) == ("statement", 2)
        assert Campaign.objects.get().disputes_measured_at is None


class TestPreview:
    def test_it_counts_what_becomes_of_each_label(self, study: Study) -> None:
        labeled(study, study.members[0], {})
        labeled(study, study.members[1], {"claim": "no", "reasons": ["rude"]})
        plan = preview_recoding(campaign=study.campaign, after=load(2, *SECOND))
        assert plan.obstacles == []
        assert plan.annotations == 2
        assert [
            (f.question, f.label, f.to_question, f.to_label, f.answers) for f in plan.flows
        ] == [
            ("claim", "no", "statement", "no", 1),
            ("claim", "maybe", "statement", "yes", 1),
            ("reasons", "old", "reasons", "old", 1),
            ("reasons", "rude", "reasons", "bad", 1),
            ("reasons", "wrong", "reasons", "bad", 1),
            ("sure", "", "sure", "", 1),
            ("why", "", "why", "", 1),
            ("part", "fact", "part", "words", 1),
            ("part", "opinion", "part", "words", 1),
            ("to", "agrees", None, "", 1),
        ]
        assert not Recoding.objects.exists()
        assert Campaign.objects.get().codebook.version == 1

    def test_labels_that_go_nowhere_are_named(self, study: Study) -> None:
        labeled(study, study.members[0], {})
        gone = changed(claim={"labels": [label("yes"), label("no")]}, why=None)
        gone[2] |= {"depends_on": {"question": "claim", "any_of": ["yes"]}}
        after = load(2, *gone)
        plan = preview_recoding(campaign=study.campaign, after=after)
        assert plan.obstacles == [
            "`maybe` of `claim` stands in 1 answers, and version 2 does not say what becomes of "
            "it: name it in `map`.",
            "Version 2 has no question `why`: say with `was` which question carries it on, or "
            "name it in `dropped`.",
        ]
        with pytest.raises(Conflict, match="`maybe` of `claim`"):
            start_recoding(campaign=paused(study), after=after, user=None, now=NOON)

    def test_a_label_that_nobody_gave_may_go(self, study: Study) -> None:
        labeled(study, study.members[0], {"claim": "yes"})
        after = load(
            2, *changed(claim={"labels": [label("yes"), label("no"), label("odd")]}, sure=None)
        )
        assert preview_recoding(campaign=study.campaign, after=after).obstacles == []

    def test_numbers_that_are_outside_are_named(self, study: Study) -> None:
        labeled(study, study.members[0], {"claim": "yes", "sure": 5})
        labeled(study, study.members[1], {"claim": "yes", "sure": 2})
        plan = preview_recoding(
            campaign=study.campaign, after=load(2, *changed(sure={"maximum": 4}))
        )
        assert plan.obstacles == ["`sure` does not take 5, which `sure` was answered with."]

    def test_several_labels_cannot_become_one(self, study: Study) -> None:
        labeled(study, study.members[0], {"claim": "yes", "reasons": ["old", "rude"]})
        labeled(study, study.members[1], {"claim": "yes", "reasons": ["old"]})
        single = {"kind": "single_label"}
        plan = preview_recoding(campaign=study.campaign, after=load(2, *changed(reasons=single)))
        assert plan.obstacles == [
            "`reasons` takes one label, and 1 annotations have several for `reasons`."
        ]
        as_one = {**single, "map": {"rude": "old"}}
        plan = preview_recoding(campaign=study.campaign, after=load(3, *changed(reasons=as_one)))
        assert plan.obstacles == []

    def test_required_questions_without_an_answer_are_counted(self, study: Study) -> None:
        labeled(study, study.members[0], {"claim": "yes", "why": "So."})
        labeled(study, study.members[1], {"claim": "no"})
        extra = question(
            "tone", kind="single_label", depends_on={"question": "claim", "any_of": ["yes"]}
        )
        after = load(2, *changed(why={"required": True}), extra)
        plan = preview_recoding(campaign=study.campaign, after=after)
        assert [(one.question, one.annotations) for one in plan.missing] == [
            ("why", 1),
            ("tone", 1),
        ]


class TestRefusal:
    def test_an_open_campaign_is_not_recoded(self, study: Study) -> None:
        with pytest.raises(Conflict, match=r"is open.*pause it first"):
            start_recoding(campaign=study.campaign, after=load(2, *SECOND), user=None, now=NOON)

    def test_only_a_newer_version_of_the_same_codebook_will_do(self, study: Study) -> None:
        campaign = paused(study)
        other = load_codebook(
            text=yaml.safe_dump({"key": "other", "version": 2, "title": "O", "questions": FIRST}),
            now=NOON,
        )
        for after in (campaign.codebook, other):
            with pytest.raises(Conflict, match="not a newer version"):
                start_recoding(campaign=campaign, after=after, user=None, now=NOON)
        with pytest.raises(NotFound, match="no version 1 that is newer"):
            newer_version(campaign, 1)
        assert list(newer_versions(campaign)) == []

    def test_one_at_a_time_and_the_campaign_stays_shut_meanwhile(self, study: Study) -> None:
        campaign, after = paused(study), load(2, *SECOND)
        job = start_recoding(campaign=campaign, after=after, user=None, now=NOON)
        with pytest.raises(Conflict, match="being recoded already"):
            start_recoding(campaign=campaign, after=after, user=None, now=NOON)
        with pytest.raises(Conflict, match="being recoded"):
            set_state(campaign=campaign, state="open", now=NOON)
        cancel_job(job=job, now=NOON)
        assert set_state(campaign=campaign, state="open", now=NOON).state == "open"

    def test_a_campaign_that_was_opened_all_the_same_is_left_alone(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {})
        job = start_recoding(campaign=paused(study), after=load(2, *SECOND), user=None, now=NOON)
        Campaign.objects.update(state="open")
        run_job(Recoding, job.pk, recode)
        job.refresh_from_db()
        assert job.state == "failed"
        assert "is open" in job.error
        assert now_says(annotation)["claim"] == "maybe"


class TestInterruption:
    @pytest.fixture(autouse=True)
    def chunks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "CHUNK", 2)

    def test_killed_in_the_middle_nothing_has_happened_and_it_is_done_again(
        self, study: Study, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        annotations = [labeled(study, member, {}) for member in study.members for _ in range(2)]
        before = [now_says(one) for one in annotations]
        job = start_recoding(campaign=paused(study), after=load(2, *SECOND), user=None, now=NOON)
        held = claim_job(Recoding, job.pk, now=NOON)
        assert held is not None

        class Killed(BaseException):
            pass

        def progress(self: Any, done: int, total: int | None = None) -> None:
            if done >= 2:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(RunningJob, "progress", progress)
            with pytest.raises(Killed):
                recode(RunningJob(held, clock=lambda: NOON))
        assert [now_says(one) for one in annotations] == before
        assert Revision.objects.count() == 4
        later = NOON + LEASE + timedelta(seconds=1)
        run_job(Recoding, job.pk, recode, clock=lambda: later)
        assert Recoding.objects.get().state == "done"
        assert Revision.objects.count() == 8
        assert {now_says(one)["statement"] for one in annotations} == {"yes"}

    def test_what_died_after_its_last_write_is_not_done_twice(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {})
        job = start_recoding(campaign=paused(study), after=load(2, *SECOND), user=None, now=NOON)
        held = claim_job(Recoding, job.pk, now=NOON)
        assert held is not None
        recode(RunningJob(held, clock=lambda: NOON))
        later = NOON + LEASE + timedelta(seconds=1)
        run_job(Recoding, job.pk, recode, clock=lambda: later)
        done = Recoding.objects.get()
        assert (done.state, done.counts["annotations"]) == ("done", 1)
        assert len(revisions(annotation)) == 2

    def test_cancelled_while_it_runs_nothing_has_happened(self, study: Study) -> None:
        annotation = labeled(study, study.members[0], {})
        job = start_recoding(campaign=paused(study), after=load(2, *SECOND), user=None, now=NOON)
        held = claim_job(Recoding, job.pk, now=NOON)
        assert held is not None
        cancel_job(job=held, now=NOON)
        with pytest.raises(Conflict, match="was cancelled"):
            recode(RunningJob(held, clock=lambda: NOON))
        assert now_says(annotation)["claim"] == "maybe"
        assert Campaign.objects.get().codebook.version == 1
        Recoding.objects.update(state="cancelled", lease_until=None)
        retry_job(job=held, now=NOON)
        run_job(Recoding, job.pk, recode)
        assert Campaign.objects.get().codebook.version == 2


class TestReopening:
    def test_units_that_lack_an_answer_go_back_to_whoever_labeled_them(self, study: Study) -> None:
        whole = labeled(study, study.members[0], {"claim": "yes", "why": "So."})
        lacking = labeled(study, study.members[1], {"claim": "no"})
        paused(study)
        job = recoded(study, load(2, *changed(why={"required": True})), reopen=True)
        assert job.counts["reopened"] == 1
        whole.refresh_from_db()
        lacking.refresh_from_db()
        assert (whole.state, lacking.state, lacking.submitted_at) == ("submitted", "draft", None)
        assert revisions(lacking)[-1]["state"] == "draft"
        held = Assignment.objects.get(membership=study.members[1])
        assert (held.state, held.leased_until is not None) == ("leased", True)
        set_state(campaign=Campaign.objects.get(), state="open", now=NOON)
        member = Membership.objects.get(pk=study.members[1].pk)
        unit = take_unit(membership=member, now=NOON).unit
        assert unit == lacking.unit
        answers = {**now_says(lacking), "why": "Because."}
        save = Save(save_id=uuid4(), based_on=2, state="submitted", answers=answers)
        assert save_annotation(membership=member, unit=unit, save=save, now=NOON).revision == 3

    def test_without_it_they_stay_submitted(self, study: Study) -> None:
        lacking = labeled(study, study.members[0], {"claim": "no"})
        paused(study)
        recoded(study, load(2, *changed(why={"required": True})))
        lacking.refresh_from_db()
        assert lacking.state == "submitted"

    @pytest.mark.parametrize("gone", [{"user": None}, {"role": "viewer"}])
    def test_what_only_somebody_gone_could_answer_stays(
        self, study: Study, gone: dict[str, Any]
    ) -> None:
        lacking = labeled(study, study.members[0], {"claim": "no"})
        Membership.objects.filter(pk=study.members[0].pk).update(**gone)
        paused(study)
        after = load(2, *changed(why={"required": True}))
        assert preview_recoding(campaign=study.campaign, after=after).missing == []
        job = recoded(study, after, reopen=True)
        lacking.refresh_from_db()
        assert (lacking.state, job.counts["reopened"]) == ("submitted", 0)

    def test_the_preview_promises_what_goes_back_and_no_more(self, study: Study) -> None:
        paused(study)
        unit, check, draft = study.units
        Unit.objects.filter(pk=check.pk).update(purpose="check")
        one, other = study.members
        goes = build_annotation(unit, one)
        stay = [
            build_annotation(check, one),
            build_annotation(draft, one, state="draft", submitted_at=None),
            build_annotation(unit, other, state="skipped", submitted_at=None),
            build_annotation(unit, source="adjudication"),
            build_annotation(unit, source="model"),
        ]
        before = [annotation.state for annotation in stay]
        after = load(2, *changed(why={"required": True}, claim={"required": False}))
        plan = preview_recoding(campaign=study.campaign, after=after)
        assert [(lack.question, lack.annotations) for lack in plan.missing] == [("why", 1)]
        assert recoded(study, after, reopen=True).counts["reopened"] == 1
        assert Annotation.objects.get(pk=goes.pk).state == "draft"
        assert [Annotation.objects.get(pk=kept.pk).state for kept in stay] == before


def test_a_page_that_still_shows_the_old_version_saves_nothing(study: Study) -> None:
    member = study.members[0]
    unit = take_unit(membership=member, now=NOON).unit
    paused(study)
    recoded(study, load(2, *changed(claim={"title": "Is it a claim at all?"})))
    set_state(campaign=Campaign.objects.get(), state="open", now=NOON)
    member = Membership.objects.get(pk=member.pk)

    def save(version: int | None) -> Annotation:
        sent = Save(
            save_id=uuid4(),
            based_on=0,
            state="submitted",
            answers={"claim": "no"},
            codebook_version=version,
        )
        return save_annotation(membership=member, unit=unit, save=sent, now=NOON)

    with pytest.raises(Conflict, match="version 2 of its codebook, and this page shows version 1"):
        save(1)
    assert not Annotation.objects.exists()
    assert save(2).state == "submitted"


def test_the_trace_says_what_each_answer_was_and_became(study: Study) -> None:
    first = labeled(study, study.members[0], {})
    labeled(study, study.members[1], {"claim": "no", "why": "So, “yes”."})
    paused(study)
    job = recoded(study, load(2, *SECOND))
    lines = list(csv.DictReader(b"".join(trace_csv(job)).decode().splitlines()))
    said = [(line["annotator"], line["question_before"], line["answer_before"]) for line in lines]
    assert ("A2", "why", "So, “yes”.") in said
    of_first = {
        line["question_before"]: (line["question_after"], line["answer_after"])
        for line in lines
        if line["annotation"] == str(first.pk)
    }
    assert of_first["claim"] == ("statement", "yes")
    assert of_first["to"] == ("", "")
    assert json.loads(of_first["reasons"][1]) == ["bad", "old"]
    assert {(line["revision_before"], line["revision_after"]) for line in lines} == {("1", "2")}
    assert lines[0]["comment_id"] == study.comments[0].source_id


LABELS = ["old", "rude", "wrong"]
TARGETS = st.sampled_from([*LABELS, "fresh"]) | st.none()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    maps=st.lists(st.dictionaries(st.sampled_from(LABELS), TARGETS), min_size=1, max_size=2),
    given_labels=st.lists(st.sets(st.sampled_from(LABELS)), min_size=1, max_size=3),
)
def test_nothing_is_lost_whatever_the_mapping(
    maps: list[dict[str, str | None]], given_labels: list[set[str]], db: None
) -> None:
    key = f"m-{uuid4().hex[:8]}"

    def version(number: int, said: dict[str, str | None]) -> Codebook:
        asked = question("q", *map(label, [*LABELS, "fresh"]), required=False, map=said)
        text = {"key": key, "version": number, "title": "M", "questions": [asked]}
        return load_codebook(text=yaml.safe_dump(text), now=NOON)

    study = build_study(len(given_labels), codebook=version(1, {}))
    made = []
    for labels in given_labels:
        member = study.members[0]
        unit = take_unit(membership=member, now=NOON).unit
        answers = {"q": sorted(labels)} if labels else {}
        save = Save(save_id=uuid4(), based_on=0, state="submitted", answers=answers)
        made.append(save_annotation(membership=member, unit=unit, save=save, now=NOON))
    before = [now_says(one) for one in made]
    last = [version(number, said) for number, said in enumerate(maps, 2)][-1]
    paused(study)
    recoded(study, last)
    for annotation, said, labels in zip(made, before, given_labels, strict=True):
        expected: set[str | None] = set(labels)
        for step in maps:
            expected = {step.get(one, one) if one else None for one in expected}
        assert set(now_says(annotation).get("q", [])) == expected - {None}
        first, second = revisions(annotation)
        assert first["answers"] == said
        assert second["answers"] == now_says(annotation)
