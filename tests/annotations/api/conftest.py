"""A small study with somebody in every role, and clients for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches

from annotations.buckets import OwnBuckets
from tests.annotations.api.world import World, build_world


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def own_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with full ones: users of tests have the same numbers again."""
    made = OwnBuckets()
    monkeypatch.setattr("annotations.buckets.buckets", lambda: made)


@pytest.fixture(autouse=True)
def nobody_reads() -> None:
    """Nor has anybody of an earlier test begun to read a file."""
    caches["reading"].clear()


@pytest.fixture
def world(db: None) -> World:
    return build_world()
