"""Sessions, requests forged by other sites, and addresses that lead elsewhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from annotations.models import ApiToken, User
from annotations.services.tokens import create_token
from tests.builders import build_user

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PASSWORD = "a-long-enough-one"
ELSEWHERE = (
    *("https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example"),
    *("\\\\evil.example", "https:evil.example", "http:///evil.example", "javascript:alert(1)"),
    *(
        "data:text/html,x",
        "/\t/evil.example",
        "https://testserver@evil.example/",
        "//evil。example",
    ),
    *("https://testserver.evil.example/", "\x00//evil.example", "%2f%2fevil.example@testserver"),
)


@pytest.fixture
def ada() -> User:
    return build_user("ada", password=PASSWORD)


def log_in(client: Client, name: str = "ada", **sent: str) -> Any:
    return client.post("/login/", {"username": name, "password": PASSWORD, **sent})


class TestSessions:
    def test_one_that_was_slipped_to_somebody_is_changed_at_the_log_in(self, ada: User) -> None:
        client = Client()
        client.cookies["sessionid"] = "a" * 32
        log_in(client)
        assert client.cookies["sessionid"].value != "a" * 32
        first = client.cookies["sessionid"].value
        thief = Client()
        thief.cookies["sessionid"] = "a" * 32
        assert thief.get("/account/").status_code == 302
        build_user("bob", password=PASSWORD)
        client.post("/logout/")
        log_in(client, "bob")
        assert client.cookies["sessionid"].value not in ("", first)
        thief.cookies["sessionid"] = first
        assert thief.get("/account/").status_code == 302

    def test_it_ends_at_the_log_out_on_the_server_too(self, ada: User) -> None:
        client, copy = Client(), Client()
        log_in(client)
        copy.cookies["sessionid"] = client.cookies["sessionid"].value
        assert copy.get("/account/").status_code == 200
        client.post("/logout/")
        assert copy.get("/account/").status_code == 302

    @pytest.mark.parametrize("change", ["password", "is_active"])
    def test_sessions_and_tokens_end_with_the_account_and_the_password(
        self, ada: User, change: str
    ) -> None:
        client = Client()
        log_in(client)
        _, secret = create_token(user=ada, name="script", scopes=["all"])
        script = Client(headers={"authorization": f"Token {secret}"})
        assert script.get("/api/v1/me/").status_code == 200
        if change == "password":
            ada.set_password("quite-another-secret")
        else:
            ada.is_active = False
        ada.save()
        assert client.get("/account/").status_code == 302
        assert client.get("/api/v1/me/").status_code == 401
        assert script.get("/api/v1/me/").status_code == 401

    def test_its_cookie_is_none_of_the_scripts_and_of_other_sites(self, ada: User) -> None:
        client = Client()
        cookie = log_in(client).cookies["sessionid"]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


class TestOtherSites:
    def test_a_form_of_theirs_logs_nobody_in(self, ada: User) -> None:
        client = Client(enforce_csrf_checks=True)
        assert log_in(client).status_code == 403
        page = client.get("/login/").content.decode()
        token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0]
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}):
            sent = {"username": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token}
            assert client.post("/login/", sent, headers=headers).status_code == 403
        assert "sessionid" not in client.cookies
        assert log_in(client, csrfmiddlewaretoken=token).status_code == 302

    def ask(self, client: Client, **headers: str) -> int:
        body = '{"theme": "dark"}'
        place = "/api/v1/me/preferences/"
        kind = "application/json"
        return client.put(place, body, content_type=kind, headers=headers).status_code

    def test_the_api_takes_no_session_without_the_word_of_the_page(self, ada: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(ada)
        assert self.ask(client) == 403
        client.get("/account/")
        word = client.cookies["csrftoken"].value
        assert self.ask(client, **{"x-csrftoken": word[:-1] + "!"}) == 403
        forged = {"x-csrftoken": word, "origin": "https://evil.example"}
        assert self.ask(client, **forged) == 403
        assert self.ask(client, **{"x-csrftoken": word}) == 200

    def test_a_token_needs_no_such_word_and_stands_for_itself(self, ada: User) -> None:
        bob = build_user("bob")
        _, secret = create_token(user=bob, name="script", scopes=["all"])
        script = Client(enforce_csrf_checks=True, headers={"authorization": f"Token {secret}"})
        assert self.ask(script) == 200
        both = Client(enforce_csrf_checks=True, headers={"authorization": f"Token {secret}"})
        both.force_login(ada)
        assert both.get("/api/v1/me/").json()["username"] == "bob"
        assert self.ask(both) == 200
        ada.refresh_from_db()
        assert "theme" not in ada.preferences

    def test_a_wrong_token_beside_a_session_is_no_session(self, ada: User) -> None:
        for given in ("Token tm_wrong", "Token", "Token a b", "Token é"):
            client = Client(headers={"authorization": given.encode().decode("latin-1")})
            client.force_login(ada)
            assert client.get("/api/v1/me/").status_code == 401, given

    def test_no_header_and_no_field_makes_one_method_another(self, ada: User) -> None:
        token, _ = create_token(user=ada, name="script", scopes=["all"])
        client = Client()
        client.force_login(ada)
        place = f"/api/v1/tokens/{token.token_key}/"
        for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            assert client.post(place, headers={header: "DELETE"}).status_code == 405
            assert client.get(place, headers={header: "DELETE"}).status_code == 405
        assert client.post(f"{place}?_method=DELETE", {"_method": "DELETE"}).status_code == 405
        assert ApiToken.objects.count() == 1


class TestAddresses:
    @pytest.mark.parametrize("place", ELSEWHERE)
    def test_the_log_in_leads_nowhere_else(self, ada: User, place: str) -> None:
        for asked in ({"next": place}, {"next": f" {place}"}):
            response = log_in(Client(), **asked)
            assert response.status_code == 302
            self.expect_here(response)
        client = Client()
        client.force_login(ada)
        self.expect_here(client.get("/login/", {"next": place}))
        self.expect_here(client.post("/language/", {"language": "de", "next": place}))
        self.expect_here(client.post("/logout/", {"next": place}))

    def expect_here(self, response: Any) -> None:
        where = response.headers["Location"]
        assert urlsplit(urljoin("http://testserver/login/", where)).netloc == "testserver", where
        assert not set("\\\t\r\n\0") & set(where), where

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "local host",
                 "localhost:80:80", "", "127.0.0.1.evil.example", "évil.example"]
    )  # fmt: skip
    def test_no_other_host_is_answered_for(self, ada: User, host: str) -> None:
        name = host.encode().decode("latin-1")
        for address in ("/login/", "/join/x/", "/admin/login/", "/no/such/page"):
            assert Client().get(address, headers={"host": name}).status_code == 400

    def test_what_a_proxy_could_say_of_the_host_counts_for_nothing(self, ada: User) -> None:
        said = {"x-forwarded-host": "evil.example", "x-host": "evil.example",
                "forwarded": "host=evil.example", "x-forwarded-proto": "https"}  # fmt: skip
        client = Client(headers=said)
        client.force_login(ada)
        assert b"evil.example" not in client.get("/account/").content
        assert not client.get("/account/").wsgi_request.is_secure()
