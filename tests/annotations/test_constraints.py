"""The database itself refuses what must never be: every constraint is seen to do so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, Model, ProtectedError, UniqueConstraint

from annotations.models import (
    Aggregation,
    AgreementRun,
    Annotation,
    Answer,
    Assignment,
    AuditEntry,
    Change,
    Codebook,
    Comment,
    CommentRelation,
    CommentRevision,
    Consensus,
    ContentClearance,
    ContentRule,
    Delivery,
    DeliveryTry,
    Dispute,
    DisputedQuestion,
    DuplicateGroup,
    DuplicateMember,
    Erasure,
    ExportRun,
    Invitation,
    Job,
    Label,
    Membership,
    NoteReply,
    Question,
    Ranking,
    Recoding,
    Release,
    Revision,
    RuleRun,
    Ruling,
    Sample,
    TextScan,
    Turn,
    Unit,
    Webhook,
)
from importers.models import ImportPiece, ImportRun
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_campaign,
    build_category,
    build_codebook,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
    build_user,
    build_warning,
)

pytestmark = pytest.mark.django_db

M = TypeVar("M", bound=Model)
Act = Callable[[], object]
CONSTRAINTS = {
    constraint.name: (model, constraint)
    for label in ("annotations", "importers")
    for model in apps.get_app_config(label).get_models()
    for constraint in model._meta.constraints
}


def comment(**fields: Any) -> Comment:
    return build_comment(build_thread(build_corpus()), **fields)


def question(**fields: Any) -> Question:
    given = {"key": "q", "position": 99, "kind": "text", **fields}
    return Question.objects.create(codebook=build_codebook(), **given)


def label(**fields: Any) -> Label:
    return Label.objects.create(question=question(), key="l", position=0, **fields)


def unit(**fields: Any) -> Unit:
    return build_unit(build_campaign(), **fields)


def thread_unit() -> Unit:
    campaign = build_campaign()
    return build_unit(campaign, thread=build_thread(campaign.corpus))


def member(**fields: Any) -> Membership:
    return build_membership(build_campaign(), **fields)


def assignment(*, held: bool = False, **fields: Any) -> Assignment:
    one = unit()
    holder = build_membership(one.campaign) if held else None
    given = {"slot": 1, "order": 0, "membership": holder, **fields}
    return Assignment.objects.create(campaign=one.campaign, unit=one, **given)


def annotation(**fields: Any) -> Annotation:
    return build_annotation(unit(), **fields)


def nobodys(source: str) -> Annotation:
    one = annotation(source="gold")
    one.source = source
    one.save()
    return one


def answer(key: str, **fields: Any) -> Answer:
    return build_answer(annotation(), key, **fields)


def revision() -> Revision:
    return Revision.objects.create(
        annotation=annotation(), number=1, save_id=uuid4(), content={}, saved_at=NOON
    )


def ruling(**fields: Any) -> Ruling:
    given = {"text": "Irony is no claim.", "created_at": NOON, **fields}
    return Ruling.objects.create(campaign=build_campaign(), **given)


def erasure(**fields: Any) -> Erasure:
    return Erasure.objects.create(erased_at=NOON, **fields)


def audit_entry(act: str, **fields: Any) -> AuditEntry:
    return AuditEntry.objects.create(at=NOON, act=act, way="command", **fields)


def comment_revision() -> CommentRevision:
    return CommentRevision.objects.create(comment=comment(), number=1, replaced_at=NOON)


def relation(**fields: Any) -> CommentRelation:
    given = {"kind": "quote", "basis": "given", "start": 0, "end": 3, **fields}
    return CommentRelation.objects.create(comment=comment(), **given)


def export(**fields: Any) -> Job:
    return ExportRun.objects.create(campaign=build_campaign(), created_at=NOON, **fields)


def import_piece(**fields: Any) -> Job:
    given = {"run": import_run(), "number": 0, **fields} if "run" not in fields else fields
    return ImportPiece.objects.create(start=0, end=1, created_at=NOON, **given)


def the_same_piece_twice() -> Job:
    run = import_run()
    import_piece(run=run, number=1)
    return import_piece(run=run, number=1)


def import_run(**fields: Any) -> Job:
    return ImportRun.objects.create(corpus=build_corpus(), created_at=NOON, **fields)


def scan(**fields: Any) -> Job:
    return TextScan.objects.create(corpus=build_corpus(), created_at=NOON, **fields)


def duplicate_group(**fields: Any) -> DuplicateGroup:
    one = comment()
    given = {"rank": 1, "size": 2, "authors": 1, "threads": 1, "example": one, **fields}
    return DuplicateGroup.objects.create(corpus=one.corpus, **given)


def duplicate_member(**fields: Any) -> DuplicateMember:
    group = duplicate_group()
    given = {"comment": group.example, "position": 0, "similarity": 1.0, **fields}
    return DuplicateMember.objects.create(group=group, **given)


def rule(**fields: Any) -> ContentRule:
    given = {"kind": "words", "words": ["damn"], **fields}
    return ContentRule.objects.create(
        corpus=build_corpus(), category=build_category(), created_at=NOON, **given
    )


def clearance() -> ContentClearance:
    return ContentClearance.objects.create(
        comment=comment(), category=build_category(), created_at=NOON
    )


def sample(**fields: Any) -> Job:
    return Sample.objects.create(campaign=build_campaign(), created_at=NOON, **fields)


def ranking(**fields: Any) -> Job:
    return Ranking.objects.create(campaign=build_campaign(), created_at=NOON, **fields)


def agreement_run(**fields: Any) -> Job:
    return AgreementRun.objects.create(campaign=build_campaign(), created_at=NOON, **fields)


def aggregation(**fields: Any) -> Aggregation:
    given = {"method": "majority", "created_at": NOON, **fields}
    return Aggregation.objects.create(campaign=build_campaign(), **given)


def recoding(**fields: Any) -> Job:
    campaign = build_campaign()
    given = {"before": campaign.codebook, "after": build_codebook(), **fields}
    return Recoding.objects.create(campaign=campaign, created_at=NOON, **given)


def release(**fields: Any) -> Job:
    given = {"campaign": fields.pop("campaign", None) or build_campaign(), **fields}
    return Release.objects.create(title="The bridge", created_at=NOON, **given)


def rule_run(**fields: Any) -> Job:
    member = build_membership(build_campaign())
    given = {"membership": member, "least": 3, **fields}
    return RuleRun.objects.create(campaign=member.campaign, created_at=NOON, **given)


def released_twice() -> Job:
    campaign = build_campaign()
    release(campaign=campaign, version="1.0")
    return release(campaign=campaign, version="1.0")


def change(**fields: Any) -> Change:
    given = {"corpus": build_corpus(), "kind": "comment", "row": 1, "changed_at": NOON}
    return Change.objects.create(**{**given, **fields})


def changed_twice() -> Change:
    change()
    return change()


def number_given_twice(**feed: Any) -> Change:
    for row in (1, 2):
        made = change(row=row, number=7, pending=False, **feed)
    return made


def webhook(**fields: Any) -> Webhook:
    given = {"campaign": build_campaign(), "url": "https://lab.example/", "created_at": NOON}
    return Webhook.objects.create(**given, **fields)


def delivery(**fields: Any) -> Delivery:
    given = {"subject": "export:1", "event": "export.done", "created_at": NOON, "next_try_at": NOON}
    if "webhook" not in fields:
        given["webhook"] = webhook()
    return Delivery.objects.create(**{**given, **fields})


def told_twice() -> Delivery:
    one = delivery()
    return delivery(webhook=one.webhook)


def delivery_try(**fields: Any) -> DeliveryTry:
    given = {"number": 1, "tried_at": NOON, "seconds": 0.1, "status": 204, **fields}
    return DeliveryTry.objects.create(delivery=given.pop("delivery", None) or delivery(), **given)


def tried_twice() -> DeliveryTry:
    one = delivery_try()
    return delivery_try(delivery=one.delivery)


def recoding_to_the_same() -> Job:
    one = build_codebook()
    return recoding(before=one, after=one)


def consensus() -> Consensus:
    one = unit()
    asked = one.campaign.codebook.questions.get(key="claim")
    return Consensus.objects.create(aggregation=aggregation(), unit=one, question=asked)


def turn(**fields: Any) -> Turn:
    campaign = build_campaign()
    given = {"slot": 1, "first": 0, "last": 3, **fields}
    return Turn.objects.create(campaign=campaign, thread=build_thread(campaign.corpus), **given)


def held_turn() -> Turn:
    one = turn()
    return changed(one, membership=build_membership(one.campaign))


def invitation(**fields: Any) -> Invitation:
    given = {"role": "annotator", "token_hash": uuid4().hex, "expires_at": NOON, **fields}
    return Invitation.objects.create(
        campaign=build_campaign(), prefix="abc", created_at=NOON, **given
    )


def dispute(**fields: Any) -> Dispute:
    one = unit()
    given = {"share": 0.5, "ratings": 2, "measured_at": NOON, **fields}
    return Dispute.objects.create(campaign=one.campaign, unit=one, **given)


def disputed_question(**fields: Any) -> DisputedQuestion:
    one = dispute()
    asked = one.campaign.codebook.questions.get(key="claim")
    return DisputedQuestion.objects.create(dispute=one, question=asked, **{"share": 0.5, **fields})


def note_reply(**fields: Any) -> NoteReply:
    return NoteReply.objects.create(annotation=annotation(), created_at=NOON, **fields)


def adjudicated() -> Annotation:
    return annotation(source="adjudication")


def repeat_of(one: Unit, **fields: Any) -> Unit:
    given = {"purpose": "repeat", "repeat_of": one, **fields}
    return build_unit(one.campaign, one.comment, order=one.campaign.units.count(), **given)


def changed(row: M, **fields: Any) -> M:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def again(row: M, **changes: Any) -> M:
    """The same row a second time, but for these changes."""
    row.pk = None
    row._state.adding = True
    return changed(row, **changes)


def answering_itself() -> object:
    one = comment()
    return changed(one, reply_to=one)


def label_of(given: Answer, key: str) -> Label:
    return given.question.labels.get(key=key)


REFUSED: list[tuple[str, Act]] = [
    ("annotation_by_a_model_names_it", lambda: annotation(source="model", model="")),
    ("annotation_by_a_model_names_it", lambda: annotation(model="guesser-1")),
    ("annotation_by_a_person_has_one", lambda: nobodys("human")),
    ("annotation_by_a_person_has_one", lambda: nobodys("adjudication")),
    ("annotation_harmful_is_skipped", lambda: annotation(harmful=True)),
    ("annotation_confidence_1_to_3", lambda: annotation(confidence=0)),
    ("annotation_confidence_1_to_3", lambda: annotation(confidence=4)),
    ("annotation_once_per_annotator", lambda: again(annotation())),
    ("annotation_once_per_model", lambda: again(annotation(source="model"))),
    ("annotation_source_known", lambda: annotation(source="guess", membership=member())),
    ("annotation_state_known", lambda: annotation(state="done")),
    ("annotation_submitted_has_time", lambda: annotation(submitted_at=None)),
    ("answer_label_once", lambda: again(answer("reasons", label="old"), position=1)),
    ("answer_position_once", lambda: again(answer("why", text="a"), text="b")),
    ("answer_says_something", lambda: answer("why", text="")),
    ("answer_span_is_whole", lambda: answer("part", label="fact", start=1)),
    ("answer_span_is_whole", lambda: answer("part", label="fact", start=1, end=3)),
    ("answer_span_is_whole", lambda: answer("part", label="fact", start=3, end=3, quote="x")),
    ("answer_span_is_whole", lambda: answer("part", label="fact", quote="x")),
    (
        "assignment_once_per_annotator",
        lambda: again(assignment(held=True, state="skipped"), slot=2),
    ),
    ("assignment_slot_once", lambda: again(assignment())),
    ("assignment_state_fits_holder", lambda: assignment(state="pending", held=True)),
    ("assignment_state_fits_holder", lambda: assignment(state="leased", leased_until=NOON)),
    ("assignment_state_fits_holder", lambda: assignment(state="leased", held=True)),
    ("assignment_state_fits_holder", lambda: assignment(state="submitted")),
    ("assignment_state_fits_holder", lambda: assignment(state="lost", held=True)),
    ("audit_entry_forgets_if_it_says_so", lambda: audit_entry("log_forgotten")),
    (
        "audit_entry_forgets_if_it_says_so",
        lambda: audit_entry("logged_in", forgets_before=NOON),
    ),
    ("author_once_in_corpus", lambda: again(build_author(build_corpus()), name="Eve")),
    ("campaign_cap_leaves_some", lambda: build_campaign(daily_units=0)),
    ("campaign_cap_leaves_some", lambda: build_campaign(daily_warned=0)),
    ("campaign_lease_not_empty", lambda: build_campaign(lease_minutes=0)),
    ("campaign_overlap_1_to_100", lambda: build_campaign(overlap=0)),
    ("campaign_overlap_1_to_100", lambda: build_campaign(overlap=101)),
    ("campaign_state_known", lambda: build_campaign(state="ajar")),
    ("codebook_version_from_1", lambda: build_codebook(version=0)),
    ("codebook_version_once", lambda: again(build_codebook(), title="Other")),
    ("comment_answers_another", answering_itself),
    ("comment_kind_known", lambda: comment(kind="reply")),
    ("comment_once_in_corpus", lambda: again(comment(), text="Other")),
    ("comment_revision_once", lambda: again(comment_revision(), text="Other")),
    ("comment_status_known", lambda: comment(status="gone")),
    ("content_clearance_once_per_category", lambda: again(clearance(), added_by=None)),
    ("content_rule_says_what", lambda: rule(words=[])),
    ("content_rule_says_what", lambda: rule(field="over_18")),
    ("content_rule_says_what", lambda: rule(kind="field", field="over_18")),
    ("content_rule_says_what", lambda: rule(kind="field", words=[])),
    ("content_rule_says_what", lambda: rule(kind="regex")),
    ("content_warning_has_its_basis", lambda: build_warning(comment(), rule=rule())),
    ("content_warning_has_its_basis", lambda: build_warning(comment(), basis="guess")),
    (
        "content_warning_once_per_category",
        lambda: again(build_warning(comment()), basis="rule"),
    ),
    ("erasure_is_of_somebody", lambda: erasure(kind="author")),
    ("erasure_is_of_somebody", lambda: erasure(kind="account", corpus=build_corpus())),
    ("label_hotkey_once_in_question", lambda: again(label(hotkey="1"), key="other")),
    ("label_once_in_question", lambda: again(label(hotkey="1"), hotkey="2")),
    ("membership_number_once", lambda: again(member(), user=None)),
    ("membership_once", lambda: again(member(), number=2)),
    ("membership_role_known", lambda: member(role="boss")),
    ("question_kind_known", lambda: question(kind="essay")),
    ("question_once_in_codebook", lambda: again(question(), position=100)),
    ("question_position_once", lambda: again(question(), key="other")),
    ("question_unit_known", lambda: question(unit="word")),
    ("relation_has_its_target", lambda: relation(kind="quote")),
    ("relation_has_its_target", lambda: relation(kind="mention", target=comment())),
    ("relation_is_not_empty", lambda: relation(end=0, target=comment())),
    ("revision_number_once", lambda: again(revision(), save_id=uuid4())),
    ("ruling_says_something", lambda: ruling(text="")),
    ("textscan_lease_while_running", lambda: scan(state="running")),
    ("textscan_lease_while_running", lambda: scan(lease_until=NOON)),
    ("textscan_failure_has_words", lambda: scan(state="failed")),
    ("textscan_state_known", lambda: scan(state="stuck")),
    ("thread_once_in_corpus", lambda: again(build_thread(build_corpus()), title="Other")),
    ("unit_comment_once", lambda: again(unit(), order=1)),
    ("unit_order_once", lambda: again(unit(), comment=comment())),
    ("unit_thread_once", lambda: again(thread_unit(), order=1)),
    ("duplicate_group_of_two", lambda: duplicate_group(size=1)),
    ("duplicate_group_once_at_its_rank", lambda: again(duplicate_group())),
    (
        "duplicate_member_once_at_its_position",
        lambda: again(duplicate_member(), comment=comment()),
    ),
    ("duplicate_similarity_is_a_share", lambda: duplicate_member(similarity=1.5)),
    ("duplicate_similarity_is_a_share", lambda: duplicate_member(similarity=-0.1)),
    ("exportrun_lease_while_running", lambda: export(state="running")),
    ("exportrun_lease_while_running", lambda: export(lease_until=NOON)),
    ("exportrun_failure_has_words", lambda: export(state="failed")),
    ("exportrun_state_known", lambda: export(state="stuck")),
    ("importrun_lease_while_running", lambda: import_run(state="running")),
    ("importrun_lease_while_running", lambda: import_run(lease_until=NOON)),
    ("importrun_failure_has_words", lambda: import_run(state="failed")),
    ("importrun_state_known", lambda: import_run(state="stuck")),
    ("importpiece_lease_while_running", lambda: import_piece(state="running")),
    ("importpiece_lease_while_running", lambda: import_piece(lease_until=NOON)),
    ("importpiece_failure_has_words", lambda: import_piece(state="failed")),
    ("importpiece_state_known", lambda: import_piece(state="stuck")),
    ("import_piece_once", the_same_piece_twice),
    ("aggregation_method_known", lambda: aggregation(method="guess")),
    ("annotation_adjudicated_once", lambda: again(adjudicated(), membership=member())),
    ("annotation_certainty_of_a_model", lambda: annotation(source="model", certainty=1.5)),
    ("annotation_certainty_of_a_model", lambda: annotation(certainty=0.5)),
    ("annotation_settled_by_a_rule", lambda: annotation(rule="3 of 3 agree")),
    ("assignment_score_is_a_share", lambda: assignment(score=1.5)),
    ("campaign_checks_leave_work", lambda: build_campaign(check_every=1)),
    ("campaign_checks_leave_work", lambda: build_campaign(repeat_every=1)),
    ("campaign_checks_leave_work", lambda: build_campaign(check_window=0)),
    ("campaign_more_is_more", lambda: build_campaign(overlap=2, overlap_more=2)),
    ("campaign_more_is_more", lambda: build_campaign(overlap_more=101)),
    ("campaign_scores_are_shares", lambda: build_campaign(test_score=1.1)),
    ("campaign_scores_are_shares", lambda: build_campaign(check_score=-0.1)),
    ("campaign_share_is_a_share", lambda: build_campaign(share_more=1.1)),
    ("consensus_once", lambda: again(consensus(), value="yes")),
    ("dispute_held_by_somebody", lambda: dispute(held_until=NOON)),
    ("dispute_share_is_a_share", lambda: dispute(share=1.1)),
    ("disputed_question_once", lambda: again(disputed_question(), share=0.1)),
    ("disputed_question_share_is_a_share", lambda: disputed_question(share=-0.1)),
    ("invitation_not_overused", lambda: invitation(most_uses=1, uses=2)),
    ("invitation_role_known", lambda: invitation(role="boss")),
    ("membership_reason_of_a_pause", lambda: member(pause_reason="Too fast.")),
    ("note_reply_to_a_note", lambda: note_reply(note="")),
    ("recoding_changes_something", recoding_to_the_same),
    ("turn_has_units", lambda: turn(first=4)),
    ("turn_once", lambda: again(turn(), last=9)),
    ("turn_once_per_annotator", lambda: again(held_turn(), slot=2)),
    ("turn_state_fits_holder", lambda: turn(held_until=NOON)),
    ("turn_state_fits_holder", lambda: turn(done_at=NOON)),
    ("unit_purpose_known", lambda: unit(purpose="fun")),
    ("unit_purpose_known", lambda: unit(purpose="repeat")),
    ("sample_lease_while_running", lambda: sample(state="running")),
    ("sample_lease_while_running", lambda: sample(lease_until=NOON)),
    ("sample_failure_has_words", lambda: sample(state="failed")),
    ("sample_state_known", lambda: sample(state="stuck")),
    ("ranking_lease_while_running", lambda: ranking(state="running")),
    ("ranking_lease_while_running", lambda: ranking(lease_until=NOON)),
    ("ranking_failure_has_words", lambda: ranking(state="failed")),
    ("ranking_state_known", lambda: ranking(state="stuck")),
    ("agreementrun_lease_while_running", lambda: agreement_run(state="running")),
    ("agreementrun_lease_while_running", lambda: agreement_run(lease_until=NOON)),
    ("agreementrun_failure_has_words", lambda: agreement_run(state="failed")),
    ("agreementrun_state_known", lambda: agreement_run(state="stuck")),
    ("aggregation_lease_while_running", lambda: aggregation(state="running")),
    ("aggregation_lease_while_running", lambda: aggregation(lease_until=NOON)),
    ("aggregation_failure_has_words", lambda: aggregation(state="failed")),
    ("aggregation_state_known", lambda: aggregation(state="stuck")),
    ("recoding_lease_while_running", lambda: recoding(state="running")),
    ("recoding_lease_while_running", lambda: recoding(lease_until=NOON)),
    ("recoding_failure_has_words", lambda: recoding(state="failed")),
    ("recoding_state_known", lambda: recoding(state="stuck")),
    ("release_lease_while_running", lambda: release(state="running")),
    ("release_lease_while_running", lambda: release(lease_until=NOON)),
    ("release_failure_has_words", lambda: release(state="failed")),
    ("release_state_known", lambda: release(state="stuck")),
    ("release_version_once", released_twice),
    ("release_done_has_a_checksum", lambda: release(state="done")),
    ("release_withdrawn_for_a_reason", lambda: release(withdrawn_at=NOON)),
    ("release_frozen_at_a_time", lambda: release(frozen="releases/1")),
    ("change_once_per_row", changed_twice),
    ("change_in_its_feed", lambda: change(corpus=None)),
    ("change_in_its_feed", lambda: change(kind="annotation")),
    ("change_in_its_feed", lambda: change(campaign=build_campaign())),
    ("change_pending_or_numbered", lambda: change(pending=False)),
    ("change_number_in_a_corpus", lambda: number_given_twice(corpus=build_corpus())),
    (
        "change_number_in_a_campaign",
        lambda: number_given_twice(corpus=None, campaign=build_campaign(), kind="annotation"),
    ),
    ("webhook_paused_for_a_reason", lambda: webhook(paused_at=NOON)),
    ("delivery_once_per_event", told_twice),
    ("delivery_due_while_waiting", lambda: delivery(next_try_at=None)),
    ("delivery_due_while_waiting", lambda: delivery(state="failed")),
    ("delivery_delivered_at_a_time", lambda: delivery(state="delivered", next_try_at=None)),
    ("delivery_try_once", tried_twice),
    ("delivery_try_has_an_outcome", lambda: delivery_try(status=None)),
    ("rulerun_lease_while_running", lambda: rule_run(state="running")),
    ("rulerun_lease_while_running", lambda: rule_run(lease_until=NOON)),
    ("rulerun_failure_has_words", lambda: rule_run(state="failed")),
    ("rulerun_state_known", lambda: rule_run(state="stuck")),
    ("rule_run_is_a_majority", lambda: rule_run(least=1)),
    ("rule_run_is_a_majority", lambda: rule_run(agree=0.5)),
    ("rule_run_is_a_majority", lambda: rule_run(agree=1.1)),
]


def words_of(name: str) -> str:
    """What the database says when this constraint refuses: its name, or SQLite's columns."""
    model, constraint = CONSTRAINTS[name]
    if connection.vendor == "postgresql" or isinstance(constraint, CheckConstraint):
        return name
    assert isinstance(constraint, UniqueConstraint)
    table, fields = model._meta.db_table, {field.name: field for field in model._meta.fields}
    return ", ".join(f"{table}.{fields[name].column}" for name in constraint.fields)


