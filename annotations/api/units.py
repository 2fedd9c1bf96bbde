"""A campaign's units, and who works on them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, Time
from annotations.api.filters import (
    BIGGEST_NUMBER,
    ChoiceFilter,
    IdFilter,
    TextFilter,
    TrueOrFalseFilter,
    UserFilterSet,
)
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import FilteredListing
from annotations.models import Assignment, Unit
from annotations.permissions import access_campaign
from annotations.selectors.units import adjudicated, assignments_of, units_of


class ListedUnitSerializer(serializers.Serializer[Unit]):
    """A unit with how far it is. Only managers see the purpose, and units beside the sample."""

    id = serializers.IntegerField()
    thread = serializers.IntegerField(source="thread_id")
    thread_source_id = serializers.CharField(source="thread.source_id")
    comment = serializers.IntegerField(
        source="comment_id", allow_null=True, help_text="Null where the thread is the unit."
    )
    comment_source_id = serializers.CharField(source="comment.source_id", allow_null=True)
    order = serializers.IntegerField(help_text="The order of working.")
    purpose = Choice(Unit.Purpose, allow_null=True, help_text="Null to all but managers.")
    wanted = serializers.IntegerField(source="overlap", help_text="How many label it.")
    submitted = serializers.IntegerField(help_text="Labels of people.")
    skipped = serializers.IntegerField(help_text="By people.")
    adjudicated = serializers.BooleanField()

    def to_representation(self, unit: Unit) -> dict[str, Any]:
        shown = super().to_representation(unit)
        return shown if self.context.get("purposes") else {**shown, "purpose": None}


class SlotSerializer(serializers.Serializer[Assignment]):
    """One of the slots of a unit, and who holds it or has done it."""

    id = serializers.IntegerField()
    unit = serializers.IntegerField(source="unit_id")
    slot = serializers.IntegerField()
    purpose = Choice(Unit.Purpose)
    annotator = serializers.CharField(
        source="membership.pseudonym", allow_null=True, help_text="Null: it is free."
    )
    state = Choice(Assignment.State)
    leased_until = Time(allow_null=True)
    changed_at = Time(allow_null=True)


class UnitFilters(UserFilterSet):
    thread = IdFilter(help_text="The thread's id.")
    comment = IdFilter(help_text="The comment's id.")
    purpose = ChoiceFilter(Unit.Purpose, help_text="What it is there for.")
    adjudicated = TrueOrFalseFilter(
        method="by_decision", help_text="Whether one label was decided on."
    )

    def by_decision(self, rows: QuerySet[Unit], name: str, value: bool) -> QuerySet[Unit]:
        return adjudicated(rows, value)


class AssignmentFilters(UserFilterSet):
    unit = IdFilter(help_text="The unit's id.")
    state = ChoiceFilter(Assignment.State, help_text="How far it is.")
    annotator = TextFilter(
        method="of_annotator", max_length=12, help_text="The pseudonym, such as A3."
    )

    def of_annotator(
        self, rows: QuerySet[Assignment], name: str, value: str
    ) -> QuerySet[Assignment]:
        number = value[1:]
        is_one = value.startswith("A") and number.isdecimal() and int(number) <= BIGGEST_NUMBER
        return rows.filter(membership__number=int(number)) if is_one else rows.none()


class UnitsView(FilteredListing):
    filterset_class = UnitFilters
    queryset = Unit.objects.none()
    orders = {"order": Order(("order",))}

    @operation("units_list", ListedUnitSerializer(many=True), errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """The units in the order of working, to those who may read all labels."""
        access = access_campaign(self.user, slug, "annotation.read_all")
        purposes = {"purposes": access.may("campaign.manage")}
        return self.list(units_of(access), ListedUnitSerializer, purposes)


class AssignmentsView(FilteredListing):
    filterset_class = AssignmentFilters
    queryset = Assignment.objects.none()

    @operation("assignments_list", SlotSerializer(many=True), errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """Who holds or has done which unit (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return self.list(assignments_of(access), SlotSerializer)
