"""Labels as a stream, and exports as jobs, through the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from annotations.api.contents import CONTENTS_FIELDS
from annotations.exporters import registry
from annotations.models import ExportRun
from annotations.services.exports import stream_labels, write_export
from annotations.services.jobs import run_job
from annotations.services.workers import record_worker
from project.environment import ROOT
from tests.annotations.api.world import API, World
from tests.builders import build_annotation, build_answer

LABELS = API + "campaigns/study/labels/"


def streamed(response: Any) -> bytes:
    assert response.streaming
    return b"".join(response)


def label(world: World) -> None:
    annotation = build_annotation(world.unit, world.membership("adjudicator"))
    build_answer(annotation, "claim", label="yes")


@pytest.mark.parametrize(
    ("query", "accept", "kind", "format"),
    [
        ("", "*/*", "application/x-ndjson", "jsonl"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/x-ndjson", "jsonl"),
        ("?format=csv", "image/png", "text/csv; charset=utf-8", "csv"),
        ("", "text/csv", "text/csv; charset=utf-8", "csv"),
        ("?format=csv", "application/x-ndjson", "text/csv; charset=utf-8", "csv"),
        ("?format=jsonl", "text/csv", "application/x-ndjson", "jsonl"),
        ("?format=threads", "*/*", "application/x-ndjson", "threads"),
    ],
)
def test_labels_are_those_of_an_export(
    world: World, query: str, accept: str, kind: str, format: str
) -> None:
    label(world)
    response = world.client("viewer").get(LABELS + query, headers={"Accept": accept})
    assert response.headers["Content-Type"] == kind
    assert streamed(response) == b"".join(stream_labels(world.campaign, format))


def test_labels_name_comment_annotator_and_value(world: World) -> None:
    label(world)
    lines = streamed(world.client("adjudicator").get(LABELS)).splitlines()
    row = json.loads(lines[0])
    assert (row["comment_id"], row["answers"]) == (world.comments[1].source_id, {"claim": "yes"})
    assert row["annotator"] == world.membership("adjudicator").pseudonym
    assert len(lines) == 1, "drafts are no labels"


def test_what_is_in_the_stream_is_chosen_as_for_an_export(world: World) -> None:
    label(world)
    client = world.client("viewer")
    one = "?layers=human&layers=gold&notes=false&split_by=thread&shares=1&shares=0&shares=0"
    (line,) = streamed(client.get(LABELS + one)).splitlines()
    assert json.loads(line)["split"] == "train"
    for nothing in ("?layers=gold", "?keywords=nowhere", "?depth_min=9", "?posted_to=1999-01-01"):
        assert streamed(client.get(LABELS + nothing)) == b""
    gone = streamed(client.get(LABELS + "?privacy=dehydrated"))
    assert json.loads(gone)["text"] == ""


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("layers=all", "layers"),
        ("layers=aggregated", "method"),
        ("layers=aggregated&layers=human&method=majority", "method"),
        ("context=everything", "context"),
        ("context=thread&context=none", "context"),
        ("depth_min=deep", "depth_min"),
        ("depth_min=3&depth_max=1", "depth_max"),
        ("posted_from=yesterday", "posted_from"),
        ("without_copies=perhaps", "without_copies"),
        ("shares=1&shares=1&shares=1", "shares"),
        ("not_in=nowhere", "not_in"),
        ("size=3", "size"),
    ],
)
def test_contents_that_there_are_not_are_told_by_the_parameter(
    world: World, query: str, field: str
) -> None:
    response = world.client("viewer").get(f"{LABELS}?{query}")
    assert response.status_code == 400
    assert field in str(response.json())


def test_an_unknown_format_names_the_known_ones(world: World) -> None:
    client = world.client("viewer")
    body = {"campaign": "study", "format": "xml"}
    for response in (
        client.get(LABELS + "?format=xml"),
        client.post(API + "exports/", body, format="json"),
    ):
        assert (response.status_code, response.json()["code"]) == (400, "invalid")
        assert "jsonl" in response.json()["fields"]["format"][0]


def test_an_export_is_watched_and_downloaded(world: World) -> None:
    label(world)
    client = world.client("manager")
    started = client.post(API + "exports/", {"campaign": "study", "format": "csv"}, format="json")
    assert started.status_code == 202
    run = started.json()
    place = f"{API}exports/{run['id']}/"
    assert (run["state"], run["finished"], run["measure"]) == ("queued", False, "annotations")
    early = client.get(place + "file/")
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    run_job(ExportRun, run["id"], write_export)
    done = client.get(place).json()
    assert (done["state"], done["finished"], done["rows"]) == ("done", True, 1)
    file = client.get(place + "file/")
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="study-')
    content = streamed(file)
    assert len(content) == done["bytes"]
    assert content == b"".join(stream_labels(world.campaign, "csv"))


def test_a_file_that_is_gone_is_told_so(world: World) -> None:
    run = world.exports["done"]
    default_storage.delete(run.file)
    response = world.client("viewer").get(f"{API}exports/{run.pk}/file/")
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert response.json()["message"].endswith("not kept any more: export again.")


def test_a_format_of_one_file_comes_by_its_media_type(world: World) -> None:
    label(world)
    for wanted in {one.media_type for one in registry.streamed().values()}:
        response = world.client("viewer").get(LABELS, headers={"Accept": wanted})
        assert response.headers["Content-Type"].partition(";")[0] == wanted


def test_a_format_of_many_files_does_not_stream(world: World) -> None:
    several = [one for one in registry.exporters().values() if one.write is None]
    for chosen in several:
        response = world.client("viewer").get(f"{LABELS}?format={chosen.name}")
        assert (response.status_code, list(response.json()["fields"])) == (400, ["format"])


def test_a_job_says_whether_anybody_works(world: World) -> None:
    place = f"{API}exports/{world.exports['queued'].pk}/"
    assert world.client("viewer").get(place).json()["worker_alive"] is False
    record_worker(name="worker@here", now=timezone.now())
    assert world.client("viewer").get(place).json()["worker_alive"] is True


def test_jobs_are_cancelled_and_started_again(world: World) -> None:
    client = world.client("viewer")
    place = f"{API}exports/{world.exports['queued'].pk}/"
    assert client.post(place + "retry/").status_code == 409
    assert client.post(place + "cancel/").json()["state"] == "cancelled"
    assert client.post(place + "cancel/").json()["code"] == "conflict"
    again = client.post(place + "retry/")
    assert (again.status_code, again.json()["state"]) == (202, "queued")


def test_exports_are_listed_by_campaign_newest_first(world: World) -> None:
    rows = world.client("viewer").get(API + "exports/?campaign=study").json()["results"]
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    assert {row["state"] for row in rows} == {"done", "queued", "failed"}
    assert world.client("annotator").get(API + "exports/").json()["results"] == []


def test_an_export_holds_what_was_chosen(world: World) -> None:
    label(world)
    client = world.client("viewer")
    chosen = {"layers": ["gold"], "filters": {"keywords": ["bridge"]}, "notes": False}
    body = {"campaign": "study", "format": "csv", "contents": chosen}
    started = client.post(API + "exports/", body, format="json").json()
    run_job(ExportRun, started["id"], write_export)
    done = client.get(f"{API}exports/{started['id']}/").json()
    assert (done["state"], done["rows"], done["withheld"]) == ("done", 0, 1)
    assert (done["contents"]["layers"], done["contents"]["notes"]) == (["gold"], False)
    assert done["contents"]["filters"]["keywords"] == ["bridge"]
    assert isinstance(done["warnings"], list)


@pytest.mark.parametrize(
    ("contents", "field"),
    [
        ({"layer": ["gold"]}, "contents.layer"),
        ({"layers": []}, "contents.layers"),
        ({"layers": ["aggregated"], "method": "mace"}, "contents.method"),
        ({"filters": {"langauges": ["en"]}}, "contents.filters.langauges"),
        ({"seed": "1"}, "contents.seed"),
        ("gold", "contents"),
        ({"filters": {"keywords": ["a\0b"]}}, "contents"),
    ],
)
def test_what_cannot_be_in_it_is_said_of_its_field(
    world: World, contents: object, field: str
) -> None:
    body = {"campaign": "study", "format": "csv", "contents": contents}
    response = world.client("viewer").post(API + "exports/", body, format="json")
    assert (response.status_code, list(response.json()["fields"])) == (400, [field])


def test_the_docs_name_every_choice() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    table = text.partition("## Exports")[2].partition("## Releases")[0]
    first_cells = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    assert named == CONTENTS_FIELDS


@pytest.mark.parametrize("name", ["keywords", "platforms", "languages", "not_in"])
def test_a_filter_that_is_no_text_is_refused(world: World, name: str) -> None:
    response = world.client("viewer").get(f"{LABELS}?{name}=a%00b")
    assert (response.status_code, list(response.json()["fields"])) == (400, [name])
