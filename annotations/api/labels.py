"""All labels of a campaign in one stream: what an export would hold now."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from annotations.api.contents_query import NAMES, PARAMETERS, SEVERAL, contents_of
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.exporters.registry import exporter, streamed
from annotations.permissions import Access, access_campaign
from annotations.services.exports import stream_labels

USUAL = "jsonl"


def _formats_by_type() -> dict[str, str]:
    """The format for each media type, the usual one first, which ``*/*`` gets.

    Where formats share a type, it means the one that is called as its files end.
    """
    found: dict[str, str] = {}
    for one in sorted(
        streamed().values(), key=lambda one: (one.name != USUAL, one.name != one.extension)
    ):
        found.setdefault(one.media_type, one.name)
    return found


FORMATS = _formats_by_type()
FORMAT = OpenApiParameter(
    "format",
    str,
    description="`jsonl` (as usual), `csv`, or another export format; wins over `Accept`.",
)


class LabelsView(Resource):
    parameters = frozenset({"format", *NAMES})
    several = SEVERAL

    @operation(
        "campaigns_labels",
        {(200, media_type): OpenApiTypes.BINARY for media_type in FORMATS},
        errors=(403, 404),
        parameters=[FORMAT, *PARAMETERS],
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """Every label as a row, streamed in stable order; docs/exports.md explains the columns.

        What is in it can be chosen as for an export.
        """
        access = _access(self, slug)
        name = request.query_params.get("format") or _preferred(request)
        chosen = exporter(name)
        response = StreamingHttpResponse(
            stream_labels(access.campaign, name, contents_of(request.query_params)),
            content_type=chosen.content_type,
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
    kind = request._request.get_preferred_type(list(FORMATS))
    return FORMATS[kind] if kind else USUAL
