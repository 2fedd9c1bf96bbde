"""The study that the API's tests look at: three comments, one of them gone, and all roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from rest_framework.test import APIClient

from annotations.models import (
    Aggregation,
    AgreementRun,
    Annotation,
    ApiToken,
    Assignment,
    Campaign,
    Comment,
    CommentRelation,
    Corpus,
    Delivery,
    Dispute,
    ExportRun,
    Invitation,
    Membership,
    Ranking,
    Release,
    RuleRun,
    Sample,
    TextScan,
    Thread,
    Turn,
    Unit,
    User,
)
from annotations.samples.recipe import Recipe
from annotations.services.annotations import Save, save_annotation
from annotations.services.invitations import create_invitation
from annotations.services.webhooks import create_webhook, ping_webhook
from importers.models import ImportRun
from tests.annotations.api.left import build_exports, build_releases
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_campaign,
    build_codebook,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
    build_user,
)

API = "/api/v1/"
ROLES = ("staff", "manager", "adjudicator", "annotator", "viewer", "outsider", "anonymous")
TEXT = "The bridge 😀 costs 2 million a year."


@dataclass(frozen=True)
class World:
    """``users`` by role; ``unit`` is held by the annotator, ``annotation`` is their draft of it.

    ``dispute`` is on another unit, about which nothing was submitted.
    """

    users: dict[str, User]
    corpus: Corpus
    thread: Thread
    comments: list[Comment]
    campaign: Campaign
    unit: Unit
    annotation: Annotation
    exports: dict[str, ExportRun]
    releases: dict[str, Release]
    imports: dict[str, ImportRun]
    scan: TextScan
    agreement: AgreementRun
    aggregation: Aggregation
    token: ApiToken
    samples: dict[str, Sample]
    ranking: Ranking
    turn: Turn
    dispute: Dispute
    rule_run: RuleRun
    invitation: Invitation
    known: Unit
    delivery: Delivery

    def client(self, role: str) -> APIClient:
        client = APIClient(raise_request_exception=True)
        if role != "anonymous":
            client.force_login(self.users[role])
        return client

    def script(self, role: str, *scopes: str, campaigns: Sequence[Campaign] = ()) -> APIClient:
        """A client with a token of theirs; limited to the campaigns, if any are named."""
        token, secret = ApiToken.objects.create(
            user=self.users[role], name="script", scopes=list(scopes), limited=bool(campaigns)
        )
        token.campaigns.set(campaigns)
        return APIClient(headers={"Authorization": f"Token {secret}"}, enforce_csrf_checks=True)

    def waiting_sample(self) -> Sample:
        """A drawing that has not begun: while there is one, no other may be asked for."""
        return Sample.objects.create(
            campaign=self.campaign, recipe=Recipe().to_json(), created_at=NOON
        )

    def membership(self, role: str) -> Membership:
        return Membership.objects.get(campaign=self.campaign, user=self.users[role])


def build_world() -> World:
    users = {role: build_user(role, is_staff=role == "staff") for role in ROLES[:-1]}
    corpus = build_corpus("talk")
    thread = build_thread(corpus)
    comments = _comments(thread)
    codebook = build_codebook("claims")
    campaign = build_campaign(corpus, codebook, "study", order="uncertain")
    for role in Membership.Role.values:
        build_membership(campaign, users[role], role)
    units = [build_unit(campaign, comment) for comment in comments[1:]]
    for unit in units:
        build_slots(unit, 4)
    annotation = _draft(units[0], Membership.objects.get(user=users["annotator"]))
    return World(
        users=users,
        corpus=corpus,
        thread=thread,
        comments=comments,
        campaign=campaign,
        unit=units[0],
        annotation=annotation,
        exports=build_exports(campaign),
        releases=build_releases(campaign),
        imports=_imports(corpus),
        scan=TextScan.objects.create(corpus=corpus, created_at=NOON),
        agreement=AgreementRun.objects.create(campaign=campaign, created_at=NOON),
        aggregation=_aggregation(campaign, units[0]),
        token=ApiToken.objects.create(user=users["annotator"], name="pandas")[0],
        samples=_samples(campaign),
        ranking=Ranking.objects.create(campaign=campaign, created_at=NOON),
        turn=_turn(campaign, thread),
        dispute=Dispute.objects.create(
            campaign=campaign, unit=units[1], share=1, ratings=2, measured_at=NOON
        ),
        rule_run=RuleRun.objects.create(
            campaign=campaign,
            membership=Membership.objects.get(user=users["adjudicator"]),
            least=2,
            created_at=NOON,
        ),
        invitation=create_invitation(
            campaign=campaign, role="annotator", days=7, created_by=users["manager"], now=NOON
        )[0],
        known=_known(campaign, comments[0]),
        delivery=_delivery(campaign),
    )


def build_slots(unit: Unit, count: int) -> None:
    """Free slots of a unit."""
    for slot in range(1, count + 1):
        Assignment.objects.create(
            campaign=unit.campaign, unit=unit, slot=slot, order=unit.order, state="pending"
        )


def hold(unit: Unit, membership: Membership) -> Assignment:
    """Give a free slot of the unit to the annotator."""
    slot = Assignment.objects.filter(unit=unit, state="pending").first()
    assert slot is not None
    slot.membership, slot.state = membership, Assignment.State.LEASED
    slot.leased_until = NOON + timedelta(hours=2)
    slot.save()
    return slot


def save_body(**changes: Any) -> dict[str, Any]:
    """A save as the workspace sends it."""
    body = {
        "save_id": str(uuid4()),
        "revision": 0,
        "state": "submitted",
        "answers": {"claim": "yes"},
        "note": "",
        "flagged": False,
        "confidence": None,
        "aside": False,
        "skip_reason": "",
        "harmful": False,
        "seconds": 12.5,
        "context": {"comments": []},
    }
    return {**body, **changes}


def decision_body(**changes: Any) -> dict[str, Any]:
    """A decision as the desk sends it."""
    body = {"save_id": str(uuid4()), "revision": 0, "answers": {"claim": "yes"}, "reason": ""}
    return {**body, **changes}


def _known(campaign: Campaign, comment: Comment) -> Unit:
    """A check about the article, beside the sample."""
    unit = build_unit(campaign, comment, purpose="check", overlap=0)
    build_answer(build_annotation(unit, source="gold"), "claim", label="yes")
    return unit


def _delivery(campaign: Campaign) -> Delivery:
    """A test of a webhook, not sent yet."""
    asked: dict[str, Any] = {
        "url": "https://lab.example/hook",
        "events": ["release.done"],
        "user": None,
    }
    return ping_webhook(webhook=create_webhook(campaign=campaign, **asked, now=NOON), now=NOON)


def _comments(thread: Thread) -> list[Comment]:
    author = build_author(thread.corpus, "Ada Byron", pseudonym="pada")
    article = build_comment(thread, "The old bridge.\n\nIt is old.", kind="article")
    first = build_comment(thread, TEXT, author=author, score=7, raw={"secret": "raw"}, html="<p>")
    second = build_comment(thread, "“The bridge” is fine.", reply_to=first, author=author)
    gone = build_comment(thread, "Rude.", status="deleted_by_author", author=author)
    CommentRelation.objects.create(
        comment=second, kind="mention", basis="inferred", start=1, end=4, target_author=author
    )
    return [article, first, second, gone]


def _draft(unit: Unit, membership: Membership) -> Annotation:
    hold(unit, membership)
    part = [{"start": 11, "end": 12, "quote": "😀", "label": "fact"}]
    save = Save(save_id=uuid4(), based_on=0, state="draft", answers={"part": part})
    with transaction.atomic():
        return save_annotation(membership=membership, unit=unit, save=save, now=NOON)


def _aggregation(campaign: Campaign, unit: Unit) -> Aggregation:
    """A waiting one, of which an attempt has left an answer."""
    made = Aggregation.objects.create(campaign=campaign, method="majority", created_at=NOON)
    question = campaign.codebook.questions.get(key="claim")
    made.consensus.create(unit=unit, question=question, value="yes", shares={"yes": 1})
    return made


def _samples(campaign: Campaign) -> dict[str, Sample]:
    return {
        state: Sample.objects.create(
            campaign=campaign,
            recipe=Recipe().to_json(),
            state=state,
            error="It broke." if state == "failed" else "",
            created_at=NOON,
        )
        for state in ("done", "failed")
    }


def _turn(campaign: Campaign, thread: Thread) -> Turn:
    """One that the annotator holds."""
    holder = campaign.memberships.get(role=Membership.Role.ANNOTATOR)
    return Turn.objects.create(
        campaign=campaign,
        thread=thread,
        slot=9,
        first=0,
        last=9,
        membership=holder,
        held_until=NOON + timedelta(days=3),
    )


def _imports(corpus: Corpus) -> dict[str, ImportRun]:
    return {
        state: ImportRun.objects.create(
            corpus=corpus,
            file_name="page.txt",
            format="saved_page",
            sha256="0" * 64,
            state=state,
            error="It broke." if state == "failed" else "",
            created_at=NOON,
        )
        for state in ("queued", "failed")
    }
