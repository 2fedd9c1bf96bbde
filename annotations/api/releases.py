"""Releases: drafted, confirmed, watched, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.cards import CARD_FIELDS, CardField
from annotations.api.contents import CONTENTS_FIELDS, ContentsField
from annotations.api.errors import fields_below
from annotations.api.fields import JSONObject, RequestSerializer, Time
from annotations.api.filters import CampaignFilters
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import FilteredListing, Resource
from annotations.exporters.contents import Contents
from annotations.models import Release, User
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.releases.card import Card
from annotations.selectors.releases import readable_release, readable_releases
from annotations.services.jobs import cancel_job, retry_job
from annotations.services.releases import (
    LONGEST_TITLE,
    change_release,
    confirm_release,
    discard_release,
    draft_release,
    withdraw_release,
)

LONGEST_REASON = 2000


class ReleaseSummarySerializer(JobSerializer):
    """A release of a campaign, as a job. A draft is `staged`."""

    campaign = serializers.SlugField(source="campaign.slug")
    title = serializers.CharField()
    version = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of the archive.")
    frozen_at = Time(allow_null=True, help_text="As the campaign was at this time.")
    withdrawn_at = Time(allow_null=True)
    withdrawn_reason = serializers.CharField()


class ReleaseSerializer(ReleaseSummarySerializer):
    """A release with all that was chosen and said of it, and its manifest once it is made."""

    contents = ContentsField()
    card = CardField()
    missing = serializers.SerializerMethodField(
        help_text="Why it cannot be confirmed yet: a sentence for each field of the card."
    )
    manifest = JSONObject()

    def get_missing(self, release: Release) -> dict[str, str]:
        return dict(Card.from_json(release.card).missing)


class ReleaseChangeSerializer(RequestSerializer):
    """What changes in a draft; what is left out stays as it is. A card comes whole."""

    title = serializers.CharField(max_length=LONGEST_TITLE, required=False)
    version = serializers.CharField(max_length=20, required=False, help_text="Such as `1.0`.")
    contents = ContentsField(required=False)
    formats = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=100
    )
    card = CardField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"title": ["Nothing was asked for."]})
        return attrs


class NewReleaseSerializer(ReleaseChangeSerializer):
    """A release to draft; its contents are as usual unless chosen otherwise."""

    campaign = serializers.SlugField(help_text="The campaign's slug.")
    title = serializers.CharField(max_length=LONGEST_TITLE)
    version = serializers.CharField(max_length=20, help_text="Such as `1.0`.")
    formats = serializers.ListField(child=serializers.CharField(max_length=20), max_length=100)


class WithdrawSerializer(RequestSerializer):
    """Why a release is withdrawn."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class ReleasesView(FilteredListing):
    filterset_class = CampaignFilters
    queryset = Release.objects.none()
    orders = NEWEST_FIRST

    @operation("releases_list", ReleaseSummarySerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """The releases of the campaigns that you may export, the newest first; drafts are shown
        to those who may make them."""
        rows = readable_releases(self.user).defer("manifest", "card", "contents")
        return self.list(rows, ReleaseSummarySerializer, job_context(timezone.now()))

    @operation(
        "releases_create",
        ReleaseSerializer,
        body=NewReleaseSerializer,
        status=201,
        errors=(404, 409),
    )
    def post(self, request: Request) -> Response:
        """Draft a release (managers). Nothing is made until it is confirmed."""
        wanted = self.read(NewReleaseSerializer)
        access = access_campaign(self.user, wanted.pop("campaign"), "release.create")
        now = timezone.now()
        usual = {"contents": Contents(), "card": Card()}
        with _errors_in_place():
            release = draft_release(
                campaign=access.campaign, user=self.user, now=now, **{**usual, **wanted}
            )
        return self.show(ReleaseSerializer, release, status=201, context=job_context(now))


class ReleaseView(Resource):
    @operation("releases_get", ReleaseSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One release: its state, what is in it, and what it says of itself."""
        release = readable_release(self.user, pk)
        return self.show(ReleaseSerializer, release, context=job_context(timezone.now()))

    @operation(
        "releases_change", ReleaseSerializer, body=ReleaseChangeSerializer, errors=(404, 409)
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change a draft (managers)."""
        release = own_release(self.user, pk)
        wanted = self.read(ReleaseChangeSerializer)
        with _errors_in_place():
            changed = change_release(release=release, **wanted)
        return self.show(ReleaseSerializer, changed, context=job_context(timezone.now()))

    @operation("releases_discard", {204: None}, errors=(404, 409))
    def delete(self, request: Request, pk: int) -> Response:
        """Discard a draft, or one that never came to an end (managers)."""
        discard_release(release=own_release(self.user, pk))
        return Response(status=204)


class ReleaseConfirmView(Resource):
    @operation("releases_confirm", ReleaseSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Let a draft be made (managers): from now on it does not change."""
        release, now = own_release(self.user, pk), timezone.now()
        with _errors_in_place():
            confirmed = confirm_release(release=release, now=now)
        enqueue(confirmed)
        return self.show(ReleaseSerializer, confirmed, status=202, context=job_context(now))


class ReleaseCancelView(Resource):
    @operation("releases_cancel", ReleaseSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop a release that is not made yet (managers)."""
        now = timezone.now()
        release = cancel_job(job=own_release(self.user, pk), now=now)
        return self.show(ReleaseSerializer, release, context=job_context(now))


class ReleaseRetryView(Resource):
    @operation("releases_retry", ReleaseSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Go on with a failed or cancelled release (managers); a draft becomes a draft again."""
        now = timezone.now()
        release = retry_job(job=own_release(self.user, pk), now=now)
        enqueue(release)
        return self.show(ReleaseSerializer, release, status=202, context=job_context(now))


class ReleaseWithdrawView(Resource):
    @operation("releases_withdraw", ReleaseSerializer, body=WithdrawSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Take the files of a finished release away for good (managers). What it says of itself
        stays, with your reason."""
        release = own_release(self.user, pk)
        wanted, now = self.read(WithdrawSerializer), timezone.now()
        withdrawn = withdraw_release(release=release, now=now, **wanted)
        return self.show(ReleaseSerializer, withdrawn, context=job_context(now))


def own_release(user: User, pk: int) -> Release:
    """One that the user may change. Raises NotFound where they cannot see it, else NotPermitted."""
    release = readable_release(user, pk)
    access_campaign(user, release.campaign.slug, "release.create")
    return release


@contextmanager
def _errors_in_place() -> Iterator[None]:
    """What is wrong with the contents or the card stands at ``contents.…`` or ``card.…``."""
    with fields_below("contents", CONTENTS_FIELDS), fields_below("card", CARD_FIELDS):
        yield
