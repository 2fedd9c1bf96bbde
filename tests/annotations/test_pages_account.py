"""The account page: tokens are made with what they may do, shown once and revoked; passwords."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from annotations.models import ApiToken, Campaign, User
from annotations.services.tokens import create_token
from tests import builders as build

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one"
NEW = "quite-another-secret"
TOKENS = "/account/tokens/"


@pytest.fixture
def study() -> Campaign:
    return build.build_campaign(slug="study", name="The study")


@pytest.fixture
def ada(study: Campaign) -> User:
    user = build.build_user("ada", password=PASSWORD)
    build.build_membership(study, user, "manager")
    return user


@pytest.fixture
def page(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def script(secret: str) -> Client:
    return Client(headers={"authorization": f"Token {secret}"})


def words(response: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestTokens:
    def test_one_is_shown_once_and_opens_what_was_chosen_until_it_is_revoked(
        self, page: Client
    ) -> None:
        sent = {"name": "pandas", "scopes": ["labels:read"], "days": 30}
        answer = page.post(TOKENS, sent)
        found = re.search(r"tm_[0-9a-f]{20,}", answer.content.decode())
        assert found
        assert "no-store" in answer.headers["Cache-Control"]
        assert found[0] not in page.get("/account/").content.decode()
        assert script(found[0]).get("/api/v1/campaigns/study/labels/").status_code == 200
        assert script(found[0]).get("/api/v1/comments/").status_code == 403
        kept = ApiToken.objects.get(name="pandas")
        left = kept.expiry - timezone.now()
        assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
        page.post(f"{TOKENS}{kept.token_key}/revoke/")
        assert script(found[0]).get("/api/v1/campaigns/study/labels/").status_code == 401

    def test_the_list_says_what_each_may_do_and_when_it_was_used(
        self, page: Client, ada: User
    ) -> None:
        _, secret = create_token(
            user=ada, name="mirror", scopes=["corpus:read", "labels:read"], campaigns=["study"]
        )
        assert "never" in words(page.get("/account/"))
        script(secret).get("/api/v1/me/")
        shown = words(page.get("/account/"))
        assert "Read labels that you may read" in shown
        assert "Read threads and comments that you may read" in shown
        assert "Only in The study" in shown
        assert "never" not in shown.split("mirror")[1].split("Revoke")[0]

    def test_the_list_says_which_have_ended_or_reach_nothing(
        self, page: Client, ada: User, study: Campaign
    ) -> None:
        token, _ = create_token(user=ada, name="old", scopes=["all"], campaigns=["study"])
        assert "expired" not in words(page.get("/account/"))
        ApiToken.objects.update(expiry=timezone.now() - timedelta(days=1))
        token.campaigns.clear()
        shown = words(page.get("/account/"))
        assert "expired" in shown
        assert "Its campaigns are gone: it reaches nothing." in shown

    def test_it_is_limited_to_the_campaigns_that_were_chosen(
        self, page: Client, ada: User, study: Campaign
    ) -> None:
        build.build_membership(build.build_campaign(slug="other"), ada, "manager")
        sent = {"name": "one", "scopes": ["all"], "campaigns": ["study"], "days": 1}
        page.post(TOKENS, sent)
        token = ApiToken.objects.get()
        assert (token.limited, list(token.campaigns.all())) == (True, [study])

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"scopes": []}, "This field is required."),
            ({"scopes": ["labels:erase"]}, "labels:erase is not one of the available choices."),
            ({"campaigns": ["theirs"]}, "theirs is not one of the available choices."),
            ({"days": 4000}, "less than or equal to 3650"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(
        self, page: Client, changes: dict[str, Any], sentence: str
    ) -> None:
        build.build_campaign(slug="theirs")
        answer = page.post(TOKENS, {"name": "a", "scopes": ["all"], "days": 9, **changes})
        assert sentence in words(answer)
        assert ApiToken.objects.count() == 0

    def test_who_takes_part_in_nothing_is_asked_for_no_campaign(self, client: Client) -> None:
        client.force_login(build.build_user())
        assert "Only in these campaigns" not in words(client.get("/account/"))
        client.post(TOKENS, {"name": "a", "scopes": ["all"], "days": 9})
        assert ApiToken.objects.get().limited is False

    def test_nobody_revokes_the_token_of_somebody_else(self, page: Client) -> None:
        other, _ = create_token(user=build.build_user(), name="theirs", scopes=["all"])
        assert page.post(f"{TOKENS}{other.token_key}/revoke/").status_code == 404
        assert ApiToken.objects.filter(name="theirs").exists()


class TestPassword:
    def change(self, page: Client, **more: str) -> str:
        sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, **more}
        return words(page.post("/account/password/", sent, follow=True))

    def test_it_is_changed_and_ends_all_other_sessions(self, page: Client, ada: User) -> None:
        elsewhere = Client()
        elsewhere.force_login(ada)
        assert "The password is changed." in self.change(page)
        ada.refresh_from_db()
        assert ada.check_password(NEW)
        assert get_user(elsewhere).is_anonymous
        assert page.get("/account/").status_code == 200

    def test_tokens_end_with_it_unless_their_owner_keeps_them(
        self, page: Client, ada: User
    ) -> None:
        another, _ = create_token(user=build.build_user(), name="theirs", scopes=["all"])
        _, secret = create_token(user=ada, name="pandas", scopes=["all"])
        assert 'name="revoke" id="id_revoke" checked' in re.sub(
            r"(type|aria-describedby)=\S+ ",
            "",
            page.get("/account/password/").content.decode(),
        )
        self.change(page)
        assert script(secret).get("/api/v1/me/").status_code == 200
        page.post(
            "/account/password/",
            {"old_password": NEW, "new_password1": PASSWORD, "new_password2": PASSWORD}
            | {"revoke": "on"},
        )
        assert script(secret).get("/api/v1/me/").status_code == 401
        assert list(ApiToken.objects.all()) == [another]

    def test_one_that_an_administrator_sets_ends_the_tokens(
        self, client: Client, ada: User
    ) -> None:
        _, secret = create_token(user=ada, name="pandas", scopes=["all"])
        client.force_login(User.objects.create_superuser("root"))
        client.post(
            f"/admin/annotations/user/{ada.pk}/password/",
            {"password1": NEW, "password2": NEW, "usable_password": "true"},
        )
        ada.refresh_from_db()
        assert ada.check_password(NEW)
        assert script(secret).get("/api/v1/me/").status_code == 401
