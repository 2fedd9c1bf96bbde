"""An installation of any earlier version is brought up to date with all that is in it.

For each migration of ours there is a database that ends there, with rows that its version could
store; ``migrate`` then runs to the end. ``CHAOS=1`` does it for every state, ``make test`` for the
first, the one in the middle and the last but one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps as apps_of_now
from django.core.management import call_command
from django.db import models
from django.test import Client
from pytest_django import DjangoDbBlocker

from annotations.models import Thread, User
from tests.chaos.length import LONG
from tests.chaos.past import (
    Installation,
    Place,
    Snapshot,
    connected_to,
    installations,
    own_models,
    snapshot,
    states,
)
from tests.conftest import SERVER, OwnServers

# What a migration fills in where nothing was said, on purpose: 0011 admits who had labeled, 0023
# sums up threads that were imported before there were figures.
FILLED = {
    ("membership", "admitted_at"),
    *(("thread", name) for name in ("comment_count", "max_depth", "started_at", "ended_at")),
}
# What no row at rest can say: a lease is held only by a job that runs.
NEVER_AT_REST = {"lease_until"}
SEVERAL = ("multi_label", "span", "relation")
Labels = dict[tuple[str, str, str], dict[str, Any]]
_GONE = object()
ALL = [f"{app}.{name}" for app, name in states()]
KEPT = ALL if LONG else [ALL[0], ALL[len(ALL) // 2], ALL[-2]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, own_servers: OwnServers) -> Place:
    return Place(tmp_path_factory.mktemp("past"), SERVER)


@pytest.fixture(scope="module")
def past(place: Place, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Installation]]:
    with django_db_blocker.unblock():
        kept = {one.state: one for one in installations(place, {*KEPT, ALL[-1]})}
        yield kept
        for one in kept.values():
            place.drop(one.name)


@pytest.mark.slow
@pytest.mark.parametrize("state", KEPT)
def test_an_installation_of_any_state_keeps_every_label_and_exports_it(
    past: dict[str, Installation], state: str, tmp_path: Path
) -> None:
    installation = past[state]
    with connected_to(installation.name):
        call_command("migrate", interactive=False, verbosity=0)
        now = snapshot(apps_of_now)
        assert lost(installation, now) == []
        assert exported(tmp_path / "labels.jsonl") == labels(installation)
        _check_figures()
        _check_readable()


@pytest.mark.slow
def test_every_table_and_column_of_today_has_its_part_in_the_story(
    past: dict[str, Installation],
) -> None:
    said = past[ALL[-1]].said
    untold = [
        f"{model._meta.db_table}.{field.column}"
        for model in own_models(apps_of_now)
        for field in model._meta.concrete_fields
        if field.attname not in NEVER_AT_REST and not _told(field, said[model._meta.db_table])
    ]
    assert untold == [], "Tell of these in a step for their migration (tests/chaos/story_later.py)."


def lost(installation: Installation, now: Snapshot) -> list[str]:
    """What rows of the installation said, and do not say any more."""
    found = []
    for table, rows in installation.said.items():
        for key, row in rows.items():
            after = now.get(table, {}).get(key, {})
            found += [
                f"{table} {key}: {column} was {value!r}, is {after.get(column, 'gone')!r}"
                for column, value in row.items()
                if after.get(column, _GONE) != value
                and (value or (table, column) not in FILLED or column not in after)
            ]
    return found


def labels(installation: Installation) -> Labels:
    """What people said of the sample, by the rows: answers by question, comment and annotator."""
    said = installation.said
    found: Labels = {}
    for answer in said["answer"].values():
        annotation = said["annotation"][answer["annotation_id"]]
        unit = said["unit"][annotation["unit_id"]]
        in_study = unit.get("purpose", "study") == "study" and unit["campaign_id"] == 1
        if (annotation["source"], annotation["state"]) != ("human", "submitted") or not in_study:
            continue
        comment = said["comment"].get(unit["comment_id"], {"source_id": ""})
        thread = said["thread"][unit["thread_id"]]["source_id"]
        number = said["membership"][annotation["membership_id"]]["number"]
        question = said["question"][answer["question_id"]]
        answers = found.setdefault((thread, comment["source_id"], f"A{number}"), {})
        value = _value(said, question["kind"], answer)
        if question["kind"] in SEVERAL:
            answers.setdefault(question["key"], []).append(value)
        else:
            answers[question["key"]] = value
    return found


def _value(said: Snapshot, kind: str, answer: dict[str, Any]) -> Any:
    label = said["label"][answer["label_id"]]["key"] if answer["label_id"] else None
    if kind == "span":
        places = {name: answer[name] for name in ("start", "end", "quote")}
        return {**places, "label": label}
    if kind == "relation":
        return {"comment": said["comment"][answer["related_id"]]["source_id"], "label": label}
    return answer["number"] if kind in ("rating", "number") else label or answer["text"]


def exported(file: Path) -> Labels:
    """The same, by an export."""
    call_command("export", "fees", "--format", "jsonl", "--out", str(file), verbosity=0)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return {
        (row["thread_id"], row["comment_id"] or "", row["annotator"]): row["answers"]
        for row in rows
        if row["source"] == "human" and row["answers"]
    }


def _check_figures() -> None:
    for thread in Thread.objects.all():
        comments = thread.comments.filter(kind="comment")
        deepest = max(thread.comments.values_list("depth", flat=True), default=0)
        assert (thread.comment_count, thread.max_depth) == (comments.count(), deepest)


def _check_readable() -> None:
    """Those who knew the study find it: its pages open, and the API says what it said."""
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    for path in (
        "/",
        "/corpora/harbour/",
        "/campaigns/fees/",
        "/campaigns/fees/people/",
        "/campaigns/fees/progress/",
        "/campaigns/fees/quality/",
        "/campaigns/fees/data/",
        "/api/v1/annotations/?campaign=fees",
        "/api/v1/campaigns/fees/units/",
    ):
        assert client.get(path).status_code == 200, path


def _told(field: models.Field[Any, Any], rows: dict[Any, dict[str, Any]]) -> bool:
    """Whether some row says something else than nothing, or than what it says by itself."""
    usual = field.get_default() if field.has_default() and not callable(field.default) else None
    empty: tuple[Any, ...] = (None, "", [], {})
    return any(
        row[field.attname] not in empty and row[field.attname] != usual for row in rows.values()
    )
