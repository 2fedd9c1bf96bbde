"""The pages in other languages: how one is chosen, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.utils import translation

from annotations.models import Corpus
from annotations.pages.language import mid_sentence, stored_language
from tests.builders import NOON, build_corpus, build_thread, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    translation.activate("en")


def html(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def choose(client: Client, language: str) -> None:
    client.post("/language/", {"language": language, "next": "/login/"})


def test_a_browser_is_answered_in_its_language(client: Client) -> None:
    page = html(client.get("/login/", headers={"accept-language": "de-AT,en;q=0.5"}))
    assert '<html lang="de" dir="ltr">' in page
    assert "Anmelden" in page
    assert "Log in" not in page


def test_a_language_that_nobody_translated_becomes_english(client: Client) -> None:
    page = html(client.get("/login/", headers={"accept-language": "fi"}))
    assert '<html lang="en" dir="ltr">' in page
    assert 'data-catalog=""' in page


def test_the_choice_in_the_footer_outlives_the_browsers_wish(client: Client) -> None:
    assert 'action="/language/"' in html(client.get("/login/"))
    choose(client, "ar")
    page = html(client.get("/login/", headers={"accept-language": "de"}))
    assert '<html lang="ar" dir="rtl">' in page
    assert "تسجيل الدخول" in page
    assert 'data-catalog="/static/frontend/i18n/ar.json"' in page


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    choose(client, "xx")
    assert '<html lang="en" dir="ltr">' in html(client.get("/login/"))


def test_the_account_page_offers_the_languages(client: Client) -> None:
    client.force_login(build_user("cleo"))
    choose(client, "de")
    page = html(client.get("/account/"))
    assert '<option value="de" lang="de" selected>Deutsch</option>' in page
    assert '<option value="ar" lang="ar">العربية</option>' in page


def test_a_stored_choice_goes_before_the_cookie() -> None:
    request = RequestFactory().get("/")
    request.user = user = build_user("cleo")
    assert stored_language(request) == ""
    setattr(user, "preferences", {"language": "ar"})  # noqa: B010
    assert stored_language(request) == "ar"
    setattr(user, "preferences", {"language": "xx"})  # noqa: B010
    assert stored_language(request) == ""


def test_the_api_speaks_english(client: Client) -> None:
    client.force_login(build_user("cleo"))
    choose(client, "de")
    answer = client.get("/api/v1/campaigns/none/", headers={"accept-language": "de"})
    assert answer.json()["message"] == "There is no campaign 'none' that you take part in."
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_counts_and_dates_are_said_in_the_way_of_the_language(client: Client) -> None:
    thread = build_thread(build_corpus(), comment_count=30, started_at=NOON)
    client.force_login(build_user("ada", is_staff=True))
    choose(client, "ar")
    arabic = html(client.get(f"/threads/{thread.pk}/"))
    assert "30 تعليقًا" in arabic
    assert "1 مارس 2026" in arabic
    choose(client, "de")
    german = html(client.get(f"/threads/{thread.pk}/"))
    assert "30 Kommentare" in german
    assert "1. Mär 2026" in german


def test_choices_keep_their_capitals_where_the_language_wants_them() -> None:
    translation.activate("en")
    assert mid_sentence("Single Label") == "single label"
    with translation.override("de"):
        assert mid_sentence(Corpus.AuthorNames.PSEUDONYM.label) == "Pseudonyme"
