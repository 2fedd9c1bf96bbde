"""In which language somebody reads the pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.templatetags.static import static
from django.utils import translation

ENGLISH = "en"
# What programs ask: nobody's language is looked up for it, which would ask the database.
FOR_PROGRAMS = ("/api/", "/healthz", "/readyz")


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice of the language (cookie, then browser), below what a user has stored.

    The API speaks English: scripts read its sentences, and its schema is one for all.
    """

    def process_request(self, request: HttpRequest) -> None:
        if speaks_english(request):
            translation.activate(ENGLISH)
        else:
            translation.activate(language_of_reader(request))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if speaks_english(request):
            return response
        return super().process_response(request, response)


def speaks_english(request: HttpRequest) -> bool:
    return request.path_info.startswith(FOR_PROGRAMS)


def language_of_reader(request: HttpRequest) -> str:
    """What the user has stored, else what the browser's cookie or the browser itself says."""
    return stored_language(request) or request_language(request)


def request_language(request: HttpRequest) -> str:
    """What the cookie of the language form says, else what the browser asks for."""
    return translation.get_language_from_request(request)


def stored_language(request: HttpRequest) -> str:
    """The language that the user keeps among their preferences; empty without one."""
    preferences: dict[str, Any] = getattr(request.user, "preferences", None) or {}
    language = preferences.get("language", "")
    return language if language in dict(settings.LANGUAGES) else ""


def cookie_language(request: HttpRequest) -> str:
    """What the language form of the log-in page has left; empty where it was not used."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in dict(settings.LANGUAGES) else ""


def language_of_page(_: HttpRequest) -> dict[str, object]:
    """For the templates: the language and direction of the page, and the choice of others.

    ``catalog`` is where the scripts find their sentences, empty for English.
    """
    language = translation.get_language() or ENGLISH
    return {
        "language": language,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "catalog": "" if language == ENGLISH else static(f"frontend/i18n/{language}.json"),
        "languages": settings.LANGUAGES,
    }


def mid_sentence(words: object) -> str:
    """The name of a choice as it stands inside a sentence: English drops its capitals."""
    return str(words).lower() if translation.get_language() == ENGLISH else str(words)
