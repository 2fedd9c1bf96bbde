"""Tokens of scripts: how they come in, when they end, when they were used, how often they ask."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from annotations.models import ApiToken, Campaign, User
from annotations.services.tokens import create_token
from tests.annotations.api.world import API, World, save_body
from tests.builders import NOON, build_campaign, build_user

ME = API + "me/"


def script_of(secret: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Token {secret}"})


def refusal(response: Any) -> str:
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Token"
    body = response.json()
    assert body["code"] == "authentication_failed"
    return str(body["message"])


class TestComingIn:
    @pytest.mark.parametrize("name", ["token", "access_token", "api_key", "Authorization"])
    def test_no_token_is_taken_from_the_address(self, db: None, name: str) -> None:
        _, secret = create_token(user=build_user(), name="script", scopes=["all"])
        for value in (secret, f"Token {secret}"):
            assert APIClient().get(ME, {name: value}).status_code == 401

    @pytest.mark.parametrize("kind", ["Bearer", "Basic", "JWT"])
    def test_no_other_scheme_is_taken(self, db: None, kind: str) -> None:
        _, secret = create_token(user=build_user(), name="script", scopes=["all"])
        assert APIClient(headers={"Authorization": f"{kind} {secret}"}).get(ME).status_code == 401

    def test_a_wrong_token_is_not_helped_by_a_session(self, world: World) -> None:
        client = world.client("staff")
        message = refusal(client.get(ME, headers={"Authorization": "Token tm_wrong"}))
        assert message == "This token is wrong, or it was revoked."

    def test_a_token_shows_in_me_what_it_is(self, world: World) -> None:
        shown = world.script("viewer", "corpus:read", campaigns=[world.campaign]).get(ME).json()
        token = shown["token"]
        assert (token["scopes"], token["campaigns"]) == (["corpus:read"], ["study"])
        assert world.client("viewer").get(ME).json()["token"] is None

    def test_it_opens_no_page(self, world: World) -> None:
        _, secret = create_token(user=world.users["staff"], name="script", scopes=["all"])
        page = Client(headers={"authorization": f"Token {secret}"}).get("/corpora/")
        assert (page.status_code, page.headers["Location"]) == (302, "/login/?next=/corpora/")


class TestEnding:
    def test_an_expired_token_says_so(self, db: None) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            _, secret = create_token(
                user=build_user(), name="script", scopes=["all"], expiry=timedelta(days=2)
            )
            clock.shift(timedelta(days=2, seconds=-1))
            assert script_of(secret).get(ME).status_code == 200
            clock.shift(timedelta(seconds=1))
            assert refusal(script_of(secret).get(ME)) == (
                "This token expired on 2026-03-03: make a new one on your account page."
            )
            assert ApiToken.objects.count() == 1

    def test_a_revoked_token_says_so(self, world: World) -> None:
        script = world.script("viewer", "all")
        ApiToken.objects.filter(name="script").delete()
        assert refusal(script.get(ME)) == "This token is wrong, or it was revoked."

    def test_a_deactivated_account_has_no_token(self, world: World) -> None:
        script = world.script("viewer", "all")
        User.objects.filter(username="viewer").update(is_active=False)
        assert refusal(script.get(ME)) == "The account of this token is not active any more."

    def test_an_account_that_is_shut_and_opened_again_has_none(self, world: World) -> None:
        script, viewer = world.script("viewer", "all"), world.users["viewer"]
        viewer.is_active = False
        viewer.save(update_fields=["is_active"])
        viewer.is_active = True
        viewer.save()
        assert refusal(script.get(ME)) == "This token is wrong, or it was revoked."

    @pytest.mark.parametrize("way", ["set_password", "set_unusable_password", "command"])
    def test_a_new_password_ends_them_by_whatever_way(
        self, world: World, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script, viewer = world.script("viewer", "all"), world.users["viewer"]
        others = world.script("manager", "all")
        if way == "command":
            monkeypatch.setattr("getpass.getpass", lambda **_: "a new and longer one")
            call_command("changepassword", viewer.username, stdout=StringIO())
        elif way == "set_password":
            viewer.set_password("a new and longer one")
            viewer.save()
        else:
            viewer.set_unusable_password()
            viewer.save()
        assert refusal(script.get(ME)) == "This token is wrong, or it was revoked."
        assert others.get(ME).status_code == 200

    def test_logging_in_keeps_them_even_where_the_hash_is_made_anew(
        self, world: World, settings: Any
    ) -> None:
        script, viewer = world.script("viewer", "all"), world.users["viewer"]
        older = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
        settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, older]
        hashed = make_password("the same old password", hasher="pbkdf2_sha256")
        User.objects.filter(pk=viewer.pk).update(password=hashed)
        viewer.refresh_from_db()
        assert viewer.check_password("the same old password")
        viewer.refresh_from_db()
        assert viewer.password != hashed
        assert script.get(ME).status_code == 200

    def test_a_role_that_is_taken_away_is_taken_from_the_token(self, world: World) -> None:
        script = world.script("viewer", "labels:read")
        assert script.get(API + "campaigns/study/labels/").status_code == 200
        world.membership("viewer").delete()
        assert script.get(API + "campaigns/study/labels/").status_code == 404


class TestMaking:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"scopes": []}, "scopes"),
            ({"scopes": ["labels:erase"]}, "scopes[0]"),
            ({"campaigns": []}, "campaigns"),
            ({"campaigns": ["nowhere"]}, "campaigns"),
            ({"campaigns": ["theirs"]}, "campaigns"),
            ({"days": 0}, "days"),
            ({"days": 3651}, "days"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, world: World, changes: dict[str, Any], field: str
    ) -> None:
        build_campaign(slug="theirs")
        body = {"name": "script", "scopes": ["labels:read"], **changes}
        response = world.client("viewer").post(API + "tokens/", body, format="json")
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [field]
        assert ApiToken.objects.filter(user=world.users["viewer"]).count() == 0

    def test_scopes_must_be_chosen(self, world: World) -> None:
        response = world.client("viewer").post(API + "tokens/", {"name": "a"}, format="json")
        assert list(response.json()["fields"]) == ["scopes"]

    def test_everything_beside_everything_is_everything(self, world: World) -> None:
        body = {"name": "a", "scopes": ["labels:read", "all"], "campaigns": ["study", "study"]}
        made = world.client("viewer").post(API + "tokens/", body, format="json").json()
        assert (made["scopes"], made["campaigns"]) == (["all"], ["study"])

    def test_tokens_from_before_there_were_scopes_do_all(self, world: World) -> None:
        token, secret = ApiToken.objects.create(user=world.users["manager"], name="old")
        assert (token.scopes, token.limited) == (["all"], False)
        assert script_of(secret).get(API + "campaigns/study/members/").status_code == 200


class TestLastUse:
    def test_it_is_noted_once_a_minute(self, world: World) -> None:
        script = world.script("viewer", "all")

        def used() -> datetime | None:
            seen: datetime | None = ApiToken.objects.get(name="script").last_used_at
            return seen

        assert used() is None
        with time_machine.travel(NOON, tick=False) as clock:
            for seconds, noted in ((0, 0), (30, 0), (29, 0), (1, 60)):
                clock.shift(timedelta(seconds=seconds))
                script.get(ME)
                assert used() == NOON + timedelta(seconds=noted)

    def test_within_the_minute_reading_writes_nothing(self, world: World) -> None:
        script = world.script("viewer", "all")
        script.get(ME)
        with CaptureQueriesContext(connection) as captured:
            script.get(ME)
        assert not [one["sql"] for one in captured if one["sql"].startswith("UPDATE")]

    def test_its_owner_sees_it(self, world: World) -> None:
        with time_machine.travel(NOON, tick=False):
            world.script("viewer", "all").get(ME)
        (token,) = world.client("viewer").get(API + "tokens/").json()["results"]
        assert token["last_used_at"] == "2026-03-01T12:00:00Z"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The buckets' clock; ``now`` is seconds."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("annotations.buckets.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class TestHowOften:
    def test_44_at_once_and_then_4_a_second(self, world: World, clock: SimpleNamespace) -> None:
        script = world.script("viewer", "all")
        assert [script.get(ME).status_code for _ in range(44)] == [200] * 44
        response = script.get(ME)
        assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
        assert response.json() == {
            "code": "throttled",
            "message": "This token asks too often. Ask again in 1 second.",
            "fields": {},
        }
        for _ in range(8):
            clock.now += 0.25
            assert script.get(ME).status_code == 200
            assert script.get(ME).status_code == 429
        clock.now += 11
        assert [script.get(ME).status_code for _ in range(45)] == [200] * 44 + [429]

    def test_answers_say_how_often_is_left(self, world: World, clock: SimpleNamespace) -> None:
        script = world.script("viewer", "all")

        def told(response: Any) -> tuple[str, str]:
            return response.headers["RateLimit-Policy"], response.headers["RateLimit"]

        policy = '"requests";q=44;w=11'
        first = script.get(API + "threads/")
        assert told(first) == (policy, '"requests";r=43;t=1')
        unchanged = script.get(API + "threads/", headers={"If-None-Match": first.headers["ETag"]})
        assert unchanged.status_code == 304
        assert told(unchanged) == (policy, '"requests";r=42;t=1')
        assert told(script.get(API + "threads/1000/")) == (policy, '"requests";r=41;t=1')
        assert told(script.get(API + "schema/")) == (policy, '"requests";r=40;t=1')
        for _ in range(40):
            script.get(ME)
        refused = script.get(ME)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert told(refused) == (policy, '"requests";r=0;t=1')

    def test_saves_have_a_policy_of_their_own(self, world: World, clock: SimpleNamespace) -> None:
        address = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
        script = world.script("annotator", "annotations:write")
        response = script.put(address, save_body(revision=1, state="draft"), format="json")
        assert response.headers["RateLimit-Policy"] == '"requests";q=44;w=11, "saves";q=8;w=2'
        assert response.headers["RateLimit"] == '"requests";r=43;t=1, "saves";r=7;t=1'

    def test_a_session_is_told_nothing(self, world: World) -> None:
        response = world.client("viewer").get(ME)
        assert not {"RateLimit", "RateLimit-Policy"} & response.headers.keys()

    def test_each_token_has_its_own(self, world: World, clock: SimpleNamespace) -> None:
        tired, fresh = world.script("viewer", "all"), world.script("viewer", "all")
        while tired.get(ME).status_code == 200:
            pass
        assert fresh.get(ME).status_code == 200

    def test_the_document_counts_too(
        self, world: World, clock: SimpleNamespace, settings: Any
    ) -> None:
        settings.TOKEN_BURST = 1
        script = world.script("viewer", "all")
        assert script.get(ME).status_code == 200
        response = script.get(API + "schema/")
        assert (response.status_code, response.json()["code"]) == (429, "throttled")

    def test_a_stream_counts_once(
        self, world: World, clock: SimpleNamespace, settings: Any
    ) -> None:
        settings.TOKEN_BURST = 2
        script = world.script("viewer", "all")
        response: Any = script.get(API + "campaigns/study/labels/")
        b"".join(response)
        assert script.get(ME).status_code == 200
        assert script.get(ME).status_code == 429

    def test_one_person_saves_8_at_once_whichever_token(
        self, world: World, clock: SimpleNamespace
    ) -> None:
        address = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
        scripts = [world.script("annotator", "annotations:write") for _ in range(2)]

        def save(number: int) -> Any:
            body = save_body(revision=number + 1, state="draft")
            return scripts[number % 2].put(address, body, format="json")

        assert [save(number).status_code for number in range(8)] == [200] * 8
        response = save(8)
        assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
        clock.now += 0.25
        assert save(8).status_code == 200

    def test_who_labels_in_the_browser_is_never_stopped(
        self, world: World, clock: SimpleNamespace
    ) -> None:
        address = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
        client = world.client("annotator")
        for number in range(60):
            body = save_body(revision=number + 1, state="draft")
            assert client.put(address, body, format="json").status_code == 200

    def test_a_rate_of_0_is_no_limit(
        self, world: World, clock: SimpleNamespace, settings: Any
    ) -> None:
        settings.TOKEN_RATE = 0
        script = world.script("viewer", "all")
        answers = [script.get(ME) for _ in range(60)]
        assert {answer.status_code for answer in answers} == {200}
        assert "RateLimit" not in answers[-1].headers


@pytest.mark.django_db(transaction=True)
def test_with_curl(live_server: LiveServer, settings: Any) -> None:
    """As the guide shows it, over a real connection."""
    settings.TOKEN_BURST, settings.TOKEN_RATE = 3, 1
    Campaign.objects.all().delete()
    campaign = build_campaign(slug="harbour")
    owner = build_user(is_staff=True)
    _, secret = create_token(user=owner, name="c", scopes=["labels:read"], campaigns=["harbour"])

    def curl(path: str, *arguments: str) -> tuple[str, str]:
        command = ["curl", "-sS", "-i", *arguments, f"{live_server.url}{API}{path}"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        head, _, content = said.replace("\r\n", "\n").partition("\n\n")
        return head, content

    header = ("-H", f"Authorization: Token {secret}")
    labels = f"campaigns/{campaign.slug}/labels/"
    assert " 200 " in curl(labels, *header)[0].splitlines()[0]
    assert " 403 " in curl("threads/", *header)[0].splitlines()[0]
    assert " 401 " in curl(f"{labels}?token={secret}")[0].splitlines()[0]
    curl(labels, *header), curl(labels, *header)
    head, content = curl(labels, *header)
    assert " 429 " in head.splitlines()[0]
    assert "\nretry-after: 1" in head.lower()
    assert '\nratelimit: "requests";r=0;t=1' in head.lower()
    assert '"code":"throttled"' in content
    assert timezone.now() - ApiToken.objects.get().last_used_at < timedelta(minutes=1)
