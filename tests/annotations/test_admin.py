"""The admin: every table opens, fast however full it is, and nothing goes past the services."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import models
from annotations.admin.tables import CappedPaginator
from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Comment,
    CommentRelation,
    CommentRevision,
    Corpus,
    ExportRun,
    Membership,
    Release,
    Revision,
    User,
    Worker,
)
from annotations.services.invitations import create_invitation
from importers.models import ImportPiece, ImportRun, ImportTouch
from tests import builders as build
from tests.annotations.study import draw

pytestmark = pytest.mark.django_db
OURS = [
    model
    for model in admin.site._registry
    if model.__module__.startswith(("annotations", "importers"))
]
APPENDED = [
    *(models.Thread, models.Author, Comment, CommentRelation, CommentRevision),
    *(models.Codebook, models.Question, models.Label, models.Unit, Assignment),
    *(Annotation, models.Answer, Revision, models.Ruling, ExportRun, ImportRun, Worker),
    *(models.Recoding, models.TextScan, models.DuplicateGroup, models.DuplicateMember),
    *(models.ContentRule, models.ContentWarning, models.ContentClearance),
    *(ImportPiece, ImportTouch),
    *(models.Sample, models.Ranking, models.Turn, models.Invitation, models.Recoding),
    *(models.AgreementRun, models.Aggregation, models.Consensus),
    *(models.Dispute, models.DisputedQuestion, models.NoteReply, models.RuleRun),
    *(Release, models.Change, models.Webhook, models.Delivery, models.DeliveryTry),
    *(models.Erasure, models.AuditEntry),
]


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def fill(count: int) -> None:
    """So many rows of every table, each with parents of its own."""
    for number in range(count):
        campaign = build.build_campaign()
        thread = build.build_thread(campaign.corpus)
        author = build.build_author(campaign.corpus)
        first = build.build_comment(thread, author=author)
        comment = build.build_comment(thread, author=author, reply_to=first)
        CommentRevision.objects.create(comment=comment, number=1, replaced_at=build.NOON)
        CommentRelation.objects.create(
            comment=comment, kind="quote", basis="given", start=0, end=3, target=first
        )
        annotation = build.build_annotation(build.build_unit(campaign, comment))
        build.build_answer(annotation, "claim", label="yes")
        member = annotation.membership
        assert member is not None
        Assignment.objects.create(
            campaign=campaign,
            unit=annotation.unit,
            slot=1,
            order=0,
            membership=member,
            state="submitted",
        )
        campaign.rulings.create(text="Irony is no claim.", created_at=build.NOON)
        create_invitation(campaign=campaign, role="viewer", days=7, created_by=None, now=build.NOON)
        Revision.objects.create(
            annotation=annotation,
            number=1,
            save_id=f"00000000-0000-4000-8000-{annotation.pk:012}",
            state="submitted",
            content={},
            saved_at=build.NOON,
        )
        campaign.exports.create(format="csv", created_at=build.NOON, created_by=member.user)
        run = ImportRun.objects.create(
            corpus=campaign.corpus, created_at=build.NOON, created_by=member.user
        )
        run.pieces.create(number=0, start=0, end=1, created_at=build.NOON)
        run.touches.create(kind="thread", row=thread.pk, outcome=ImportTouch.Outcome.CREATED)
        models.Recoding.objects.create(
            campaign=campaign,
            before=campaign.codebook,
            after=build.build_codebook(),
            created_at=build.NOON,
        )
        models.TextScan.objects.create(
            corpus=campaign.corpus, created_at=build.NOON, created_by=member.user
        )
        group = models.DuplicateGroup.objects.create(
            corpus=campaign.corpus, rank=1, size=2, authors=1, threads=1, example=first
        )
        for position, one in enumerate((first, comment)):
            models.DuplicateMember.objects.create(
                group=group, comment=one, position=position, similarity=1
            )
        _fill_study(campaign, annotation)
        category = build.build_category(f"kind-{models.ContentCategory.objects.count()}")
        said = {"category": category, "created_at": build.NOON}
        rule = campaign.corpus.content_rules.create(kind="words", words=["damn"], **said)
        first.warnings.create(basis="rule", rule=rule, **said)
        first.clearances.create(**said)
        Worker.objects.create(name=f"worker-{Worker.objects.count()}", seen_at=build.NOON)
        assert member.user is not None
        models.ApiToken.objects.create(user=member.user, name=f"token {number}")


def _fill_study(campaign: Campaign, annotation: Annotation) -> None:
    """One row of what the study around the labels keeps."""
    unit, by = annotation.unit, annotation.membership
    assert by is not None
    asked = {"created_at": build.NOON, "created_by": by.user}
    question = campaign.codebook.questions.get(key="claim")
    campaign.samples.create(**asked)
    campaign.rankings.create(**asked)
    campaign.agreements.create(**asked)
    campaign.recodings.create(before=campaign.codebook, after=build.build_codebook(), **asked)
    aggregation = campaign.aggregations.create(method="majority", **asked)
    aggregation.consensus.create(unit=unit, question=question, value="yes")
    campaign.turns.create(thread=unit.thread, slot=1, first=0, last=0, membership=by)
    campaign.invitations.create(
        role="annotator", token_hash=f"hash-{by.pk}", prefix="abc", expires_at=build.NOON, **asked
    )
    dispute = campaign.disputes.create(
        unit=unit, share=0.5, ratings=2, measured_at=build.NOON, membership=by
    )
    dispute.questions.create(question=question, share=0.5)
    annotation.replies.create(note="Irony?", **asked)
    campaign.corpus.erasures.create(kind="author", erased_by=by.user, erased_at=build.NOON)
    models.RuleRun.objects.create(campaign=campaign, membership=by, least=2, **asked)
    campaign.releases.create(title="The bridge", version=f"1.{by.pk}", **asked)
    campaign.changes.create(kind="annotation", row=annotation.pk, changed_at=build.NOON)
    webhook = campaign.webhooks.create(url="https://lab.example/", **asked)
    told = {"event": "export.done", "subject": "export:1", "body": "{}"}
    delivery = webhook.deliveries.create(**told, created_at=build.NOON, next_try_at=build.NOON)
    delivery.log.create(number=1, tried_at=build.NOON, seconds=0.1, status=500)


def address(model: type[Model], page: str, *arguments: object) -> str:
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=arguments)


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_every_table_of_ours_is_in_the_admin() -> None:
    from django.apps import apps

    tables = {*apps.get_app_config("annotations").get_models()}
    tables |= {*apps.get_app_config("importers").get_models()}
    assert set(OURS) == tables


@pytest.mark.slow
def test_every_table_is_called_by_a_plural_of_english() -> None:
    """Django puts an s behind whatever name it is not told the plural of."""
    called = [str(model._meta.verbose_name_plural) for model in OURS]
    assert [one for one in called if re.search(r"(s|x|z|ch|sh|[^aeiou]y)s$", one)] == []


def test_every_list_costs_the_same_queries_for_5_rows_and_50(root: Client) -> None:
    fill(5)
    for model in OURS:  # the audit log notes once an hour that somebody looks
        queries(root, address(model, "changelist"))
    few = {model: queries(root, address(model, "changelist")) for model in OURS}
    fill(45)
    many = {model: queries(root, address(model, "changelist")) for model in OURS}
    assert few == many
    assert max(many.values()) <= 10


@pytest.mark.slow
def test_every_row_opens_at_a_cost_that_does_not_grow(root: Client) -> None:
    fill(3)
    for model in OURS:  # Django remembers content types from the first time on
        queries(root, _newest(model))
    few = {model: queries(root, _newest(model)) for model in OURS}
    fill(20)
    many = {model: queries(root, _newest(model)) for model in OURS}
    assert few == many
    assert max(many.values()) <= 20


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_table_can_be_searched(root: Client, model: type[Model]) -> None:
    fill(1)
    for words in ("bridge", "7", "😀"):
        assert root.get(address(model, "changelist"), {"q": words}).status_code == 200


@pytest.mark.once
@pytest.mark.parametrize("model", APPENDED, ids=lambda model: model.__name__)
def test_what_is_only_appended_is_only_shown(root: Client, model: type[Model]) -> None:
    fill(1)
    row = model._default_manager.latest("pk")
    assert root.get(address(model, "add")).status_code == 403
    assert root.post(address(model, "change", row.pk), {"key": "x"}).status_code == 403
    assert root.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert "_save" not in root.get(address(model, "change", row.pk)).content.decode()


@pytest.mark.slow
def test_a_large_table_is_counted_to_10_000_and_no_further(root: Client) -> None:
    thread = build.build_thread(build.build_corpus())
    Comment.objects.bulk_create(
        Comment(
            corpus=thread.corpus,
            thread=thread,
            source_id=f"c{n}",
            ordinal=n,
            position=n,
            text="words",
            created_at=build.NOON,
        )
        for n in range(10_050)
    )
    assert CappedPaginator(Comment.objects.order_by("-pk"), 50).count == 10_000
    html = root.get(address(Comment, "changelist")).content.decode()
    assert "The first 10000 comments: search to find others" in " ".join(html.split())
    oldest = Comment.objects.earliest("pk")
    found = root.get(address(Comment, "changelist"), {"q": str(oldest.pk)})
    assert list(found.context["cl"].result_list) == [oldest]


def test_a_corpus_that_names_its_authors_otherwise_is_told_to_mirrors(root: Client) -> None:
    comment = build.build_comment(build.build_thread(build.build_corpus()))
    sent = {"name": "Renamed", "description": "", "licence": "", "author_names": "shown"}
    for _ in range(2):
        root.post(address(Corpus, "change", comment.corpus_id), sent)
    assert Corpus.objects.get().name == "Renamed"
    assert list(Corpus.objects.get().changes.values_list("kind", "row")) == [
        ("comment", comment.pk)
    ]


def test_a_campaign_made_here_has_its_units_and_slots(root: Client) -> None:
    comment = build.build_comment(build.build_thread(build.build_corpus()))
    root.post(address(Campaign, "add"), _campaign(comment.corpus))
    made = Campaign.objects.get(slug="made")
    draw(made)
    assert made.units.count() == 1
    assert made.assignments.count() == 3
    assert (made.break_minutes, made.cover_content) == (20, False)
    assert made.show_names
    assert not made.show_scores


def test_a_campaign_on_an_empty_corpus_is_refused_in_words(root: Client) -> None:
    sent = _campaign(build.build_corpus())
    html = root.post(address(Campaign, "add"), sent, follow=True).content.decode()
    assert "holds no visible comment" in html
    assert not Campaign.objects.exists()


def test_of_a_campaign_only_its_texts_and_its_care_change_later(root: Client) -> None:
    campaign = build.build_campaign(overlap=1)
    sent = {"name": "Renamed", "overlap": 9, "state": "closed", "break_minutes": 5}
    root.post(address(Campaign, "change", campaign.pk), sent)
    campaign.refresh_from_db()
    assert (campaign.name, campaign.overlap, campaign.state) == ("Renamed", 1, "open")
    assert campaign.break_minutes == 5
    assert root.post(address(Campaign, "delete", campaign.pk)).status_code == 403


def test_somebody_joins_a_campaign_with_the_next_pseudonym(root: Client) -> None:
    campaign = build.build_campaign()
    build.build_membership(campaign)
    ada = build.build_user("ada")
    sent = {"campaign": campaign.pk, "user": ada.pk, "role": "viewer"}
    root.post(address(Membership, "add"), sent)
    member = Membership.objects.get(user=ada)
    assert (member.pseudonym, member.role) == ("A2", "viewer")
    root.post(address(Membership, "change", member.pk), {"role": "manager"})
    member.refresh_from_db()
    assert member.role == "manager"


def test_a_corpus_made_here_keeps_its_slug(root: Client) -> None:
    sent = {"name": "Old", "slug": "old", "author_names": "pseudonym"}
    root.post(address(Corpus, "add"), sent)
    made = Corpus.objects.get(slug="old")
    root.post(address(Corpus, "change", made.pk), {**sent, "name": "Older", "slug": "other"})
    made.refresh_from_db()
    assert (made.slug, made.name) == ("old", "Older")


@pytest.mark.parametrize("model", [ExportRun, Release, ImportRun, models.TextScan])
def test_jobs_are_cancelled_and_tried_again_by_actions(
    root: Client, model: type[ExportRun | Release | ImportRun | models.TextScan]
) -> None:
    fill(2)
    model.objects.update(sent_at=build.NOON)
    jobs = list(model.objects.all())
    _act(root, model, "cancel", jobs)
    assert set(model.objects.values_list("state", flat=True)) == {"cancelled"}
    html = _act(root, model, "cancel", jobs)
    assert "too late to cancel" in html
    _act(root, model, "retry", jobs)
    assert set(model.objects.values_list("state", flat=True)) == {"queued"}


def test_a_release_is_withdrawn_for_a_reason(root: Client) -> None:
    fill(1)
    Release.objects.update(state="done", sha256="0" * 64)
    release = Release.objects.get()
    assert "Say why it is withdrawn" in _act(root, Release, "withdraw", [release])
    release.refresh_from_db()
    assert release.withdrawn_at is None
    html = _act(root, Release, "withdraw", [release], reason="Consent was taken back.")
    assert "1 withdrawn." in html
    release.refresh_from_db()
    assert release.withdrawn_reason == "Consent was taken back."


def test_nobody_reads_the_key_of_a_release(root: Client) -> None:
    fill(1)
    release = Release.objects.get()
    assert release.key not in root.get(_newest(Release)).content.decode()


def test_deleting_an_account_keeps_its_labels(root: Client) -> None:
    fill(1)
    user = Membership.objects.get().user
    assert user is not None
    root.post(address(User, "delete", user.pk), {"post": "yes"})
    assert not User.objects.filter(pk=user.pk).exists()
    annotation = Annotation.objects.get()
    assert annotation.membership is not None
    assert annotation.membership.user is None
    assert annotation.answers.count() == 1
    assert annotation.revisions.count() == 1


def test_an_administrator_sets_a_password(root: Client) -> None:
    ada = build.build_user("ada")
    new = "quite-a-long-secret"
    url = reverse("admin:auth_user_password_change", args=[ada.pk])
    root.post(url, {"usable_password": "true", "password1": new, "password2": new})
    ada.refresh_from_db()
    assert ada.check_password(new)


def test_who_may_only_look_has_no_actions(client: Client) -> None:
    from django.contrib.auth.models import Permission

    looker = build.build_user(is_staff=True)
    looker.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client.force_login(looker)
    fill(1)
    run = ExportRun.objects.get()
    _act(client, ExportRun, "cancel", [run])
    run.refresh_from_db()
    assert run.state == "queued"


def test_the_admin_says_whose_it_is_under_the_strict_policy(root: Client) -> None:
    response = root.get("/admin/")
    assert "Threadmark" in response.content.decode()
    assert "annotations/admin.css" in response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]


def _newest(model: type[Model]) -> str:
    return address(model, "change", model._default_manager.latest("pk").pk)


def _act(
    client: Client, model: type[Model], action: str, rows: Sequence[Model], **more: str
) -> str:
    sent = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(address(model, "changelist"), sent, follow=True).content.decode()


def _campaign(corpus: Corpus) -> dict[str, object]:
    return {
        "name": "Made",
        "slug": "made",
        "corpus": corpus.pk,
        "codebook": build.build_codebook().pk,
        "overlap": 3,
        "share_more": 0,
        "order": "thread",
        "seed": 1,
        "context": "thread",
        "lease_minutes": 60,
        "break_minutes": 20,
        "support_text": "Call **Mia**.",
        "show_names": "on",
    }


def test_a_webhook_is_paused_and_a_delivery_sent_again(root: Client) -> None:
    fill(1)
    webhook, delivery = models.Webhook.objects.get(), models.Delivery.objects.get()
    given_up = {"state": "failed", "next_try_at": None, "tries": 10}
    models.Delivery.objects.filter(pk=delivery.pk).update(**given_up)

    def act(model: type[Model], name: str, row: Model) -> str:
        sent = {"action": name, "_selected_action": [row.pk]}
        return root.post(address(model, "changelist"), sent, follow=True).content.decode()

    assert "1 paused." in act(models.Webhook, "pause", webhook)
    assert "is paused: resume it first" in act(models.Delivery, "redeliver", delivery)
    assert "1 resumed." in act(models.Webhook, "resume", webhook)
    assert "1 sent again." in act(models.Delivery, "redeliver", delivery)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries_before) == ("waiting", 10)
    shown = root.get(address(models.Webhook, "change", webhook.pk)).content.decode()
    assert webhook.secret not in shown
