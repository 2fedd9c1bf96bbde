"""Every page opens in every role, on each database: it takes the page's queries as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import Aggregation, Recoding
from annotations.services.codebooks import load_codebook
from annotations.urls import urlpatterns as annotations_patterns
from importers.urls import urlpatterns as importers_patterns
from tests.annotations.api.world import ROLES, World, build_world
from tests.annotations.released import build_study, released
from tests.builders import NOON

Place = Callable[[World], tuple[Any, ...]]

PLACES: dict[str, Place] = {
    **{
        name: lambda _: ()
        for name in (
            *("home", "login", "account", "change_password", "corpora", "new_corpus"),
            *("codebooks", "new_codebook", "campaigns", "new_campaign", "imports", "new_import"),
        )
    },
    **{
        name: lambda world: (world.corpus.slug,)
        for name in ("corpus", "duplicates", "corpus_warnings")
    },
    **{
        name: lambda world: (world.campaign.slug,)
        for name in (
            *("campaign", "campaign_sample", "campaign_progress", "campaign_codebook"),
            *("campaign_data", "quality", "new_release", "people", "own_traits", "stages"),
            *("adjudication", "adjudication_desk", "notes", "label", "webhooks"),
        )
    },
    "webhook": lambda world: (world.campaign.slug, world.delivery.webhook_id),
    "duplicates_alike": lambda world: (world.corpus.slug, 987_654),
    "comment_warnings": lambda world: (world.comments[1].pk,),
    "thread": lambda world: (world.thread.pk,),
    "codebook": lambda _: ("claims", 1),
    "edit_codebook": lambda _: ("reasons", 1),
    "codebook_diff": lambda _: ("reasons", 1, 2),
    "recoding_trace": lambda _: (Recoding.objects.get().pk,),
    "change_release": lambda world: (world.releases["staged"].pk,),
    "release": lambda _: (released(build_study(), "csv").pk,),
    "release_difference": lambda world: (
        world.releases["withdrawn"].pk,
        world.releases["done"].pk,
    ),
    "join": lambda _: ("nothing",),
    "import": lambda world: (world.imports["queued"].pk,),
    "import_progress": lambda world: (world.imports["queued"].pk,),
    "import_refused": lambda world: (world.imports["failed"].pk,),
    "progress_file": lambda world: (world.campaign.slug, "people"),
    "quality_file": lambda world: (world.campaign.slug, "prevalence"),
    "consensus_file": lambda world: (world.aggregation.pk,),
}
CODEBOOK = """\
key: reasons
version: {}
title: Reasons
questions:
  - {{key: why, title: Why, kind: text}}
"""
NOTHING_THERE = {"duplicates_alike", "join"}
ABOUT_THE_SERVER = {"healthz", "readyz"}
REFUSALS = {302, 403, 404}


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"
    world = build_world()
    before, after = (load_codebook(text=CODEBOOK.format(n), now=NOON) for n in (1, 2))
    Aggregation.objects.update(state="done", finished_at=NOON)
    Recoding.objects.create(
        campaign=world.campaign,
        before=before,
        after=after,
        state="done",
        created_at=NOON,
        finished_at=NOON,
    )
    return world


@pytest.mark.parametrize("name", PLACES)
def test_a_page_opens_or_refuses(world: World, name: str) -> None:
    address = reverse(name, args=PLACES[name](world))
    statuses = {role: opened(world, role, address) for role in ROLES}
    assert set(statuses.values()) <= {200} | REFUSALS, statuses
    assert (200 in statuses.values()) is (name not in NOTHING_THERE), statuses


def test_every_page_has_its_place(db: None) -> None:
    """What looks at nothing answers 405, and is an act."""
    for pattern in [*annotations_patterns, *importers_patterns]:
        if pattern.name in PLACES.keys() | ABOUT_THE_SERVER:
            continue
        kinds = {"pk": 1, "number": 1, "delivery": 1}
        args = {key: kinds.get(key, "a") for key in pattern.pattern.converters}
        assert Client().get(reverse(str(pattern.name), kwargs=args)).status_code == 405, pattern


def opened(world: World, role: str, address: str) -> int:
    """The status, once the whole answer was read."""
    client = Client()
    if role != "anonymous":
        client.force_login(world.users[role])
    answer: Any = client.get(address)
    if answer.streaming:
        b"".join(answer)
    return int(answer.status_code)
