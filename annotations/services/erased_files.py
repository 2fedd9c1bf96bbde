"""Files that go with somebody who is erased."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction


def delete_files(names: Iterable[str]) -> None:
    """Once it is committed: a row without its file says that it is not kept any more."""
    gone = tuple(names)

    def delete() -> None:
        for name in gone:
            default_storage.delete(name)

    transaction.on_commit(delete)
