"""Guessing passwords, and what an address says that cannot be believed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db.models import F
from django.test import Client

from annotations.models import User
from tests.builders import build_user

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PASSWORD = "a-long-enough-one"
AT = ("/login/", "/admin/login/")


@pytest.fixture(autouse=True)
def people(db: None) -> dict[str, User]:
    return {
        "ada": build_user("ada", password=PASSWORD, is_staff=True),
        "bob": build_user("bob", password=PASSWORD, is_staff=True),
    }


def tried(
    name: str, password: str, *, place: str = "/login/", address: str = "192.0.2.1", **headers: str
) -> int:
    """The status: 302 where it was right, 200 where it was wrong, 429 where nobody looked."""
    sent = {"username": name, "password": password}
    client = Client(REMOTE_ADDR=address, headers={k.replace("_", "-"): headers[k] for k in headers})
    return client.post(place, sent).status_code


def lock(name: str, **where: str) -> None:
    statuses = [tried(name, "wrong", **where) for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


@pytest.mark.parametrize("place", AT)
def test_the_sixth_guess_is_not_looked_at_on_any_log_in(place: str) -> None:
    lock("ada", place=place)
    assert [tried("ada", PASSWORD, place=one) for one in AT] == [429, 429]


def test_the_guesses_of_both_log_ins_count_together() -> None:
    for place in (AT[0], AT[1], AT[0], AT[1]):
        assert tried("ada", "wrong", place=place) == 200
    assert tried("ada", "wrong") == 429


def test_other_people_and_other_addresses_stay_free() -> None:
    lock("ada")
    assert tried("bob", PASSWORD) == 302
    assert tried("ada", PASSWORD, address="192.0.2.2") == 302


def test_nobody_is_locked_for_longer_than_15_minutes_however_often_it_is_tried() -> None:
    lock("ada")
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=10))
    assert [tried("ada", "wrong") for _ in range(10)] == [429] * 10
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=5, seconds=1))
    assert tried("ada", PASSWORD) == 302


def test_a_right_password_begins_the_count_anew() -> None:
    for _ in range(2):
        assert [tried("ada", "wrong") for _ in range(4)] == [200] * 4
        assert tried("ada", PASSWORD) == 302


def test_a_name_written_otherwise_is_the_same_name() -> None:
    """Wide letters log in as the usual ones, so their guesses count for them."""
    for name in ("ａda", "aｄa", "adａ", "ａｄａ"):
        assert tried(name, "wrong") == 200
    assert tried("ada", "wrong") == 429
    assert [tried(name, PASSWORD, place=place) for name in ("ａdａ", "ada") for place in AT] == (
        [429] * 4
    )


class TestBehindProxies:
    def test_without_any_what_a_visitor_writes_counts_for_nothing(self) -> None:
        statuses = [tried("ada", "wrong", X_Forwarded_For=f"203.0.113.{n}") for n in range(5)]
        assert statuses[-1] == 429

    def test_with_one_its_own_entry_counts_and_no_forged_one(self, settings: Any) -> None:
        settings.PROXIES = 1
        for n in range(5):
            status = tried("ada", "wrong", X_Forwarded_For=f"203.0.113.{n}, 198.51.100.7")
        assert status == 429
        assert tried("ada", PASSWORD, X_Forwarded_For="198.51.100.8") == 302
        # Nobody locks somebody else's address by naming it.
        assert tried("ada", PASSWORD, X_Forwarded_For="198.51.100.7, 198.51.100.9") == 302

    def test_with_two_the_outer_one_counts(self, settings: Any) -> None:
        settings.PROXIES = 2
        for n in range(5):
            status = tried("ada", "wrong", X_Forwarded_For=f"203.0.113.{n}, 198.51.100.7, 10.0.0.1")
        assert status == 429
        assert tried("ada", PASSWORD, X_Forwarded_For="198.51.100.8, 10.0.0.1") == 302

    @pytest.mark.parametrize("written", ["", "unknown", "'; DROP TABLE", "1.2.3.4:99", "é" * 500])
    def test_what_is_no_address_breaks_nothing(self, settings: Any, written: str) -> None:
        settings.PROXIES = 1
        written = written.encode().decode("latin-1")
        assert [tried("ada", "wrong", X_Forwarded_For=written) for _ in range(5)][-1] == 429


def test_a_network_of_ipv6_is_one_visitor() -> None:
    for n in range(5):
        status = tried("ada", "wrong", address=f"2001:db8:0:1::{n}")
    assert status == 429
    assert tried("ada", PASSWORD, address="2001:db8:0:2::1") == 302


def test_unknown_closed_and_known_accounts_cost_and_say_the_same(
    people: dict[str, User], monkeypatch: Any
) -> None:
    """As many hashes are computed, which is what takes the time."""
    people["bob"].is_active = False
    people["bob"].save()
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    told = set()
    for name in ("ada", "bob", "nobody"):
        hashed.clear()
        password = PASSWORD if name == "bob" else "wrong"
        response = Client().post("/login/", {"username": name, "password": password})
        text = response.content.decode().replace(f'"{name}"', "NAME")
        text = text[text.index("<main") : text.index("csrfmiddlewaretoken")]
        told.add((response.status_code, len(hashed), text))
    assert len(told) == 1, told


@pytest.mark.parametrize("name", ["", "\0", "a" * 5000, "ada\r\nX: y", "%00", "<b>", "ADA"])
def test_no_name_breaks_the_log_in(name: str) -> None:
    assert tried(name, PASSWORD) in (200, 429)
