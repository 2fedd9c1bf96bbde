"""The pages about content warnings: what they show, who may change what, and what is covered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Comment, ContentRule, Corpus, TextScan, User
from tests import builders as build
from tests.builders import NOON

pytestmark = pytest.mark.django_db
PLACE = "/corpora/talk/warnings/"
ROLES = ("staff", "manager", "adjudicator", "viewer", "annotator")


@pytest.fixture
def corpus() -> Corpus:
    corpus = build.build_corpus("talk")
    campaign = build.build_campaign(corpus)
    for role in ROLES[1:]:
        build.build_membership(campaign, build.build_user(role), role=role)
    build.build_user("staff", is_staff=True)
    build.build_category("hate", position=1)
    build.build_category("sexual", position=2)
    return corpus


@pytest.fixture
def comment(corpus: Corpus) -> Comment:
    return build.build_comment(build.build_thread(corpus), "A hateful text.")


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def key(name: str) -> int:
    return build.build_category(name).pk


def warned(comment: Comment) -> set[str]:
    return set(comment.warnings.values_list("category__key", flat=True))


@pytest.mark.parametrize(
    ("role", "status", "may"),
    [
        ("staff", 200, True),
        ("manager", 200, True),
        ("viewer", 200, False),
        ("adjudicator", 200, False),
        ("annotator", 404, False),
    ],
)
def test_who_reads_the_corpus_sees_them_and_managers_change_them(
    comment: Comment, role: str, status: int, may: bool
) -> None:
    rule = ContentRule.objects.create(
        corpus=comment.corpus,
        category_id=key("hate"),
        kind="words",
        words=["ugly"],
        created_at=NOON,
    )
    client = as_user(role)
    answer = client.get(PLACE)
    assert answer.status_code == status
    assert ("New rule by words" in answer.content.decode()) is may
    refused = 404 if status == 404 else 403
    acts: list[tuple[str, dict[str, Any]]] = [
        (f"{PLACE}categories/", {"categories": [key("sexual")]}),
        (f"{PLACE}words/", {"category": key("hate"), "words": "ugly"}),
        (f"{PLACE}fields/", {"category": key("hate"), "field": "over_18", "value": "true"}),
        (f"{PLACE}rules/{rule.pk}/delete/", {}),
        (f"/comments/{comment.pk}/warnings/", {"categories": [key("hate")]}),
    ]
    for address, sent in acts:
        assert client.post(address, sent).status_code == (302 if may else refused), address
    page = client.get(f"/comments/{comment.pk}/warnings/")
    assert page.status_code == (200 if may else refused)


def test_every_change_needs_its_token(comment: Comment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="staff"))
    for address in (f"{PLACE}words/", f"/comments/{comment.pk}/warnings/", "/account/avoided/"):
        assert client.post(address, {}).status_code == 403


def test_a_rule_is_made_and_the_texts_are_looked_at_again(corpus: Corpus) -> None:
    sent = {"category": key("hate"), "words": "ugly\n\n  you all  \nugly\n<b>\n"}
    html = as_user("manager").post(f"{PLACE}words/", sent, follow=True).content.decode()
    rule = ContentRule.objects.get()
    assert rule.words == ["ugly", "you all", "<b>"]
    assert rule.added_by == User.objects.get(username="manager")
    assert TextScan.objects.get().state == "queued"
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    as_user("staff").post(f"{PLACE}rules/{rule.pk}/delete/")
    assert not ContentRule.objects.exists()


def test_a_field_rule_is_made_and_shown(corpus: Corpus) -> None:
    sent = {"category": key("sexual"), "field": "labels[].val", "value": "porn"}
    html = as_user("staff").post(f"{PLACE}fields/", sent, follow=True).content.decode()
    rule = ContentRule.objects.get()
    assert (rule.kind, rule.field, rule.value) == ("field", "labels[].val", "porn")
    assert "labels[].val" in html


@pytest.mark.parametrize(
    ("act", "sent", "sentence"),
    [
        ("words", {"words": " \n "}, "This field is required."),
        ("words", {"words": "x" * 101}, "at most 100 characters"),
        ("fields", {"field": "a..b"}, "names with dots"),
        ("fields", {"field": "a", "category": 0}, "Select a valid choice"),
    ],
)
def test_what_makes_no_rule_is_refused_beside_its_field(
    corpus: Corpus, act: str, sent: dict[str, Any], sentence: str
) -> None:
    answer = as_user("staff").post(f"{PLACE}{act}/", {"category": key("hate"), **sent})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not ContentRule.objects.exists()


def test_another_corpus_s_rule_is_not_deleted_here(corpus: Corpus) -> None:
    other = ContentRule.objects.create(
        corpus=build.build_corpus(),
        category_id=key("hate"),
        kind="words",
        words=["ugly"],
        created_at=NOON,
    )
    assert as_user("staff").post(f"{PLACE}rules/{other.pk}/delete/").status_code == 404
    assert ContentRule.objects.get() == other


def test_the_corpus_page_counts_and_leads_to_the_threads(comment: Comment) -> None:
    build.build_warning(comment, "hate")
    build.build_comment(build.build_thread(comment.corpus))
    comment.corpus.content_categories.add(build.build_category("sexual"))
    client = as_user("viewer")
    answer = client.get("/corpora/talk/")
    html = answer.content.decode()
    assert "Hate: 1 comment" in re.sub(r"\s+", " ", html)
    assert "The whole corpus warns of:" in html
    assert len(answer.context["page"].rows) == 2
    found = client.get("/corpora/talk/", {"warning": "hate"})
    assert [thread.pk for thread in found.context["page"]] == [comment.thread_id]
    assert "Content warning: Hate" in found.content.decode()


def test_the_api_finds_threads_by_their_warnings(comment: Comment) -> None:
    build.build_warning(comment, "hate")
    build.build_comment(build.build_thread(comment.corpus))
    client = as_user("viewer")
    found = client.get("/api/v1/threads/", {"corpus": "talk", "warning": "hate"}).json()["results"]
    assert [thread["id"] for thread in found] == [comment.thread_id]
    assert client.get("/api/v1/threads/", {"warning": "sexual"}).json()["results"] == []


class TestReader:
    def test_covers_what_is_warned_of(self, comment: Comment) -> None:
        build.build_warning(comment, "sexual")
        build.build_warning(comment, "hate")
        plain = build.build_comment(comment.thread, "A plain text.")
        html = as_user("viewer").get(f"/threads/{comment.thread_id}/").content.decode()
        titles = ", ".join(build.build_category(key).title for key in ("hate", "sexual"))
        summary = f"<details><summary>Content warning: {titles}. Show the text</summary>"
        before, covered = html.split(summary)
        assert "A hateful text." not in before
        assert "A hateful text." in covered.split("</details>")[0]
        assert html.count("<details>") == 1
        assert plain.text in html

    def test_shows_no_quote_of_it_either(self, comment: Comment) -> None:
        build.build_warning(comment, "hate")
        other = build.build_comment(comment.thread, "Plain.")
        comment.relations.create(
            kind="quote", basis="given", start=2, end=9, target=other, target_start=0, target_end=3
        )
        html = as_user("viewer").get(f"/threads/{comment.thread_id}/").content.decode()
        assert "<q" not in html

    def test_says_what_the_whole_corpus_warns_of(self, comment: Comment) -> None:
        comment.corpus.content_categories.add(build.build_category("hate"))
        html = as_user("viewer").get(f"/threads/{comment.thread_id}/").content.decode()
        assert "The whole corpus warns of:" in html
        assert "<details>" not in html

    def test_leads_managers_to_the_comment_s_warnings(self, comment: Comment) -> None:
        place = f"/comments/{comment.pk}/warnings/"
        assert place not in as_user("viewer").get(f"/threads/{comment.thread_id}/").content.decode()
        client = as_user("manager")
        assert place in client.get(f"/threads/{comment.thread_id}/").content.decode()
        answer = client.post(place, {"categories": [key("hate"), key("sexual")]})
        assert answer["Location"].endswith(f"#c{comment.pk}")
        assert warned(comment) == {"hate", "sexual"}
        assert "checked" in client.get(place).content.decode()
        client.post(place, {})
        assert warned(comment) == set()

    def test_asks_the_database_as_often_for_many_warnings(self, comment: Comment) -> None:
        client = as_user("manager")
        client.get(f"/threads/{comment.thread_id}/")  # a first look is noted in the audit log
        counts = []
        for more in (1, 9):
            for _ in range(more):
                build.build_warning(build.build_comment(comment.thread), "hate")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/threads/{comment.thread_id}/")
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestOwn:
    def test_choice_is_kept(self, corpus: Corpus) -> None:
        client = as_user("annotator")
        html = client.post("/account/avoided/", {"avoided": ["hate"]}, follow=True)
        assert "nobody else sees it" in html.content.decode()
        user = User.objects.get(username="annotator")
        assert [category.key for category in user.avoided.all()] == ["hate"]
        client.post("/account/avoided/", {"avoided": ["no-such"]})
        assert user.avoided.count() == 1
        client.post("/account/avoided/", {})
        assert user.avoided.count() == 0

    def test_preferences_stand_on_every_page(self, corpus: Corpus) -> None:
        user = User.objects.get(username="annotator")
        user.preferences = {"keys": {"next": "n"}}
        user.save()
        client = as_user("annotator")
        assert '<html lang="en" dir="ltr">' in client.get("/").content.decode()
        sent = {"theme": "dark", "text_size": "large", "width": "wide", "calm": "on"}
        client.post("/account/preferences/", sent)
        user.refresh_from_db()
        assert user.preferences["keys"] == {"next": "n"}
        assert user.preferences["shortcuts"] is False
        campaign = corpus.campaigns.get()
        for address in ("/", "/account/", f"/campaigns/{campaign.slug}/label/", "/no/such/"):
            html = client.get(address).content.decode()
            chosen = 'data-theme="dark" data-text-size="large" data-calm="true" data-width="wide"'
            assert f'<html lang="en" dir="ltr" {chosen}>' in html, address
        assert "data-theme" not in as_user("viewer").get("/").content.decode()
        assert "data-theme" not in Client().get("/login/").content.decode()

    def test_nonsense_is_not_kept(self, corpus: Corpus) -> None:
        client = as_user("annotator")
        sent = {"theme": '"><script>', "text_size": "large", "width": "wide"}
        client.post("/account/preferences/", sent)
        assert User.objects.get(username="annotator").preferences == {}


class TestCampaign:
    def test_care_is_changed_by_managers_while_it_runs(self, corpus: Corpus) -> None:
        campaign = corpus.campaigns.get()
        place = f"/campaigns/{campaign.slug}/care/"
        sent = {"support_text": "Call **Mia**.", "break_minutes": 15, "daily_units": 50}
        assert as_user("viewer").post(place, sent).status_code == 403
        assert as_user("manager").post(place, sent).status_code == 302
        campaign.refresh_from_db()
        assert (campaign.cover_content, campaign.break_minutes) == (False, 15)
        assert (campaign.daily_units, campaign.daily_warned) == (50, None)
        html = as_user("annotator").get(f"/campaigns/{campaign.slug}/").content.decode()
        assert "Call <strong>Mia</strong>." in html
        assert "Covering, breaks" not in html

    def test_care_that_makes_no_sense_is_refused_on_the_page(self, corpus: Corpus) -> None:
        campaign = corpus.campaigns.get()
        sent = {"break_minutes": 30, "daily_units": 0}
        answer = as_user("manager").post(f"/campaigns/{campaign.slug}/care/", sent)
        assert answer.status_code == 400
        assert "greater than or equal to 1" in answer.content.decode()

    def test_a_support_text_brings_no_script(self, corpus: Corpus) -> None:
        corpus.campaigns.update(support_text="<script>alert(1)</script> [x](javascript:alert(1))")
        campaign = corpus.campaigns.get()
        html = as_user("annotator").get(f"/campaigns/{campaign.slug}/").content.decode()
        assert "<script>alert" not in html
        assert 'href="javascript' not in html
