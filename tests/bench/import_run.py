"""One side: the import as users run it.

A few lines are imported into another corpus before: a worker has imported before and has the
readers in memory, as the floor has its parser.
"""

from __future__ import annotations

import sys
import tempfile
from io import StringIO
from itertools import islice
from pathlib import Path

from tests.bench.children import tell
from tests.bench.database import prepare

WARMING = 20


def main() -> None:
    prepare()
    from django.core.management import call_command
    from django.db import connection

    from annotations.models import Comment

    def run(file: Path, corpus: str) -> None:
        # SQLite has one writer: a second process would only wait.
        processes = {} if connection.vendor == "postgresql" else {"processes": 1}
        told = StringIO()
        call_command("import_threads", file, corpus=corpus, stdout=told, stderr=told, **processes)

    def work() -> int:
        run(file, "bench")
        return Comment.objects.filter(corpus__slug="bench").count()

    file = Path(sys.argv[1])
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as few, file.open("rb") as lines:
        few.writelines(islice(lines, WARMING))
        few.flush()
        run(Path(few.name), "earlier")
    tell(work)


if __name__ == "__main__":
    main()
