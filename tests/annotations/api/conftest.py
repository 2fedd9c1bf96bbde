"""A small study with somebody in every role, and clients for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.annotations.api.world import World, build_world


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def world(db: None) -> World:
    return build_world()
