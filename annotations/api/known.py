"""Units with known answers, for a campaign's managers: what trains, tests and checks."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import AnswersField, AnswersOfManyField, RequestSerializer, WholeNumber
from annotations.api.filters import BIGGEST_ID
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import Listing, Resource
from annotations.errors import NotFound
from annotations.models import Annotation, Unit
from annotations.permissions import access_campaign
from annotations.selectors.answers import answers_of
from annotations.selectors.known import known_of
from annotations.services.known import (
    LONGEST_REASON,
    MOST,
    PURPOSES,
    Known,
    KnownAdded,
    RefusedKnown,
    add_known_units,
    take_back_known_unit,
)
from annotations.services.known_gold import take_known_from_gold


class KnownPurpose(serializers.ChoiceField):
    """What a known answer is for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[str(purpose) for purpose in PURPOSES], **kwargs)


class KnownUnitSerializer(serializers.Serializer[Unit]):
    """A unit with its known answer."""

    unit = serializers.IntegerField(source="pk")
    comment = serializers.IntegerField(source="comment_id")
    source_id = serializers.CharField(source="comment.source_id")
    purpose = KnownPurpose()
    answers = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField(help_text="Told after a unit of the training.")
    seen = serializers.IntegerField(help_text="How many annotators were given it.")

    @extend_schema_field(AnswersField())
    def get_answers(self, unit: Unit) -> Any:
        return answers_of(_gold(unit))

    def get_reason(self, unit: Unit) -> str:
        return _gold(unit).reason


class KnownAnswerSerializer(RequestSerializer):
    """What is right for one comment."""

    comment = WholeNumber(max_value=BIGGEST_ID, help_text="The comment's id.")
    answers = AnswersOfManyField()
    reason = serializers.CharField(max_length=LONGEST_REASON, default="", allow_blank=True)


class NewKnownSerializer(RequestSerializer):
    """Known answers for one purpose."""

    purpose = KnownPurpose()
    known = serializers.ListField(child=KnownAnswerSerializer(), max_length=MOST)


class GoldDrawSerializer(RequestSerializer):
    """How many of the gold labels that came with the corpus are to be drawn."""

    purpose = KnownPurpose()
    count = WholeNumber(min_value=1, max_value=MOST)
    seed = WholeNumber(default=1, help_text="The same labels and seed draw the same.")


class RefusedKnownSerializer(serializers.Serializer[RefusedKnown]):
    comment = serializers.IntegerField()
    message = serializers.CharField()


class KnownAddedSerializer(serializers.Serializer[KnownAdded]):
    """What became of them; those that say what they said before are not counted."""

    created = serializers.IntegerField()
    from_sample = serializers.IntegerField(help_text="Of these, free units of the sample before.")
    updated = serializers.IntegerField()
    refused = RefusedKnownSerializer(many=True)


class KnownUnitsView(Listing):
    orders = {"order": Order(("order",))}

    @operation("known_list", KnownUnitSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """The campaign's units with known answers (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return self.list(known_of(access.campaign), KnownUnitSerializer)

    @operation("known_create", KnownAddedSerializer, body=NewKnownSerializer, errors=(404, 409))
    def post(self, request: Request, slug: str) -> Response:
        """Make comments known units (managers); the same again changes nothing."""
        access = access_campaign(self.user, slug, "campaign.manage")
        sent = self.read(NewKnownSerializer)
        told = add_known_units(
            campaign=access.campaign,
            purpose=sent["purpose"],
            known=[Known(**one) for one in sent["known"]],
            now=timezone.now(),
        )
        return self.show(KnownAddedSerializer, told)


class KnownUnitView(Resource):
    @operation("known_take_back", None, status=204, errors=(404, 409))
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take a known answer back that nobody has seen (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        unit = known_of(access.campaign).filter(pk=pk).first()
        if unit is None:
            raise NotFound(f"There is no unit {pk} with a known answer in this campaign.")
        take_back_known_unit(campaign=access.campaign, unit=unit, now=timezone.now())
        return Response(status=204)


class KnownGoldView(Resource):
    @operation("known_draw", KnownAddedSerializer, body=GoldDrawSerializer, errors=(404, 409))
    def post(self, request: Request, slug: str) -> Response:
        """Draw known units from the gold labels that came with the corpus (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(GoldDrawSerializer)
        told = take_known_from_gold(campaign=access.campaign, now=timezone.now(), **wanted)
        return self.show(KnownAddedSerializer, told)


def _gold(unit: Unit) -> Annotation:
    """The one that was read with the unit."""
    return unit.annotations.all()[0]
