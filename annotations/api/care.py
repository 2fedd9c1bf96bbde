"""What keeps the work from harming: warnings, avoided categories, exposure, preferences."""

from __future__ import annotations

from typing import Any, get_args

from django.utils import timezone
from drf_spectacular.drainage import set_override
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import preferences
from annotations.api.fields import Choice, RequestSerializer, WholeNumber
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.codebooks.guidelines import guidelines_html
from annotations.models import Campaign, ContentCategory
from annotations.permissions import access_campaign
from annotations.preferences import Preferences, kept_preferences
from annotations.selectors.care import Exposure, avoided_keys, exposure
from annotations.services.care import (
    LARGEST_CAP,
    LONGEST_STRETCH,
    LONGEST_SUPPORT_TEXT,
    set_avoided,
    set_preferences,
    stop_for_today,
)

MOST_CATEGORIES = 1000


class OneOf(serializers.ChoiceField):
    """One of the values of a ``Literal``."""

    def __init__(self, literal: Any, **kwargs: Any) -> None:
        values = list(get_args(literal))
        super().__init__(choices=values, **kwargs)
        set_override(self, "field", {"type": "string", "enum": values})


class CategorySerializer(serializers.Serializer[ContentCategory]):
    """A kind of content that one may be warned of."""

    key = serializers.SlugField()
    title = serializers.CharField()
    description = serializers.CharField()


class ExposureSerializer(serializers.Serializer[Exposure]):
    """Your own work in the campaign since midnight, by the server's time zone."""

    units = serializers.IntegerField()
    seconds = serializers.IntegerField(help_text="Active time.")
    warned = serializers.DictField(
        child=serializers.IntegerField(), help_text="Units by content category."
    )
    warned_units = serializers.IntegerField(help_text="Units with any of them.")
    enough = serializers.CharField(
        allow_null=True, help_text="Why no more is given today; null while more is."
    )


class PreferencesSerializer(serializers.Serializer[Preferences]):
    """How you want your pages. What is left out is as usual."""

    shortcuts = serializers.BooleanField(help_text="Whether single keys do anything.")
    keys = serializers.DictField(
        child=serializers.CharField(),
        help_text="The keys that commands have instead of their own: a character or a key's name.",
    )
    theme = OneOf(preferences.Theme)
    text_size = OneOf(preferences.TextSize)
    calm = serializers.BooleanField(help_text="Grey, without pictures.")
    width = OneOf(preferences.Width)
    language = OneOf(preferences.Language, help_text="Of the pages; empty: as the browser says.")


class ChosenPreferencesSerializer(PreferencesSerializer):
    """What you want otherwise than usual."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class CareCampaignSerializer(serializers.Serializer[Campaign]):
    """The campaign as its annotators meet it."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    state = Choice(Campaign.State)
    show_suggestions = serializers.BooleanField()
    cover_content = serializers.BooleanField(
        help_text="Comments with a content warning are covered until opened."
    )
    support_text_html = serializers.SerializerMethodField(help_text="Where to find help.")
    break_minutes = serializers.IntegerField(help_text="0: no reminder.")
    daily_units = serializers.IntegerField(allow_null=True)
    daily_warned = serializers.IntegerField(allow_null=True)

    def get_support_text_html(self, campaign: Campaign) -> str:
        return guidelines_html(campaign.support_text)


class CareSettingsSerializer(RequestSerializer):
    """How a campaign cares for its annotators; what is left out stays as it is."""

    cover_content = serializers.BooleanField(required=False)
    support_text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_SUPPORT_TEXT,
        help_text="Where annotators find help, in Markdown.",
    )
    break_minutes = WholeNumber(required=False, max_value=LONGEST_STRETCH)
    daily_units = WholeNumber(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST_CAP,
        help_text="Most units that one annotator gets a day; null: no cap.",
    )
    daily_warned = WholeNumber(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST_CAP,
        help_text="The same for units with a content warning.",
    )


class AvoidedSerializer(RequestSerializer):
    """The keys of all categories that you are never to be given."""

    categories = serializers.ListField(
        child=serializers.SlugField(max_length=40), max_length=MOST_CATEGORIES
    )


class StoppedSerializer(serializers.Serializer[Any]):
    released = serializers.IntegerField(help_text="Units that others may take now.")
    today = ExposureSerializer()


class AvoidedView(Resource):
    """Private: nobody else can ask for it, and no log says that somebody used it."""

    is_logged = False

    @operation("me_avoid", AvoidedSerializer, body=AvoidedSerializer)
    def put(self, request: Request) -> Response:
        """Choose what you are never given. Only you see it, and nobody is told why."""
        chosen = self.read(AvoidedSerializer)
        set_avoided(user=self.user, categories=chosen["categories"], now=timezone.now())
        return self.show(AvoidedSerializer, {"categories": avoided_keys(self.user)})


class PreferencesView(Resource):
    @operation("me_preferences", PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """How you want your pages."""
        return self.show(PreferencesSerializer, kept_preferences(self.user.preferences))

    @operation("me_set_preferences", PreferencesSerializer, body=ChosenPreferencesSerializer)
    def put(self, request: Request) -> Response:
        """Keep how you want your pages; what you leave out is as usual."""
        sent: Any = self.request.data
        kept = set_preferences(user=self.user, preferences=sent)
        return self.show(PreferencesSerializer, kept)


class StopView(Resource):
    @operation("work_stop", StoppedSerializer, errors=(404,))
    def post(self, request: Request, slug: str) -> Response:
        """Stop for today: what you hold and have not begun goes to others."""
        membership = access_campaign(self.user, slug, "annotation.write").membership
        assert membership is not None
        now = timezone.now()
        released = stop_for_today(membership=membership, now=now)
        stopped = {"released": released, "today": exposure(membership, now=now)}
        return self.show(StoppedSerializer, stopped)