@pytest.mark.parametrize(("name", "act"), REFUSED, ids=[name for name, _ in REFUSED])
def test_it_is_refused(name: str, act: Act) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    assert words_of(name) in str(refused.value)


def test_no_constraint_goes_untried() -> None:
    assert {name for name, _ in REFUSED} == CONSTRAINTS.keys()


def test_a_save_id_is_used_once() -> None:
    one, other = revision(), annotation()
    with pytest.raises(IntegrityError, match="save_id"), transaction.atomic():
        again(one, annotation=other)


class TestAllowed:
    """What looks like the above but is right."""

    def test_several_members_whose_users_are_gone(self) -> None:
        campaign = build_campaign()
        for number in (1, 2):
            again(changed(build_membership(campaign, number=number), user=None), number=number + 5)
        assert campaign.memberships.filter(user=None).count() == 4

    def test_a_model_s_annotation_beside_a_person_s(self) -> None:
        one = annotation()
        again(one, source="model", model="guesser-1", membership=None)
        again(one, model="guesser-2")
        again(one, source="gold", model="")
        assert one.unit.annotations.count() == 4

    def test_several_spans_with_the_same_label(self) -> None:
        one = answer("part", label="fact", start=0, end=3, quote="The")
        again(one, position=1, start=4, end=10, quote="bridge")
        assert one.annotation.answers.count() == 2

    def test_a_comment_once_more_as_a_repeat(self) -> None:
        one = unit()
        assert repeat_of(one).comment == one.comment

    def test_a_thread_s_unit_beside_those_of_its_comments(self) -> None:
        one = unit()
        again(one, order=1, comment=None)
        assert one.campaign.units.count() == 2


