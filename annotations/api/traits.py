"""What you tell of yourself in a campaign. Nobody else can ask for it, managers neither."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.errors import fields_below
from annotations.api.fields import JSONObject, RequestSerializer, Time
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.models import Membership
from annotations.permissions import access_campaign
from annotations.selectors.traits import offered_traits
from annotations.services.traits import tell_traits
from annotations.traits import TRAITS


class TraitOptionSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    title = serializers.CharField()


class TraitSerializer(serializers.Serializer[Any]):
    """Something that you may tell."""

    key = serializers.CharField()
    title = serializers.CharField()
    options = TraitOptionSerializer(many=True)
    is_open = serializers.BooleanField(help_text="Whether your own words are taken, too.")


class OwnTraitsSerializer(serializers.Serializer[Any]):
    """What you may tell of yourself, and what you told."""

    offered = TraitSerializer(many=True)
    traits = serializers.DictField(child=serializers.CharField(), help_text="What you told.")
    agreed = serializers.BooleanField(help_text="Whether it leaves in datasets.")
    agreed_at = Time(allow_null=True)


class TellTraitsSerializer(RequestSerializer):
    """All that you tell, in place of what you told before; `{}` and empty words are nothing."""

    traits = JSONObject(help_text="Words, or the value of an option, by the trait's key.")
    agreed = serializers.BooleanField(
        help_text="That it leaves in datasets, beside your pseudonym. False takes that back."
    )


class OwnTraitsView(Resource):
    """Private: no log says that somebody used it."""

    is_logged = False

    @operation("me_traits", OwnTraitsSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """What you may tell of yourself in the campaign, and what you told."""
        return self.show(OwnTraitsSerializer, _told(self._membership(slug)))

    @operation("me_tell_traits", OwnTraitsSerializer, body=TellTraitsSerializer, errors=(404,))
    def put(self, request: Request, slug: str) -> Response:
        """Tell what you want of yourself, or take it back. Nobody must, and only you see it."""
        membership = self._membership(slug)
        told = self.read(TellTraitsSerializer)
        with fields_below("traits"):
            tell_traits(membership=membership, now=timezone.now(), **told)
        return self.show(OwnTraitsSerializer, _told(membership))

    def _membership(self, slug: str) -> Membership:
        membership = access_campaign(self.user, slug, "annotation.write").membership
        assert membership is not None
        return membership


def _told(membership: Membership) -> dict[str, Any]:
    return {
        "offered": [_shown(key) for key in offered_traits(membership)],
        "traits": membership.traits,
        "agreed": membership.traits_agreed_at is not None,
        "agreed_at": membership.traits_agreed_at,
    }


def _shown(key: str) -> dict[str, Any]:
    trait = TRAITS[key]
    options = [{"value": value, "title": title} for value, title in trait.options]
    return {"key": key, "title": trait.title, "options": options, "is_open": trait.is_open}
