"""One side: the import as users run it."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

from tests.bench.database import prepare, tell


def main() -> None:
    prepare()
    from django.core.management import call_command
    from django.db import connection

    from annotations.models import Comment
    from importers.registry import formats

    formats()  # A worker has the readers in memory, as the floor has its parser.

    def work() -> int:
        # SQLite has one writer: a second process would only wait.
        processes = {} if connection.vendor == "postgresql" else {"processes": 1}
        call_command(
            "import_threads",
            Path(sys.argv[1]),
            corpus="bench",
            stdout=StringIO(),
            stderr=StringIO(),
            **processes,
        )
        return Comment.objects.count()

    tell(work)


if __name__ == "__main__":
    main()
