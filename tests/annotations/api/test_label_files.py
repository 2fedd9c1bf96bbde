"""Labels as Parquet: a file made once for a state of the labels, and read by parts."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from annotations.services import label_files
from annotations.services.label_files import FOLDER, MOST_BYTES, sweep_label_files
from tests.annotations.api.labeled import PARQUET, ask, body, label, save_a_label
from tests.annotations.api.world import API, World
from tests.builders import build_campaign, build_membership

pytestmark = pytest.mark.django_db

IN_MEMORY = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


@pytest.fixture
def labeled(world: World) -> World:
    label(world)
    return world


def kept() -> list[str]:
    if not default_storage.exists(FOLDER):
        return []
    return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]


def test_it_is_made_once_for_one_state(labeled: World) -> None:
    head = ask(labeled, PARQUET, method="head")
    (stored,) = kept()
    whole = body(ask(labeled, PARQUET))
    assert kept() == [stored]
    assert head.headers["Content-Length"] == str(len(whole))
    assert head.headers["Accept-Ranges"] == "bytes"
    assert head.headers["ETag"] == f'"{Path(stored).stem.rpartition("-")[2]}"'
    assert pq.read_table(io.BytesIO(whole)).num_rows == 1


def test_it_is_read_by_parts(labeled: World) -> None:
    whole = body(ask(labeled, PARQUET))
    end = ask(labeled, PARQUET, Range="bytes=-8")
    assert (end.status_code, body(end)) == (206, whole[-8:])
    part = ask(labeled, PARQUET, Range="bytes=4-99")
    assert part.headers["Content-Range"] == f"bytes 4-99/{len(whole)}"
    assert body(part) == whole[4:100]
    beyond = ask(labeled, PARQUET, Range=f"bytes={len(whole)}-")
    assert (beyond.status_code, beyond.json()["code"]) == (416, "no_such_range")


@pytest.mark.parametrize("begin", [{"method": "head"}, {}, {"Range": "bytes=-8"}])
def test_who_has_begun_reads_on_in_the_same_file(labeled: World, begin: dict[str, str]) -> None:
    whole = body(ask(labeled, PARQUET))
    ask(labeled, PARQUET, **begin)
    save_a_label(labeled)
    part = ask(labeled, PARQUET, Range="bytes=4-")
    assert body(part) == whole[4:]
    assert ask(labeled, PARQUET, method="head").headers["ETag"] != part.headers["ETag"]
    assert body(ask(labeled, PARQUET, Range="bytes=4-")) != whole[4:]


def test_others_begin_with_the_labels_as_they_are(labeled: World) -> None:
    ask(labeled, PARQUET)
    save_a_label(labeled)
    other = labeled.client("manager").get(PARQUET, headers={"Range": "bytes=4-"})
    now = body(ask(labeled, PARQUET))
    assert body(other) == now[4:]


@pytest.mark.parametrize("name", ["If_Match", "If_Range"])
def test_the_file_that_is_named_is_the_one_that_comes(labeled: World, name: str) -> None:
    tag = ask(labeled, PARQUET).headers["ETag"]
    whole = body(ask(labeled, PARQUET))
    save_a_label(labeled)
    ask(labeled, PARQUET)
    part = ask(labeled, PARQUET, Range="bytes=4-", **{name: tag})
    assert (part.status_code, body(part)) == (206, whole[4:])
    gone = ask(labeled, PARQUET, Range="bytes=4-", **{name: f'"{"0" * 64}"'})
    assert gone.status_code == (412 if name == "If_Match" else 200)


def test_nothing_is_made_for_who_has_it(labeled: World) -> None:
    tag = ask(labeled, PARQUET).headers["ETag"]
    default_storage.delete(kept()[0])
    assert ask(labeled, PARQUET, If_None_Match=tag).status_code == 304
    assert kept() == []


def test_a_file_that_was_swept_is_made_again_the_same(labeled: World) -> None:
    whole = body(ask(labeled, PARQUET))
    default_storage.delete(kept()[0])
    part = ask(labeled, PARQUET, Range="bytes=4-")
    assert (part.status_code, body(part)) == (206, whole[4:])


def test_it_is_swept_once_nobody_used_it_for_an_hour(labeled: World) -> None:
    ask(labeled, PARQUET)
    now = timezone.now()
    assert sweep_label_files(now=now + timedelta(minutes=59)) == 0
    assert sweep_label_files(now=now + timedelta(minutes=61)) == 1
    assert kept() == []


def test_what_is_too_much_goes_early_and_what_is_in_use_stays(
    labeled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(labeled, PARQUET)
    monkeypatch.setattr(label_files, "MOST_BYTES", 10)
    now = timezone.now()
    assert sweep_label_files(now=now + timedelta(minutes=14)) == 0
    full = ask(labeled, PARQUET + "&notes=false")
    assert (full.status_code, full.json()["code"]) == (503, "busy")
    assert int(full.headers["Retry-After"]) > 0
    assert ask(labeled, PARQUET).status_code == 200, "what is there is given all the same"
    assert sweep_label_files(now=now + timedelta(minutes=16)) == 1
    assert MOST_BYTES > 2**30


def test_one_is_made_at_a_time_and_few_wait(
    labeled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_files, "WAITING_SECONDS", 0.01)
    with label_files._turn():
        busy = ask(labeled, PARQUET)
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    assert "export" in busy.json()["message"]
    assert ask(labeled, PARQUET).status_code == 200


def test_what_breaks_leaves_nothing(labeled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(label_files, "write_dataset", broken)
    client = labeled.client("viewer")
    client.raise_request_exception = False
    assert client.get(PARQUET).status_code == 500
    assert kept() == []
    monkeypatch.undo()
    assert client.get(PARQUET).status_code == 200


def test_it_is_kept_in_storages_without_files_of_the_system(labeled: World) -> None:
    with override_settings(STORAGES={**settings.STORAGES, **IN_MEMORY}):
        whole = body(ask(labeled, PARQUET))
        part = ask(labeled, PARQUET, Range="bytes=4-")
        assert (part.status_code, body(part), len(kept())) == (206, whole[4:], 1)
        assert sweep_label_files(now=timezone.now() + timedelta(hours=2)) == 1
        assert kept() == []


def test_an_annotator_gets_neither_file_nor_part(labeled: World) -> None:
    tag = ask(labeled, PARQUET).headers["ETag"]
    for role, status in (("annotator", 403), ("outsider", 404), ("anonymous", 401)):
        for headers in ({}, {"Range": "bytes=0-"}, {"If-Match": tag}, {"If-None-Match": tag}):
            response = labeled.client(role).get(PARQUET, headers=headers)
            assert response.status_code == status


def test_the_tag_of_another_campaign_opens_nothing(labeled: World) -> None:
    """A tag is no key: it must be one of this campaign's choice."""
    tag = ask(labeled, PARQUET).headers["ETag"]
    whole = body(ask(labeled, PARQUET))
    other = build_campaign(labeled.corpus, labeled.campaign.codebook, "other")
    build_membership(other, labeled.users["outsider"], "manager")
    response = labeled.client("outsider").get(
        f"{API}campaigns/other/labels/?format=parquet",
        headers={"Range": "bytes=4-", "If-Range": tag},
    )
    assert body(response) != whole[4:]


@pytest.mark.django_db(transaction=True)
def test_who_asks_at_once_gets_one_file(labeled: World) -> None:
    clients = [labeled.client("viewer") for _ in range(3)]
    together = Barrier(len(clients))

    def get(client: Any) -> tuple[str, bytes]:
        try:
            together.wait()
            response = client.get(PARQUET)
            return response.headers["ETag"], body(response)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = set(pool.map(get, clients))
    assert (len(answers), len(kept())) == (1, 1)
