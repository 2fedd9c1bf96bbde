"""What changed from one release of a campaign to another."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import BIGGEST_ID
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.errors import InvalidInput
from annotations.selectors.releases import difference, readable_release

FROM = OpenApiParameter("from", int, required=True, description="The earlier release's id.")
BEFORE_AND_AFTER = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
}


@extend_schema_field(BEFORE_AND_AFTER)
class Changes(serializers.DictField):
    """Of each field that changed what was and what is."""


class DifferenceSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    examples = serializers.ListField(
        child=serializers.CharField(), help_text="The first of them, by their ids."
    )


class KindDifferenceSerializer(serializers.Serializer[Any]):
    """Of threads, comments or annotations."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    added = DifferenceSerializer()
    removed = DifferenceSerializer()
    changed = DifferenceSerializer()


class ReleaseDifferenceSerializer(serializers.Serializer[Any]):
    """What changed between two releases."""

    reason = serializers.CharField(
        help_text=(
            "Why `kinds` is empty: where ids do not mean the same in both, where the rows of one "
            "are gone, or where both together are too large to be compared while you wait."
        )
    )
    kinds = serializers.DictField(child=KindDifferenceSerializer())
    counts = Changes()
    contents = Changes()
    codebook = Changes()
    card = Changes()
    formats = Changes()


class ReleaseDifferencesView(Resource):
    parameters = frozenset({"from"})

    @operation(
        "releases_differences", ReleaseDifferenceSerializer, errors=(404, 409), parameters=[FROM]
    )
    def get(self, request: Request, pk: int) -> Response:
        """What changed from an earlier release of the campaign to this one."""
        after = readable_release(self.user, pk)
        before = readable_release(self.user, _earlier(request.query_params.get("from", "")))
        return self.show(ReleaseDifferenceSerializer, difference(before, after))


def _earlier(given: str) -> int:
    if given.isascii() and given.isdigit() and len(given) < 20 and int(given) <= BIGGEST_ID:
        return int(given)
    sentence = "Name the earlier release by its id: ?from=1."
    raise InvalidInput(sentence, fields={"from": [sentence]})
