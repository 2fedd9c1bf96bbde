"""What a dataset holds, as exports and releases take and show it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.api.errors import fields_below
from annotations.api.fields import FiniteNumber, JSONObject, RequestSerializer, WholeNumber
from annotations.api.recipes import FiltersSerializer
from annotations.exporters.contents import (
    CONTEXTS,
    FORMULAS,
    LARGEST_SEED,
    METHODS,
    PRIVACY,
    SPLITS,
    Contents,
)
from annotations.exporters.rows import LAYERS

CONTENTS_FIELDS = frozenset(one.name for one in fields(Contents))


class ContentsSerializer(RequestSerializer):
    """What is in a dataset; what is left out is as usual. The same choice gives the same rows."""

    layers = serializers.ListField(
        child=serializers.ChoiceField(LAYERS),
        required=False,
        help_text="Whose labels; as usual all but `aggregated`.",
    )
    method = serializers.ChoiceField(
        ["", *METHODS], required=False, help_text="The aggregation that `aggregated` is of."
    )
    context = serializers.ChoiceField(  # type: ignore[assignment]
        CONTEXTS, required=False, help_text="What is added to the comments that were sampled."
    )
    filters = FiltersSerializer(required=False, help_text="Which of the sample; `{}`: all of it.")
    privacy = serializers.ChoiceField(PRIVACY, required=False)
    notes = serializers.BooleanField(
        required=False, help_text="What annotators wrote to managers, and why decisions were made."
    )
    traits = serializers.BooleanField(
        required=False, help_text="What annotators agreed to tell of themselves."
    )
    split_by = serializers.ChoiceField(SPLITS, required=False)
    shares = serializers.ListField(
        child=FiniteNumber(min_value=0, max_value=1),
        min_length=3,
        max_length=3,
        required=False,
        help_text="Of train, validation and test; they sum to 1.",
    )
    seed = WholeNumber(max_value=LARGEST_SEED, required=False, help_text="Of the splits.")
    formulas = serializers.ChoiceField(
        FORMULAS, required=False, help_text="Cells of a CSV file that a spreadsheet would run."
    )


@extend_schema_field(ContentsSerializer)
class ContentsField(JSONObject):
    """A choice of contents, read by its own rules; it is shown as it is stored."""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        with fields_below(self.field_name or "contents"):
            return Contents.from_json(given)
