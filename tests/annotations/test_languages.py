"""The pages in other languages: how one is chosen, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.utils import translation

from annotations.models import ContentCategory, Corpus
from annotations.pages.language import mid_sentence, stored_language
from tests.builders import (
    NOON,
    build_comment,
    build_corpus,
    build_thread,
    build_user,
    build_warning,
)

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


def save_on_account_page(client: Client, language: str, browser: str = "en") -> HttpResponseBase:
    sent = {"theme": "system", "text_size": "normal", "width": "narrow", "language": language}
    headers = {"accept-language": browser}
    return client.post("/account/preferences/", sent, follow=True, headers=headers)


def test_the_account_page_offers_the_languages_once(client: Client) -> None:
    client.force_login(build_user("cleo"))
    page = html(client.get("/account/"))
    assert '<option value="" selected>As the browser says</option>' in page
    assert page.count('<option value="de">Deutsch</option>') == 1
    assert page.count('<option value="ar">العربية</option>') == 1
    assert 'action="/language/"' not in page


def test_a_language_saved_with_the_account_goes_before_the_cookie(client: Client) -> None:
    user = build_user("cleo")
    client.force_login(user)
    answer = html(save_on_account_page(client, "de"))
    assert '<html lang="de" dir="ltr">' in answer
    assert "Die Seiten sehen jetzt so aus, wie Sie es möchten." in answer
    assert '<option value="de" selected>Deutsch</option>' in answer
    choose(client, "ar")
    page = html(client.get("/", headers={"accept-language": "ar"}))
    assert '<html lang="de" dir="ltr">' in page
    assert "Abmelden" in page
    elsewhere = Client()
    elsewhere.force_login(user)
    assert '<html lang="de" dir="ltr">' in html(elsewhere.get("/"))
    assert '<html lang="en" dir="ltr">' in html(Client().get("/login/"))


def test_no_language_on_the_account_page_means_the_browsers(client: Client) -> None:
    client.force_login(build_user("cleo"))
    save_on_account_page(client, "de")
    choose(client, "ar")
    answer = html(save_on_account_page(client, "", browser="en"))
    assert '<html lang="en" dir="ltr">' in answer
    assert "The pages look now as you want them." in answer
    german = html(client.get("/", headers={"accept-language": "de"}))
    assert '<html lang="de" dir="ltr">' in german


def test_the_account_page_shows_the_choice_of_the_log_in_page(client: Client) -> None:
    """So that whoever saves another preference does not lose it."""
    client.force_login(build_user("cleo"))
    choose(client, "ar")
    page = html(client.get("/account/"))
    assert '<option value="ar" selected>العربية</option>' in page


def test_categories_are_said_in_the_language_unless_staff_worded_them(client: Client) -> None:
    ContentCategory.objects.create(key="spiders", title="Spiders", description="Eight legs.")
    build_corpus("talk")
    client.force_login(build_user("ada", is_staff=True))
    choose(client, "de")
    page = html(client.get("/corpora/talk/warnings/"))
    assert '<dt dir="auto">Suizid und Selbstverletzung</dt>' in page
    assert "Spricht von Suizid" in page
    assert "Suicide" not in page
    assert '<dt dir="auto">Spiders</dt><dd dir="auto">Eight legs.</dd>' in page


def test_warnings_are_filtered_and_shown_in_the_language(client: Client) -> None:
    thread = build_thread(corpus := build_corpus("talk"))
    build_warning(build_comment(thread, "Ein Text."), "self-harm")
    client.force_login(build_user("ada", is_staff=True))
    choose(client, "de")
    page = html(client.get(f"/corpora/{corpus.slug}/"))
    assert '<option value="self-harm">Suizid und Selbstverletzung</option>' in page
    assert ">any<" not in page
    text = html(client.get(f"/threads/{thread.pk}/"))
    assert "Inhaltswarnung: Suizid und Selbstverletzung." in text


def test_a_stored_choice_goes_before_the_cookie() -> None:
    request = RequestFactory().get("/")
    request.user = user = build_user("cleo")
    assert stored_language(request) == ""
    user.preferences = {"language": "ar"}
    assert stored_language(request) == "ar"
    user.preferences = {"language": "xx"}
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
