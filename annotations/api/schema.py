"""The OpenAPI document, and the page to try it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.authentication import TokenAuthentication
from annotations.api.resource import Resource
from annotations.api.throttling import TokenThrottle, telling_limits
from annotations.errors import NotFound


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return document


class MadeOnce(SchemaGenerator):
    """The document is the same for all, and takes a third of a second to make."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> dict[str, Any]:
        return _document()


class SchemaView(SpectacularAPIView):
    """YAML or JSON, by ``Accept`` or ``?format=json``; errors are always JSON."""

    generator_class = MadeOnce
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    throttle_classes = (TokenThrottle,)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        return csrf_exempt(telling_limits(super().as_view(**initkwargs)))

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)


@method_decorator(login_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from this site's own files. It keeps to the policy of all other pages: the
    package's template breaks it with a ``<style>`` only, so the template is our own.
    """

    template_name = "annotations/api_docs.html"

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    url_name = "api:schema"


class UnknownView(Resource):
    """Every other address of the API."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing at this address; addresses of the API end in a slash.")
