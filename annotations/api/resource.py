"""What every view of the API has in common."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from annotations.api.authentication import TokenAuthentication
from annotations.api.operations import SOME_FIELDS
from annotations.api.paging import KeyPagination, Order
from annotations.api.parsing import BoundedJSONParser
from annotations.api.scopes import ScopeAllows
from annotations.api.throttling import TokenThrottle, telling_limits
from annotations.errors import InvalidInput
from annotations.models import User

OF_A_PAGE = {"next", "results"}

log = logging.getLogger("threadmark.api")


class ByContentType(BaseContentNegotiation):
    """Bodies are told by their type; answers are JSON, whatever a client says it prefers."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Resource(GenericAPIView[Any]):
    """A view for people who are logged in.

    ``parameters`` are the query parameters that it takes when it is read, ``several`` those of
    them that may be repeated, ``body_parameters`` those that it takes beside a body.
    """

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated, ScopeAllows)
    throttle_classes: Any = (TokenThrottle,)
    parser_classes: Any = (BoundedJSONParser,)
    content_negotiation_class = ByContentType
    pagination_class: Any = None
    filter_backends: Any = ()
    metadata_class = None
    parameters: ClassVar[frozenset[str]] = frozenset()
    body_parameters: ClassVar[frozenset[str]] = frozenset()
    several: ClassVar[frozenset[str]] = frozenset()
    log_place: ClassVar[bool] = True
    is_logged: ClassVar[bool] = True
    chosen_fields: Sequence[str] = ()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Answers name themselves (``ETag``), and are not sent to who has them already."""
        return csrf_exempt(telling_limits(conditional_page(super().as_view(**initkwargs))))

    @property
    def user(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user

    @property
    def shown_fields(self) -> Sequence[str]:
        """The fields of the objects that this GET shows; none where it shows no objects."""
        handler = getattr(self, "get", None) if self.request.method in SAFE_METHODS else None
        fields: Sequence[str] = getattr(handler, "shown_fields", ())
        return fields

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
        is_read = request.method in SAFE_METHODS
        known = self.known_parameters() if is_read else self.body_parameters
        known = known.union(["fields"]) if self.shown_fields else known
        if unknown := sorted(request.query_params.keys() - known):
            raise _unknown_parameters(unknown, known)
        if twice := _given_twice(request, self.several):
            sentence = "Give this parameter once."
            raise InvalidInput(f"{twice}: {sentence}", fields={twice: [sentence]})
        self.chosen_fields = _chosen(request.query_params.get("fields"), self.shown_fields)

    def known_parameters(self) -> frozenset[str]:
        return self.parameters

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Every change is logged: who, what and where, never what was sent.

        Only what concerns nobody but the one who does it is not.
        """
        changed = request.method not in SAFE_METHODS and response.status_code < 400
        if changed and self.is_logged:
            place = dict(self.kwargs) if self.log_place else {}
            name = type(self).__name__
            log.info("%s %s %s by user %s", request.method, name, place, request.user.pk)
        if self.chosen_fields and response.status_code == 200:
            response.data = _with_fields(response.data, self.chosen_fields)
            response.content_type = SOME_FIELDS
        return super().finalize_response(request, response, *args, **kwargs)

    def read(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The body as the serializer takes it. Raises ValidationError."""
        return dict(_reader(serializer).run_validation(self.request.data))  # type: ignore[arg-type]

    def show(
        self,
        serializer: type[BaseSerializer[Any]],
        shown: Any,
        *,
        status: int = 200,
        context: Mapping[str, Any] | None = None,
    ) -> Response:
        return Response(serializer(shown, context=dict(context or {})).data, status=status)


class Listing(Resource):
    """A view whose GET is a list. ``orders`` are those to be had, the usual one first."""

    pagination_class = KeyPagination
    parameters = frozenset({"cursor", "page_size"})
    orders: ClassVar[Mapping[str, Order]] = {"id": Order(("id",))}

    def known_parameters(self) -> frozenset[str]:
        return self.parameters.union(["ordering"] if len(self.orders) > 1 else [])

    def list(
        self,
        rows: QuerySet[Any],
        serializer: type[BaseSerializer[Any]],
        context: Mapping[str, Any] | None = None,
    ) -> Response:
        """One page of the rows that the filters leave."""
        page = self.paginate_queryset(self.filter_queryset(rows))
        self.note_seen(page or ())
        shown = serializer(page, many=True, context=dict(context or {}))
        return self.get_paginated_response(shown.data)

    def note_seen(self, rows: Sequence[Any]) -> None:
        """What the audit log is told of these rows; nothing, if they are nobody's."""


class FilteredListing(Listing):
    """A list with filters; the schema reads their types from the model of ``queryset``."""

    filter_backends = (DjangoFilterBackend,)
    filterset_class: ClassVar[type[Any]]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """An empty filter would pass for "everything", as where a script's variable is not set."""
        super().initial(request, *args, **kwargs)
        given = request.query_params
        if empty := [name for name in self.filterset_class.base_filters if given.get(name) == ""]:
            sentence = "Give a value, or leave this parameter out."
            raise InvalidInput(f"{empty[0]}: {sentence}", fields={empty[0]: [sentence]})

    def known_parameters(self) -> frozenset[str]:
        return super().known_parameters().union(self.filterset_class.base_filters)


@cache
def _reader(serializer: type[BaseSerializer[Any]]) -> BaseSerializer[Any]:
    """One for all requests: it holds nothing of what it reads, and its fields are long to make."""
    return serializer()


def _chosen(given: str | None, known: Sequence[str]) -> Sequence[str]:
    """The fields that the parameter names; none where it is not given. Raises InvalidInput."""
    if given is None:
        return ()
    chosen = [name for name in given.split(",") if name]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        what = f"There is no field {unknown[0][:100]!r}" if unknown else "No field is named"
        sentence = f"{what}; the known ones are: {', '.join(known)}."
        raise InvalidInput(sentence, fields={"fields": [sentence]})
    return chosen


def _with_fields(data: Any, chosen: Sequence[str]) -> Any:
    """The data of an object, of a list of them, or of a page, cut down to the chosen fields."""
    if isinstance(data, list):
        return [_with_fields(row, chosen) for row in data]
    if data.keys() >= OF_A_PAGE:
        return {**data, "results": _with_fields(data["results"], chosen)}
    return {name: data[name] for name in chosen if name in data}


def _given_twice(request: Request, several: frozenset[str]) -> str | None:
    """A parameter whose first value would be lost; None where there is none."""
    given = request.query_params
    single = (name for name in given if name not in several)
    return next((name for name in single if len(given.getlist(name)) > 1), None)


def _unknown_parameters(unknown: Sequence[str], known: frozenset[str]) -> InvalidInput:
    names = ", ".join(sorted(known)) or "none"
    sentence = f"There is no such parameter here; the known ones are: {names}."
    first = unknown[0][:100]
    return InvalidInput(
        f"{first}: {sentence}", fields={name[:100]: [sentence] for name in unknown[:20]}
    )
