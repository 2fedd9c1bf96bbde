"""What somebody may read, as rows: the permissions' page turned into querysets."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from annotations.errors import NotFound
from annotations.models import (
    Aggregation,
    AgreementRun,
    Annotation,
    ApiToken,
    Comment,
    Consensus,
    ExportRun,
    Membership,
    Revision,
    Thread,
    Unit,
    User,
)
from annotations.permissions import campaigns_with, reached, readable_corpora
from annotations.prepared import Prepared
from annotations.selectors.answers import WITH_ANSWERS

UNREAD = ("raw", "html", "thread__raw")


def own_memberships(user: User) -> QuerySet[Membership]:
    rows = Membership.objects.filter(reached(user, "campaign"), user=user)
    return rows.select_related("campaign").order_by("campaign__slug")


def own_tokens(user: User) -> QuerySet[ApiToken]:
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(user=user)
    return tokens.prefetch_related("campaigns")


def readable_threads(user: User) -> QuerySet[Thread]:
    readable = Thread.objects.filter(corpus__in=readable_corpora(user))
    return readable.select_related("corpus").defer("raw")


def readable_comments(user: User) -> QuerySet[Comment]:
    """With what a presenter needs, and without what nobody gets to see."""
    return (
        Comment.objects.filter(corpus__in=readable_corpora(user))
        .select_related("corpus", "thread", "author")
        .defer(*UNREAD)
        .prefetch_related("relations__target_author")
    )


def readable_comment(user: User, pk: int) -> Comment:
    """Raises NotFound where the user may not read the corpus."""
    comment = readable_comments(user).filter(pk=pk).first()
    if comment is None:
        raise NotFound(f"There is no comment {pk} that you may read.")
    return comment


def unit_of(membership: Membership, pk: int) -> Unit:
    """A unit of the member's campaign, whoever holds it. Raises NotFound."""
    unit = _unit.first(membership.campaign_id, pk)
    if unit is None:
        raise NotFound(f"There is no unit {pk} in this campaign.")
    unit.campaign = membership.campaign
    return unit


_unit: Prepared[Unit] = Prepared(
    lambda campaign, unit: (
        Unit.objects.filter(campaign=campaign, pk=unit)
        .select_related("comment")
        .defer("comment__raw", "comment__html")
        .order_by()
    )
)


def readable_annotations(user: User) -> QuerySet[Annotation]:
    """All annotations of the campaigns whose labels the user may read, and the user's own.

    What others skipped because it harms them is theirs alone.
    """
    open_to = campaigns_with(user, "annotation.read_all").values("pk")
    own = Q(membership__user=user) & reached(user, "unit__campaign")
    readable = Q(unit__campaign__in=open_to, harmful=False) | own
    return (
        Annotation.objects.filter(readable)
        .select_related("unit__campaign", "unit__comment", "membership")
        .defer("unit__comment__text", *(f"unit__comment__{name}" for name in ("raw", "html")))
        .prefetch_related(*WITH_ANSWERS)
    )


def readable_annotation(user: User, pk: int) -> Annotation:
    """Raises NotFound for another's, unless the user may read all of the campaign."""
    annotation = readable_annotations(user).filter(pk=pk).first()
    if annotation is None:
        raise NotFound(f"There is no annotation {pk} that you may read.")
    return annotation


def revisions_of(annotation: Annotation) -> QuerySet[Revision]:
    """Its saves, each with the comment that it is about."""
    rows = Revision.objects.filter(annotation=annotation)
    return rows.select_related("annotation__unit__comment").defer(
        *(f"annotation__unit__comment__{name}" for name in ("text", "raw", "html"))
    )


def readable_exports(user: User) -> QuerySet[ExportRun]:
    allowed = campaigns_with(user, "export.create").values("pk")
    return ExportRun.objects.filter(campaign__in=allowed).select_related("campaign")


def readable_export(user: User, pk: int) -> ExportRun:
    """Raises NotFound where the user may not take labels out of the campaign."""
    run = readable_exports(user).filter(pk=pk).first()
    if run is None:
        raise NotFound(f"There is no export {pk} that you may see.")
    return run


def readable_agreement(user: User, pk: int) -> AgreementRun:
    """Raises NotFound where the user may not read the labels that it is made of."""
    allowed = campaigns_with(user, "annotation.read_all").values("pk")
    runs = AgreementRun.objects.filter(campaign__in=allowed).select_related("campaign")
    run = runs.filter(pk=pk).first()
    if run is None:
        raise NotFound(f"There is no agreement {pk} that you may see.")
    return run


def readable_aggregation(user: User, pk: int) -> Aggregation:
    """Raises NotFound where the user may not read the labels that it is made of."""
    allowed = campaigns_with(user, "annotation.read_all").values("pk")
    runs = Aggregation.objects.filter(campaign__in=allowed).select_related("campaign")
    run = runs.filter(pk=pk).first()
    if run is None:
        raise NotFound(f"There is no aggregation {pk} that you may see.")
    return run


def consensus_of(aggregation: Aggregation) -> QuerySet[Consensus]:
    """Its answers, with what they are about."""
    rows = Consensus.objects.filter(aggregation=aggregation)
    return rows.select_related("question", "unit__comment", "unit__thread").only(
        "value",
        "shares",
        "median",
        "aggregation",
        "question__key",
        "unit__comment__source_id",
        "unit__thread__source_id",
    )
