"""Labels in bulk: the format that is asked for, the bytes of an export, and nothing twice."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from annotations.exporters.contents import Contents
from annotations.models import ApiToken, ExportRun, Sample, TextScan
from annotations.services import label_files
from annotations.services.changes import note_annotations
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job
from annotations.services.label_files import FOLDER, MOST_BYTES, sweep_label_files
from annotations.services.traits import ask_traits, tell_traits
from tests.annotations.api.world import API, World, save_body
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_campaign,
    build_membership,
)

pytestmark = pytest.mark.django_db

LABELS = API + "campaigns/study/labels/"
PARQUET = LABELS + "?format=parquet"
IN_MEMORY = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
PARQUET_TYPE = "application/vnd.apache.parquet"


@pytest.fixture(autouse=True)
def _no_files_from_before() -> None:
    caches["reading"].clear()
    for stored in kept():
        default_storage.delete(stored)


@pytest.fixture
def labeled(world: World) -> World:
    annotation = build_annotation(world.unit, world.membership("adjudicator"))
    build_answer(annotation, "claim", label="yes")
    return world


def ask(world: World, address: str = LABELS, *, method: str = "get", **headers: str) -> Any:
    """As the viewer; ``If_None_Match="…"`` is that header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(world.client("viewer"), method)(address, headers=named)


def body(response: Any) -> bytes:
    content: bytes = b"".join(response) if response.streaming else response.content
    return content


def exported(world: World, format: str, contents: Any = None) -> bytes:
    run = start_export(
        campaign=world.campaign, format=format, user=None, now=NOON, contents=contents
    )
    run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    with default_storage.open(run.file) as file:
        content: bytes = file.read()
    return content


def kept() -> list[str]:
    if not default_storage.exists(FOLDER):
        return []
    return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]


def save_a_label(world: World, **changes: Any) -> None:
    place = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
    revision = world.annotation.revision
    world.annotation.revision += 1
    response = world.client("annotator").put(
        place, save_body(revision=revision, **changes), format="json"
    )
    assert response.status_code == 200, response.json()


class TestFormats:
    @pytest.mark.parametrize(
        ("accept", "kind"),
        [
            ("*/*", "application/x-ndjson"),
            ("application/*", "application/x-ndjson"),
            ("text/csv", "text/csv; charset=utf-8"),
            ("text/csv;q=0.5, application/x-ndjson;q=0.4", "text/csv; charset=utf-8"),
            ("text/csv;q=0.4, application/x-ndjson;q=0.5", "application/x-ndjson"),
            (f"application/x-ndjson;q=0.9, {PARQUET_TYPE}", PARQUET_TYPE),
            (f"*/*;q=0.1, {PARQUET_TYPE};q=0.2", PARQUET_TYPE),
            ("application/x-ndjson;q=0, */*;q=0.1", "text/csv; charset=utf-8"),
            ("text/html, */*;q=0.8", "application/x-ndjson"),
        ],
    )
    def test_the_type_that_the_client_likes_best_is_sent(
        self, labeled: World, accept: str, kind: str
    ) -> None:
        response = ask(labeled, Accept=accept)
        assert (response.status_code, response.headers["Content-Type"]) == (200, kind)
        assert "Accept" in response.headers["Vary"]

    @pytest.mark.parametrize("accept", ["image/png", "application/json", "text/csv;q=0", "csv"])
    def test_a_type_that_is_not_served_is_refused_with_those_that_are(
        self, world: World, accept: str
    ) -> None:
        response = ask(world, Accept=accept)
        told = response.json()
        assert (response.status_code, told["code"]) == (406, "not_acceptable")
        assert "application/x-ndjson" in told["message"]
        assert PARQUET_TYPE in told["message"]

    @pytest.mark.parametrize("format", ["jsonl", "csv", "parquet", "threads"])
    @pytest.mark.parametrize("chosen", [{}, {"context": "thread", "privacy": "dehydrated"}])
    def test_the_bytes_are_those_of_an_export(
        self, labeled: World, format: str, chosen: dict[str, Any]
    ) -> None:
        query = "".join(f"&{name}={value}" for name, value in chosen.items())
        response = ask(labeled, f"{LABELS}?format={format}{query}")
        assert body(response) == exported(labeled, format, Contents(**chosen)) != b""

    def test_head_tells_all_but_the_labels(self, labeled: World) -> None:
        response, whole = ask(labeled, method="head"), ask(labeled)
        assert (response.status_code, response.content) == (200, b"")
        for name in ("Content-Type", "ETag", "Content-Disposition", "Vary"):
            assert response.headers[name] == whole.headers[name]


