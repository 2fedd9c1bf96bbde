"""A campaign to release, and a storage of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations.models import Campaign
from tests.annotations.released import build_study


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    """The file storage of the test, as a folder."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def campaign(db: None) -> Campaign:
    return build_study()
