"""Routes that the client speaks and that are being built: their tests run once they are there.

When all of them are, this module and its marks can go.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from django.urls import resolve

from annotations.api.filters import ThreadFilters


def _is_there(path: str) -> bool:
    """Not just caught by what answers all other addresses of the API."""
    return bool(resolve(f"/api/v1/{path}").namespace)


changes = pytest.mark.skipif(
    not _is_there("campaigns/a/changes/"), reason="The feed of changes is not there yet."
)
updated_since = pytest.mark.skipif(
    "updated_since" not in ThreadFilters.base_filters, reason="updated_since is not there yet."
)
records = pytest.mark.skipif(
    not _is_there("corpora/a/records/"), reason="Records cannot be sent as lines yet."
)
saves = pytest.mark.skipif(
    not _is_there("campaigns/a/annotations/"), reason="Annotations cannot be sent as lines yet."
)
suggestions = pytest.mark.skipif(
    find_spec("annotations.api.ndjson") is None, reason="Suggestions cannot be sent as lines yet."
)
