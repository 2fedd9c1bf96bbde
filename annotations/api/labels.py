"""All labels of a campaign: the very bytes that an export would have now."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, StreamingHttpResponse
from django.http.request import MediaType
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request

from annotations.api.contents_query import NAMES, PARAMETERS, SEVERAL, contents_of
from annotations.api.errors import ErrorSerializer
from annotations.api.operations import ETAG, IF_NONE_MATCH, UNCHANGED, operation
from annotations.api.ranges import RANGES, StoredFile, file_answer
from annotations.api.reading import Reading, goes_on, named_tags
from annotations.api.resource import Resource
from annotations.api.taking import note_taken
from annotations.exporters.contents import Contents
from annotations.exporters.registry import Exporter, streamed
from annotations.models import Campaign
from annotations.permissions import Access, access_campaign
from annotations.selectors.label_state import label_state
from annotations.services.audit import Act
from annotations.services.exports import stream_labels, streamed_exporter
from annotations.services.label_files import (
    LabelFile,
    choice,
    file_of_tag,
    kept_file,
    label_file,
)

USUAL = "jsonl"
READ_BY_PARTS = frozenset({"parquet"})


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
    description="`jsonl` (as usual), `csv`, `parquet`, or another export format of one file; "
    "wins over `Accept`.",
)
PART_OR_STATE = {
    (206, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
    304: UNCHANGED,
    412: OpenApiResponse(description="The labels are others now (`If-Match`)."),
    416: OpenApiResponse(ErrorSerializer, "The file has no such part."),
}


class LabelsView(Resource):
    parameters = frozenset({"format", *NAMES})
    several = SEVERAL

    @operation(
        "campaigns_labels",
        {(200, media_type): OpenApiTypes.BINARY for media_type in FORMATS} | PART_OR_STATE,
        errors=(403, 404, 406, 503),
        parameters=[FORMAT, *PARAMETERS, *RANGES, IF_NONE_MATCH, ETAG],
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Every label as a row, in stable order; docs/exports.md explains the columns.

        What is in it can be chosen as for an export. The `ETag` stands for the labels as they
        are: with `If-None-Match` nothing is sent while they are the same. Parquet is a file that
        can be read by parts (`Range`).
        """
        campaign = _access(self, slug).campaign
        chosen = streamed_exporter(request.query_params.get("format") or _preferred(request))
        contents = contents_of(request.query_params)
        answer = _Answer(self, campaign, chosen, contents)
        response = answer.by_parts() if chosen.name in READ_BY_PARTS else answer.whole()
        patch_vary_headers(response, ["Accept"])
        return response


@dataclass
class _Answer:
    """One choice of a campaign's labels, as one request gets it."""

    view: LabelsView
    campaign: Campaign
    format: Exporter
    contents: Contents

    def whole(self) -> HttpResponseBase:
        """The rows as they are read. Those that change in between come as they are then: who has
        them with the tag from before only gets them once more."""
        etag = self._etag()
        response = self._stands(etag)
        if response is None:
            headers = {"Content-Type": self.format.content_type}
            headers["Content-Disposition"] = f'inline; filename="{self._name}"'
            request = self.view.request
            if request.method == "HEAD":
                response = HttpResponse(headers=headers)
            else:
                rows = stream_labels(*self._choice)
                note_taken(request, act=Act.LABELS_TAKEN, about=self.campaign, details=self._told)
                response = StreamingHttpResponse(rows, headers=headers)
        if etag:
            response.headers["ETag"] = etag
        return response

    def by_parts(self) -> HttpResponseBase:
        """A file, made of the labels as they are, unless the client reads one already."""
        request = self.view.request
        reading = Reading(self.view.user, choice(*self._choice))
        file = self._begun(reading)
        if file is None:
            stands = self._stands(self._etag(), "If-None-Match")
            if stands is not None:
                return stands
            file = label_file(*self._choice)
            reading.note(file.stored)
        told = StoredFile(
            stored=file.stored,
            name=self._name,
            size=file.size,
            sha256=file.tag,
            content_type=self.format.content_type,
        )
        note_taken(request, act=Act.LABELS_TAKEN, about=self.campaign, details=self._told)
        return file_answer(request, told)

    def _begun(self, reading: Reading) -> LabelFile | None:
        request = self.view.request
        for tag in named_tags(request):
            if kept := file_of_tag(*self._choice, tag):
                return kept
        stored = reading.stored() if goes_on(request) else ""
        return kept_file(stored) if stored else None

    def _etag(self) -> str | None:
        state = label_state(self.campaign, self.contents, self.format.name)
        return quote_etag(state) if state else None

    def _stands(self, etag: str | None, header: str = "") -> HttpResponseBase | None:
        """304 or 412, where the request is only for other labels than these."""
        request = self.view.request
        if etag is None or (header and header not in request.headers):
            return None
        response: HttpResponseBase | None = get_conditional_response(request._request, etag=etag)
        if response is not None:
            response.headers["ETag"] = etag
        return response

    @property
    def _choice(self) -> tuple[Campaign, str, Contents]:
        return self.campaign, self.format.name, self.contents

    @property
    def _told(self) -> dict[str, str]:
        return {"format": self.format.name}

    @property
    def _name(self) -> str:
        return f"{self.campaign.slug}.{self.format.extension}"


def _access(view: LabelsView, slug: str) -> Access:
    """Those who read all annotations may have them as rows, too."""
    seen = access_campaign(view.user, slug, "campaign.view")
    if seen.may("annotation.read_all"):
        return seen
    return access_campaign(view.user, slug, "export.create")


def _preferred(request: Request) -> str:
    """The one that the client likes best. Raises NotAcceptable."""
    named = map(MediaType, request.headers.get("Accept", "").split(","))
    refused = {f"{one.main_type}/{one.sub_type}" for one in named if one.quality == 0}
    kind = request._request.get_preferred_type([one for one in FORMATS if one not in refused])
    if kind is None:
        raise NotAcceptable(
            f"Labels come as {', '.join(FORMATS)}: name one of these in the header Accept, or a "
            "format in the parameter format."
        )
    return FORMATS[kind]
