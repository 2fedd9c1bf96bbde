"""Which threads and known authors a run has met: once, however many pieces met them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from importers.models import ImportRun, ImportTouch
from importers.report import Tally
from importers.store.bulk import insert_missing

Outcome = ImportTouch.Outcome
COLUMNS = ("run_id", "kind", "row", "outcome")
COUNTED = """
SELECT outcome, COUNT(*)
FROM (
    SELECT MIN(outcome) AS outcome FROM import_touch WHERE run_id = %s AND kind = %s GROUP BY row
) met
GROUP BY outcome
"""


def touch(run: ImportRun, kind: str, rows: Iterable[int], outcome: Outcome) -> None:
    """Note rows that were met."""
    insert_missing("import_touch", COLUMNS, [(run.pk, kind, row, outcome) for row in rows])


def tally(run: ImportRun, kind: str) -> Tally:
    """How many rows of one kind were created, updated, or only met."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [run.pk, kind])
        counted = dict(cursor.fetchall())
    return Tally(
        created=counted.get(Outcome.CREATED, 0),
        updated=counted.get(Outcome.UPDATED, 0),
        unchanged=counted.get(Outcome.UNCHANGED, 0),
    )
