"""Labels in bulk: the format that is asked for, the bytes of an export, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotations.exporters.contents import Contents
from annotations.models import ApiToken, ExportRun, Sample, TextScan
from annotations.services.changes import note_annotations
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job
from annotations.services.traits import ask_traits, tell_traits
from tests.annotations.api.labeled import LABELS, PARQUET, ask, body, label, save_a_label
from tests.annotations.api.world import World
from tests.builders import NOON

pytestmark = pytest.mark.django_db

PARQUET_TYPE = "application/vnd.apache.parquet"


@pytest.fixture
def labeled(world: World) -> World:
    label(world)
    return world


def exported(world: World, format: str, contents: Any = None) -> bytes:
    run = start_export(
        campaign=world.campaign, format=format, user=None, now=NOON, contents=contents
    )
    run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    with default_storage.open(run.file) as file:
        content: bytes = file.read()
    return content


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
        with django_assert_max_num_queries(31) as asked:
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
