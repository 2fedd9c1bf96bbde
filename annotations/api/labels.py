"""All labels of a campaign in one stream: what an export would hold now."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.exporters.registry import exporter
from annotations.permissions import Access, access_campaign
from annotations.services.exports import stream_labels

TYPES = {"application/x-ndjson": "jsonl", "application/jsonl": "jsonl", "text/csv": "csv"}
FORMAT = OpenApiParameter(
    "format",
    str,
    description="`jsonl` (as usual), `csv`, or another export format; wins over `Accept`.",
)


class LabelsView(Resource):
    parameters = frozenset({"format"})

    @operation(
        "campaigns_labels",
        {
            (200, "application/x-ndjson"): OpenApiTypes.STR,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        errors=(403, 404),
        parameters=[FORMAT],
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """Every label as a row, streamed in stable order; docs/exports.md explains the columns."""
        access = _access(self, slug)
        name = request.query_params.get("format") or _preferred(request)
        chosen = exporter(name)
        content_type = "application/x-ndjson" if name == "jsonl" else chosen.content_type
        response = StreamingHttpResponse(
            stream_labels(access.campaign, name), content_type=content_type
        )
        file_name = f"{access.campaign.slug}.{chosen.extension}"
        response.headers["Content-Disposition"] = f'inline; filename="{file_name}"'
        return response


def _access(view: LabelsView, slug: str) -> Access:
    """Those who read all annotations may have them as rows, too."""
    seen = access_campaign(view.user, slug, "campaign.view")
    if seen.may("annotation.read_all"):
        return seen
    return access_campaign(view.user, slug, "export.create")


def _preferred(request: Request) -> str:
    kind = request._request.get_preferred_type(list(TYPES))
    return TYPES[kind] if kind else "jsonl"