class TestForEver:
    """Loaded codebooks and what was once said: no update gets through, from wherever it comes."""

    @pytest.mark.parametrize(
        ("make", "field", "words"),
        [
            (build_codebook, "title", "load a new version"),
            (question, "title", "load a new version"),
            (label, "definition", "load a new version"),
            (revision, "state", "once said never changes"),
            (comment_revision, "text", "once said never changes"),
            (ruling, "text", "add another one"),
        ],
        ids=["codebook", "question", "label", "revision", "comment_revision", "ruling"],
    )
    def test_a_change_is_refused(self, make: Callable[[], Model], field: str, words: str) -> None:
        row = make()
        before = getattr(row, field)
        table = row._meta.db_table
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(**{field: "new"})
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            changed(row, **{field: "new"})
        with (
            pytest.raises(IntegrityError, match=words),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table} SET {field} = 'new'")  # noqa: S608
        row.refresh_from_db()
        assert getattr(row, field) == before

    @pytest.mark.parametrize(
        ("make", "kept", "erased"),
        [
            (revision, {"state": "skipped"}, {"content": {}, "erased_at": NOON}),
            (comment_revision, {"number": 7}, {"text": ""}),
        ],
        ids=["revision", "comment_revision"],
    )
    def test_words_alone_may_be_erased(
        self, make: Callable[[], Model], kept: dict[str, Any], erased: dict[str, Any]
    ) -> None:
        row = make()
        rows = type(row)._default_manager.filter(pk=row.pk)
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            rows.update(**kept, **erased)
        assert rows.update(**erased) == 1
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            rows.update(**kept)

    def test_who_made_a_ruling_may_be_forgotten(self) -> None:
        user = build_user()
        one = ruling(created_by=user)
        user.delete()
        one.refresh_from_db()
        assert (one.created_by, one.text) == (None, "Irony is no claim.")

    def test_what_labels_hang_on_cannot_be_deleted(self) -> None:
        given = answer("claim", label="yes")
        one = given.annotation
        assert one.membership is not None
        assert one.unit.comment is not None
        for row in (
            one.membership,
            one.unit,
            one.unit.comment,
            one.unit.campaign,
            one.unit.campaign.corpus,
            given.question,
            label_of(given, "yes"),
            Codebook.objects.get(pk=given.question.codebook_id),
        ):
            with pytest.raises(ProtectedError):
                row.delete()
        revised = revision()
        with pytest.raises(ProtectedError):
            revised.annotation.delete()
