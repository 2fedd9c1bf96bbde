"""Annotations saved in bulk, as lines: one's own, or by managers those made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from annotations.api.bulk import (
    RESULTS,
    BulkResource,
    Result,
    Taker,
    refused,
    unread,
)
from annotations.api.fields import (
    AnswersField,
    Choice,
    ConfidenceField,
    FiniteNumber,
    RequestSerializer,
    WholeNumber,
)
from annotations.api.filters import BIGGEST_ID
from annotations.api.ndjson import NDJSON, Line
from annotations.api.operations import operation
from annotations.api.throttling import SaveThrottle
from annotations.api.work import LONGEST_SECONDS
from annotations.errors import NotFound, NotPermitted, ThreadmarkError
from annotations.models import Annotation, Membership, Revision, User
from annotations.permissions import Access, access_campaign
from annotations.selectors.named_units import NamedMembers, NamedUnits, UnitName, named_units
from annotations.services.annotations import Save, save_annotation
from annotations.services.carrying_over import carry_over

NAMES = ("unit", "comment", "comment_source_id")
ONE_NAME = "Name the unit by one of: unit, comment, comment_source_id."
IN_YOUR_NAME = (
    "You cannot label in your own name here: that takes a role that labels, and of a token the "
    "scope `annotations:write` or `all`."
)
FOR_OTHERS = (
    "Only managers carry over what others said (`annotator`); a token needs the scope `manage` or "
    "`all` for it."
)


class AnnotationLineSerializer(RequestSerializer):
    """One save of the annotation of one unit. The same `id` sent again changes nothing."""

    id = serializers.UUIDField(help_text="Made by the client for this save.")
    unit = WholeNumber(max_value=BIGGEST_ID, required=False, help_text="The unit's id.")
    comment = WholeNumber(
        max_value=BIGGEST_ID, required=False, help_text="Or the id of its comment."
    )
    comment_source_id = serializers.CharField(
        max_length=500,
        required=False,
        trim_whitespace=False,
        help_text="Or the id that its comment has at the source.",
    )
    annotator = serializers.CharField(
        max_length=150,
        required=False,
        help_text="Whose label it is, as A3 or by user name, where a manager carries it over from "
        "elsewhere. Without it, it is your own.",
    )
    state = Choice(Annotation.State, default=Annotation.State.SUBMITTED)
    answers = AnswersField(default=dict)
    note = serializers.CharField(max_length=10_000, default="", allow_blank=True)
    flagged = serializers.BooleanField(default=False)
    confidence = ConfidenceField(default=None)
    skip_reason = serializers.CharField(max_length=500, default="", allow_blank=True)
    seconds = FiniteNumber(min_value=0, max_value=LONGEST_SECONDS, default=0.0)
    based_on = WholeNumber(
        default=None,
        allow_null=True,
        help_text="The revision that you had seen (0: none); another one is refused. Null: "
        "whatever stands is replaced, and kept as a revision.",
    )
    text_revision = WholeNumber(
        default=None,
        allow_null=True,
        help_text="The revision of the comment's text that was read; another one is refused.",
    )
    codebook_version = WholeNumber(
        default=None,
        allow_null=True,
        help_text="The version of the codebook that was answered; another one is refused.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in NAMES) != 1:
            raise serializers.ValidationError({"unit": [ONE_NAME]})
        return attrs


class AnnotationLinesView(BulkResource):
    throttle_classes = (*BulkResource.throttle_classes, SaveThrottle)

    @operation(
        "annotations_create",
        {(200, NDJSON): RESULTS},
        body={NDJSON: AnnotationLineSerializer},
        errors=(404,),
    )
    def post(self, request: Request, slug: str) -> FileResponse:
        """Save annotations, one a line: your own, or as a manager those made elsewhere."""
        access = access_campaign(self.user, slug, "campaign.view")
        if not (access.may("annotation.write") or access.may("campaign.manage")):
            access_campaign(self.user, slug, "annotation.write")  # says why not
        return self.answer(AnnotationsTaker(access, self.user))


class AnnotationsTaker(Taker):
    """Lines as saves, each with the checks of a save on the page; one that fails costs itself."""

    lines_at_once = 50

    def __init__(self, access: Access, user: User) -> None:
        self._access, self._user = access, user
        self._serializer = AnnotationLineSerializer()

    def take(self, lines: Sequence[Line]) -> list[Result]:
        results: dict[int, Result] = {}
        read: list[tuple[Line, dict[str, Any]]] = []
        for line in lines:
            try:
                if line.problem:
                    results[line.number] = unread(line)
                    continue
                read.append((line, self._serializer.run_validation(line.value)))
                results[line.number] = Result(line.number, None, "refused")
            except serializers.ValidationError as error:
                results[line.number] = refused(line, _id_of(line), error)
        if read:
            for line, result in self._save_all(read):
                results[line.number] = result
        return list(results.values())

    def _save_all(self, read: Sequence[tuple[Line, dict[str, Any]]]) -> list[tuple[Line, Result]]:
        sent = [one for _, one in read]
        with transaction.atomic():
            batch = _Batch(self._access, self._user, sent, timezone.now())
            return [(line, _saved(batch, line, one)) for line, one in read]


class _Batch:
    """What the lines of one batch name, looked up together; who labels is locked first.

    That is the order in which all who give out or save units lock: nobody waits in a ring.
    """

    def __init__(
        self, access: Access, user: User, sent: Sequence[dict[str, Any]], now: datetime
    ) -> None:
        self.access, self.user, self.now = access, user, now
        campaign, own = access.campaign, access.membership
        named = [one["annotator"] for one in sent if "annotator" in one]
        self.members = NamedMembers(campaign, named)
        locked = self.members.ids | ({own.pk} if own else set())
        rows = Membership.objects.select_for_update(no_key=True).filter(pk__in=locked)
        list(rows.order_by("pk").values_list("pk"))
        others = [_name(one) for one in sent if "annotator" in one]
        mine = [_name(one) for one in sent if "annotator" not in one]
        self.units = named_units(campaign, others)
        self.held = named_units(campaign, mine, held_by=own) if own else NamedUnits()
        known = Revision.objects.filter(save_id__in=[one["id"] for one in sent])
        self.known: set[UUID] = set(known.values_list("save_id", flat=True))

    def save(self, sent: dict[str, Any]) -> Annotation:
        """Raises NotFound, NotPermitted, Conflict and InvalidInput."""
        name = _name(sent)
        save = Save(
            save_id=sent["id"],
            **{key: value for key, value in sent.items() if key not in (*NAMES, "id", "annotator")},
        )
        if "annotator" in sent:
            if not self.access.may("campaign.manage"):
                raise NotPermitted(FOR_OTHERS)
            unit = self.units.find(name)
            if unit is None:
                raise NotFound(f"There is no unit {name} in this campaign.")
            return carry_over(
                membership=self.members.find(sent["annotator"]),
                unit=unit,
                save=save,
                user=self.user,
                by=self.access.membership,
                now=self.now,
            )
        own = self.access.membership
        if own is None or not self.access.may("annotation.write"):
            raise NotPermitted(IN_YOUR_NAME)
        unit = self.held.find(name)
        if unit is None:
            raise NotFound(f"You have no unit {name} in this campaign.")
        return save_annotation(membership=own, unit=unit, save=save, now=self.now)


def _saved(batch: _Batch, line: Line, sent: dict[str, Any]) -> Result:
    id = str(sent["id"])
    try:
        with transaction.atomic():
            annotation = batch.save(sent)
    except ThreadmarkError as error:
        return refused(line, id, error)
    if sent["id"] in batch.known:
        return Result(line.number, id, "unchanged")
    batch.known.add(sent["id"])
    return Result(line.number, id, "created" if annotation.revision == 1 else "updated")


def _name(sent: dict[str, Any]) -> UnitName:
    return UnitName(**{name: sent[name] for name in NAMES if name in sent})


def _id_of(line: Line) -> str | None:
    given = line.value.get("id")
    return given[:100] if isinstance(given, str) else None