class TestTag:
    """The tag changes when the bytes may have changed, and then alone."""

    def test_who_has_the_labels_gets_nothing(self, labeled: World) -> None:
        for address in (LABELS, LABELS + "?format=csv", PARQUET):
            tag = ask(labeled, address).headers["ETag"]
            again = ask(labeled, address, If_None_Match=tag)
            assert (again.status_code, body(again)) == (304, b"")
            assert again.headers["ETag"] == tag
            assert ask(labeled, address, If_None_Match='"other"').status_code == 200

    def test_no_label_is_read_for_it(
        self, labeled: World, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        tag = ask(labeled).headers["ETag"]
        with django_assert_max_num_queries(30) as asked:
            assert ask(labeled, If_None_Match=tag).status_code == 304
        told = " ".join(one["sql"] for one in asked.captured_queries)
        for table in ("annotation", "answer", "comment", "thread", "revision"):
            assert f'FROM "{table}"' not in told

    @pytest.mark.parametrize(
        "act",
        [
            lambda world: save_a_label(world),
            lambda world: save_a_label(world, state="skipped", answers={}, harmful=True),
            lambda world: change(world.campaign, name="Another name"),
            lambda world: change(world.campaign, description="What it is about."),
            lambda world: change(world.corpus, licence="CC0-1.0"),
            lambda world: change(world.corpus, author_names="shown"),
            lambda world: change(world.membership("adjudicator"), role="annotator"),
            lambda world: Sample.objects.create(
                campaign=world.campaign, state="done", created_at=NOON, drawn_at=NOON, units=3
            ),
        ],
    )
    def test_it_changes_with(self, labeled: World, act: Callable[[World], Any]) -> None:
        before = ask(labeled).headers["ETag"]
        act(labeled)
        after = ask(labeled, If_None_Match=before)
        assert (after.status_code, after.headers["ETag"] != before) == (200, True)

    def test_each_save_changes_it(self, labeled: World) -> None:
        tags = {ask(labeled).headers["ETag"]}
        for claim in ("yes", "no", "yes"):
            save_a_label(labeled, answers={"claim": claim})
            tags.add(ask(labeled).headers["ETag"])
        assert len(tags) == 4

    def test_what_was_begun_earlier_and_committed_later_changes_it(self, labeled: World) -> None:
        """The newest time stays the same, and the greatest id as well."""
        ids = list(labeled.campaign.units.values_list("annotations", flat=True))
        given = [one for one in ids if one is not None]
        for one in given:
            note_annotations(campaign=labeled.campaign, annotations=[one], now=NOON)
        late = given[0]
        note_annotations(
            campaign=labeled.campaign, annotations=given[1:], now=NOON + timedelta(hours=2)
        )
        before = ask(labeled).headers["ETag"]
        note_annotations(
            campaign=labeled.campaign, annotations=[late], now=NOON + timedelta(hours=1)
        )
        assert ask(labeled).headers["ETag"] != before

    @pytest.mark.parametrize(
        "query",
        ["notes=false", "layers=human", "split_by=thread", "languages=en", "format=csv", "seed=2"],
    )
    def test_other_contents_have_another(self, labeled: World, query: str) -> None:
        tags = {ask(labeled).headers["ETag"], ask(labeled, f"{LABELS}?{query}").headers["ETag"]}
        assert len(tags) == 2

    def test_it_is_the_same_for_everybody_and_whoever_reads_the_changes(
        self, labeled: World
    ) -> None:
        before = ask(labeled).headers["ETag"]
        response = labeled.client("manager").get(LABELS)
        assert response.headers["ETag"] == before
        change(labeled.users["adjudicator"], username="somebody-else")
        assert ask(labeled, If_None_Match=before).status_code == 304

    def test_an_aggregation_changes_it_where_it_is_in_it(self, labeled: World) -> None:
        change(labeled.aggregation, state="done", started_at=NOON)
        aggregated = LABELS + "?layers=human&layers=aggregated&method=majority"
        before, without = ask(labeled, aggregated).headers["ETag"], ask(labeled).headers["ETag"]
        labeled.aggregation.pk = None
        labeled.aggregation.save()
        assert ask(labeled, aggregated).headers["ETag"] != before
        assert ask(labeled).headers["ETag"] == without

    def test_traits_change_it_where_they_leave_and_when_they_are_taken_back(
        self, labeled: World
    ) -> None:
        told = LABELS + "?traits=true"
        member = labeled.membership("adjudicator")
        ask_traits(campaign=labeled.campaign, traits=["age"])
        tags = [ask(labeled, told).headers["ETag"]]
        without = ask(labeled).headers["ETag"]
        for agreed in (True, False):
            tell_traits(membership=member, traits={"age": "25-34"}, agreed=agreed, now=NOON)
            tags.append(ask(labeled, told).headers["ETag"])
        assert tags[0] == tags[2] != tags[1]
        assert ask(labeled).headers["ETag"] == without

    def test_another_look_for_copies_changes_it_where_they_are_left_out(
        self, labeled: World
    ) -> None:
        alone = LABELS + "?without_copies=true"
        before = ask(labeled, alone).headers["ETag"]
        TextScan.objects.create(corpus=labeled.corpus, state="done", created_at=NOON)
        assert ask(labeled, alone).headers["ETag"] != before

    @pytest.mark.parametrize("privacy", ["pseudonymous", "redacted"])
    @pytest.mark.parametrize("format", ["jsonl", "parquet"])
    def test_new_pseudonyms_have_none(self, labeled: World, privacy: str, format: str) -> None:
        address = f"{LABELS}?privacy={privacy}&format={format}"
        first, second = ask(labeled, address), ask(labeled, address, If_None_Match="*")
        assert (second.status_code, "ETag" in first.headers) == (200, False)
        assert body(first) != body(second)


class TestParquet:
    def test_it_is_made_once_for_one_state(self, labeled: World) -> None:
        head = ask(labeled, PARQUET, method="head")
        (stored,) = kept()
        whole = body(ask(labeled, PARQUET))
        assert kept() == [stored]
        assert head.headers["Content-Length"] == str(len(whole))
        assert head.headers["Accept-Ranges"] == "bytes"
        assert head.headers["ETag"] == f'"{Path(stored).stem.rpartition("-")[2]}"'
        assert pq.read_table(io.BytesIO(whole)).num_rows == 1

    def test_it_is_read_by_parts(self, labeled: World) -> None:
        whole = body(ask(labeled, PARQUET))
        end = ask(labeled, PARQUET, Range="bytes=-8")
        assert (end.status_code, body(end)) == (206, whole[-8:])
        part = ask(labeled, PARQUET, Range="bytes=4-99")
        assert part.headers["Content-Range"] == f"bytes 4-99/{len(whole)}"
        assert body(part) == whole[4:100]
        beyond = ask(labeled, PARQUET, Range=f"bytes={len(whole)}-")
        assert (beyond.status_code, beyond.json()["code"]) == (416, "no_such_range")

    @pytest.mark.parametrize("begin", [{"method": "head"}, {}, {"Range": "bytes=-8"}])
    def test_who_has_begun_reads_on_in_the_same_file(
        self, labeled: World, begin: dict[str, str]
    ) -> None:
        whole = body(ask(labeled, PARQUET))
        ask(labeled, PARQUET, **begin)
        save_a_label(labeled)
        part = ask(labeled, PARQUET, Range="bytes=4-")
        assert body(part) == whole[4:]
        assert ask(labeled, PARQUET, method="head").headers["ETag"] != part.headers["ETag"]
        assert body(ask(labeled, PARQUET, Range="bytes=4-")) != whole[4:]

    def test_others_begin_with_the_labels_as_they_are(self, labeled: World) -> None:
        ask(labeled, PARQUET)
        save_a_label(labeled)
        other = labeled.client("manager").get(PARQUET, headers={"Range": "bytes=4-"})
        now = body(ask(labeled, PARQUET))
        assert body(other) == now[4:]

    @pytest.mark.parametrize("name", ["If_Match", "If_Range"])
    def test_the_file_that_is_named_is_the_one_that_comes(self, labeled: World, name: str) -> None:
        tag = ask(labeled, PARQUET).headers["ETag"]
        whole = body(ask(labeled, PARQUET))
        save_a_label(labeled)
        ask(labeled, PARQUET)
        part = ask(labeled, PARQUET, Range="bytes=4-", **{name: tag})
        assert (part.status_code, body(part)) == (206, whole[4:])
        gone = ask(labeled, PARQUET, Range="bytes=4-", **{name: f'"{"0" * 64}"'})
        assert gone.status_code == (412 if name == "If_Match" else 200)

    def test_nothing_is_made_for_who_has_it(self, labeled: World) -> None:
        tag = ask(labeled, PARQUET).headers["ETag"]
        default_storage.delete(kept()[0])
        assert ask(labeled, PARQUET, If_None_Match=tag).status_code == 304
        assert kept() == []

    def test_a_file_that_was_swept_is_made_again_the_same(self, labeled: World) -> None:
        whole = body(ask(labeled, PARQUET))
        default_storage.delete(kept()[0])
        part = ask(labeled, PARQUET, Range="bytes=4-")
        assert (part.status_code, body(part)) == (206, whole[4:])

    def test_it_is_swept_once_nobody_used_it_for_an_hour(self, labeled: World) -> None:
        ask(labeled, PARQUET)
        now = timezone.now()
        assert sweep_label_files(now=now + timedelta(minutes=59)) == 0
        assert sweep_label_files(now=now + timedelta(minutes=61)) == 1
        assert kept() == []

    def test_what_is_too_much_goes_early_and_what_is_in_use_stays(
        self, labeled: World, monkeypatch: pytest.MonkeyPatch
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
        self, labeled: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(label_files, "WAITING_SECONDS", 0.01)
        with label_files._turn():
            busy = ask(labeled, PARQUET)
        assert (busy.status_code, busy.json()["code"]) == (503, "busy")
        assert "export" in busy.json()["message"]
        assert ask(labeled, PARQUET).status_code == 200

    def test_what_breaks_leaves_nothing(
        self, labeled: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(label_files, "write_dataset", broken)
        client = labeled.client("viewer")
        client.raise_request_exception = False
        assert client.get(PARQUET).status_code == 500
        assert kept() == []
        monkeypatch.undo()
        assert client.get(PARQUET).status_code == 200

    def test_it_is_kept_in_storages_without_files_of_the_system(self, labeled: World) -> None:
        with override_settings(STORAGES={**settings.STORAGES, **IN_MEMORY}):
            whole = body(ask(labeled, PARQUET))
            part = ask(labeled, PARQUET, Range="bytes=4-")
            assert (part.status_code, body(part), len(kept())) == (206, whole[4:], 1)
            assert sweep_label_files(now=timezone.now() + timedelta(hours=2)) == 1
            assert kept() == []

    def test_an_annotator_gets_neither_file_nor_part(self, labeled: World) -> None:
        tag = ask(labeled, PARQUET).headers["ETag"]
        for role, status in (("annotator", 403), ("outsider", 404), ("anonymous", 401)):
            for headers in ({}, {"Range": "bytes=0-"}, {"If-Match": tag}, {"If-None-Match": tag}):
                response = labeled.client(role).get(PARQUET, headers=headers)
                assert response.status_code == status

    def test_the_tag_of_another_campaign_opens_nothing(self, labeled: World) -> None:
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


def test_a_token_of_the_campaign_reads_it_too(labeled: World) -> None:
    _, token = ApiToken.objects.create(
        user=labeled.users["viewer"], name="polars", scopes=["labels:read"]
    )
    client = labeled.client("anonymous")
    response = client.get(LABELS, headers={"Authorization": f"Token {token}"})
    assert json.loads(body(response))["answers"] == {"claim": "yes"}


def change(row: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
