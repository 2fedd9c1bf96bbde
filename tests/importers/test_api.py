"""Imports through the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from annotations.models import Comment, Corpus
from annotations.services.jobs import run_job
from importers.models import ImportRun
from importers.running import run_import
from tests.builders import build_corpus, build_user

IMPORTS = "/api/v1/imports/"
TABLE = b"thread,id,parent,author,text\nt,1,,ada,Hello\nt,2,1,bob,Hi there\nt,3,9,bob,Lost\n"


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def client(db: None) -> APIClient:
    build_corpus("talk")
    client = APIClient()
    client.force_login(build_user("staff", is_staff=True))
    return client


def hand_in(client: APIClient, content: bytes = TABLE, **fields: Any) -> Any:
    file = SimpleUploadedFile(fields.pop("name", "talk.csv"), content)
    return client.post(IMPORTS, {"file": file, "corpus": "talk", **fields}, format="multipart")


def finish(client: APIClient, started: Any) -> dict[str, Any]:
    assert started.status_code == 202, started.content
    pk = started.json()["id"]
    run_job(ImportRun, pk, run_import)
    run: dict[str, Any] = client.get(f"{IMPORTS}{pk}/").json()
    return run


def test_a_file_is_imported_and_reported(client: APIClient) -> None:
    started = hand_in(client)
    body = started.json()
    assert (body["state"], body["format"], body["file_name"]) == ("queued", "table", "talk.csv")
    assert (body["total"], body["measure"]) == (len(TABLE), "bytes")
    run = finish(client, started)
    assert (run["state"], run["error"], run["finished"]) == ("done", "", True)
    assert run["counts"]["comments"] == {"created": 3, "updated": 0, "unchanged": 0}
    assert run["counts"]["replies"]["orphaned"] == 1
    again = finish(client, hand_in(client))
    assert again["counts"]["comments"] == {"created": 0, "updated": 0, "unchanged": 3}
    assert Comment.objects.count() == 3


def test_a_dry_run_stores_nothing(client: APIClient) -> None:
    run = finish(client, hand_in(client, dry_run="true"))
    assert run["dry_run"] is True
    assert run["counts"]["comments"]["created"] == 3
    assert Comment.objects.count() == 0


def test_a_bad_row_is_refused_with_its_line(client: APIClient) -> None:
    run = finish(client, hand_in(client, TABLE + b"t,4,,eve,\n", format="table"))
    assert run["state"] == "done"
    assert [refusal["line"] for refusal in run["refusals"]] == [5]
    assert run["refusals"][0]["message"]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"content": b"PK\x03\x04" + b"\0" * 100, "name": "a.zip"}, "unreadable_file", None),
        ({"content": b""}, "unreadable_file", None),
        ({"format": "nothing"}, "invalid", "format"),
        ({"options": "{"}, "invalid", "options"),
        ({"options": "[]"}, "invalid", "options"),
        ({"options": '{"text": "\\u0000"}'}, "invalid", "options"),
        ({"option": "{}"}, "invalid", "option"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once(
    client: APIClient, fields: dict[str, Any], code: str, field: str | None
) -> None:
    response = hand_in(client, **fields)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert list(response.json()["fields"]) == ([field] if field else [])
    assert ImportRun.objects.count() == 0
    if default_storage.exists("imports"):
        assert default_storage.listdir("imports") == ([], [])


def test_without_a_file_or_corpus_it_is_said(client: APIClient) -> None:
    body = client.post(IMPORTS, {}, format="multipart").json()
    assert set(body["fields"]) == {"file", "corpus"}
    response = hand_in(client, corpus="nothing")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_imports_are_filtered_by_corpus_and_state(client: APIClient) -> None:
    hand_in(client)
    build_corpus("other")
    assert len(client.get(IMPORTS + "?corpus=talk&state=queued").json()["results"]) == 1
    assert client.get(IMPORTS + "?corpus=other").json()["results"] == []
    assert client.get(IMPORTS + "?state=done").json()["results"] == []
    assert Corpus.objects.count() == 2


def test_an_import_is_cancelled_and_started_again(client: APIClient) -> None:
    place = f"{IMPORTS}{hand_in(client).json()['id']}/"
    assert client.post(place + "cancel/").json()["state"] == "cancelled"
    assert client.post(place + "cancel/").status_code == 409
    again = client.post(place + "retry/")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
