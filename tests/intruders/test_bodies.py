"""Bodies that are too large, too deep, or meant to be read in two ways."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from tests.annotations.api.test_ranges import ask, body, stored
from tests.builders import build_user

pytestmark = [pytest.mark.django_db, pytest.mark.once]

GIGABYTES = 10_000_000_000
FORM = "multipart/form-data; boundary=x"


class Untouched:
    """A body of which nothing may be read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


def announce(client: Client, place: str, size: int, *, whole: bool = False) -> Any:
    """The answer to a form of that size, of which nothing is there to be read unless ``whole``."""
    body: Any = BytesIO(b"--x--" + bytes(size - 5)) if whole else Untouched()
    sent: Any = {"CONTENT_LENGTH": str(size), "wsgi.input": body}
    return client.generic("POST", place, b"", content_type=FORM, **sent)


def as_somebody(**rights: Any) -> Client:
    client = Client()
    client.force_login(build_user(**rights))
    return client


class TestSize:
    @pytest.mark.parametrize(
        "place", ["/login/", "/imports/new/", "/join/x/", "/admin/login/", "/policy-report/",
                  "/api/v1/imports/", "/api/v1/me/", "/language/"]
    )  # fmt: skip
    def test_a_stranger_sends_little(self, place: str) -> None:
        response = announce(Client(), place, 2_500_001)
        assert response.status_code == 413
        assert b"at most 2" in response.content or place == "/policy-report/"

    @pytest.mark.parametrize("place", ["/imports/new/", "/admin/importers/importrun/import/"])
    def test_no_10_gigabytes_are_taken_from_anybody(self, place: str) -> None:
        root = as_somebody(is_staff=True, is_superuser=True)
        response = announce(root, "/imports/new/", GIGABYTES)
        assert response.status_code == 413
        page = response.content.decode()
        assert "10,000 MB" in page
        assert "manage.py import_threads" in page

    def test_the_api_says_it_in_its_own_shape(self) -> None:
        for client in (as_somebody(is_staff=True), Client(headers={"authorization": "Token x"})):
            response = announce(client, "/api/v1/imports/", GIGABYTES)
            assert response.status_code == 413
            assert response.json()["code"] == "too_large"

    def test_only_staff_sends_files_of_threads_and_only_there(self) -> None:
        assert announce(as_somebody(), "/imports/new/", 20_000_001).status_code == 413
        staff = as_somebody(is_staff=True)
        assert announce(staff, "/account/preferences/", 20_000_001).status_code == 413
        assert announce(staff, "/imports/new/", 20_000_001, whole=True).status_code != 413

    def test_a_small_limit_holds_to_the_megabyte(self, settings: Any) -> None:
        settings.MAX_UPLOAD_BYTES = 30_000_000
        staff = as_somebody(is_staff=True)
        assert announce(staff, "/imports/new/", 31_000_001).status_code == 413
        assert announce(staff, "/imports/new/", 31_000_000, whole=True).status_code != 413

    @pytest.mark.parametrize("said", ["-1", "1e9", "９", "0x10", "9" * 400, " "])
    def test_no_odd_length_breaks_anything(self, said: str) -> None:
        sent: Any = {"CONTENT_LENGTH": said}
        response = Client().generic("POST", "/login/", b"", content_type=FORM, **sent)
        assert response.status_code in (200, 400, 413)


def test_many_parameters_and_long_ones_break_nothing() -> None:
    client = as_somebody(is_staff=True)
    many = "&".join(f"p{n}=1" for n in range(3_000))
    for place in ("/corpora/", "/api/v1/comments/", "/admin/annotations/comment/"):
        for query in (many, "q=" + "a" * 60_000, "a[b][c]=1", "%ff=%00", "page=" + "9" * 5_000):
            assert client.get(f"{place}?{query}").status_code < 500, (place, query[:20])


class TestFiles:
    @pytest.mark.parametrize(
        "name", ['a"\r\nSet-Cookie: x=y\r\n.csv', "../../etc/passwd", "a\nb", "é\u2028.html",
                 '";x="', "a.html", "\u202egnp.exe"]
    )  # fmt: skip
    def test_no_name_becomes_a_header(self, name: str) -> None:
        file = replace(stored(b"rows"), name=name)
        said = ask(file).headers["Content-Disposition"]
        assert said.startswith("attachment")
        assert not set("\r\n") & set(said)
        assert "/" not in said.partition("filename")[2].replace("%2F", "")

    def test_thousands_of_ranges_are_one_file(self) -> None:
        file = stored(b"x" * 1_000)
        bomb = "bytes=" + ",".join(f"{n}-" for n in range(1_000))
        response = ask(file, Range=bomb)
        assert (response.status_code, len(body(response))) == (200, 1_000)


def test_a_json_text_of_the_usual_kind_is_still_taken() -> None:
    client = as_somebody()
    kind = "application/json"
    answer = client.put("/api/v1/me/preferences/", json.dumps({"theme": "dark"}), content_type=kind)
    assert answer.status_code == 200
