"""The audit log: who saw, changed and took what."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import CampaignFilters, ChoiceFilter, TextFilter
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import FilteredListing
from annotations.models import AuditEntry, User
from annotations.selectors.audit import readable_entries
from annotations.services.audit import Act, note_seen


class AuditEntrySerializer(serializers.Serializer[AuditEntry]):
    """One entry; docs/audit.md tells what each act is."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    act = serializers.ChoiceField(AuditEntry.Act.choices)
    name = serializers.CharField(help_text="Who; empty where nobody was logged in, or erased.")
    way = serializers.ChoiceField(AuditEntry.Way.choices)
    token = serializers.SerializerMethodField(help_text="The token, to staff and its owner.")
    address = serializers.SerializerMethodField(help_text="From where, to staff and oneself.")
    kind = serializers.CharField(help_text="Of what the act was about, such as `export run`.")
    about = serializers.CharField(help_text="Its slug, id or pseudonym.")
    campaign = serializers.SlugField(source="campaign.slug", default=None, allow_null=True)
    details = serializers.DictField(help_text="Counts, states and names of settings.")

    def get_token(self, entry: AuditEntry) -> str:
        return entry.token if self._is_for(entry) else ""

    def get_address(self, entry: AuditEntry) -> str:
        return entry.address if self._is_for(entry) else ""

    def _is_for(self, entry: AuditEntry) -> bool:
        reader: User = self.context["reader"]
        return reader.is_staff or entry.user_id == reader.pk


class AuditFilters(CampaignFilters):
    act = ChoiceFilter(AuditEntry.Act, help_text="Only this act.")
    way = ChoiceFilter(AuditEntry.Way, help_text="Only what came this way.")
    name = TextFilter(max_length=150, help_text="Only what this account did.")


class AuditView(FilteredListing):
    filterset_class = AuditFilters
    queryset = AuditEntry.objects.none()
    orders = NEWEST_FIRST

    @operation("audit_list", AuditEntrySerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """To staff the whole log; to others that of the campaigns they manage, and their own."""
        note_seen(act=Act.LOG_TAKEN, now=timezone.now())
        return self.list(readable_entries(self.user), AuditEntrySerializer, {"reader": self.user})
