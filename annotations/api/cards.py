"""The part of a release's data card that its makers write, as it is taken and shown."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.api.errors import fields_below
from annotations.api.fields import JSONObject, RequestSerializer
from annotations.releases.card import Card

CARD_FIELDS = frozenset(one.name for one in fields(Card))


class CreatorSerializer(RequestSerializer):
    """Somebody who made the dataset."""

    name = serializers.CharField()
    affiliation = serializers.CharField(required=False, allow_blank=True)
    orcid = serializers.CharField(
        required=False, allow_blank=True, help_text="Such as 0000-0002-1825-0097."
    )


class Texts(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(allow_blank=True), required=False, **kwargs)


class Text(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, **kwargs)


class CardSerializer(RequestSerializer):
    """What only those who made the dataset can say of it; what is left out is empty."""

    creators = CreatorSerializer(many=True, required=False)
    licence = Text(help_text="An SPDX id, such as `CC-BY-4.0`, or the licence's name.")
    description = Text()
    keywords = Texts()
    languages = Texts(help_text="BCP 47; none: those that were detected are told.")
    funding = Text()
    doi = Text(help_text="Bare, such as `10.5281/zenodo.1234`.")
    url = Text()
    contact = Text()
    warnings = Texts(help_text="What a reader should know before reading.")
    answers = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="To the questions of the data card, by key.",
    )


@extend_schema_field(CardSerializer)
class CardField(JSONObject):
    """A card, read by its own rules; it is shown as it is stored."""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        with fields_below(self.field_name or "card"):
            return Card.from_json(given)
