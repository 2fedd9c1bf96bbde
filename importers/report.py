"""What an import did, counted: the report on the page, in the API and in ``--json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from importers.models import ImportRun

Outcome = Literal["created", "updated", "unchanged"]
REFUSALS_KEPT = 1_000


@dataclass(slots=True)
class Tally:
    """How many rows of one sort were new, changed, or there already."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def add(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


@dataclass(slots=True)
class Replies:
    """The replies of the file's threads once all is stored.

    ``given`` by the source and ``inferred`` from the text have their parent; ``orphaned`` ones
    name a parent that is not there; ``cyclic`` ones were cut to break a ring, and ``cut`` names
    the first hundred of these comments.
    """

    given: int = 0
    inferred: int = 0
    orphaned: int = 0
    cyclic: int = 0
    cut: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The counts of one run, or of one piece of its file.

    ``missing`` comments exist at the source, by its own word; ``gold`` labels came with the
    data; ``notes`` count, in words, what was left out, dropped or replaced. ``refused_count``
    counts all refused records, ``refused`` keeps the first thousand. Threads, replies and the
    authors that were there before are counted when all pieces are stored.
    """

    threads: Tally = field(default_factory=Tally)
    openings: Tally = field(default_factory=Tally)
    comments: Tally = field(default_factory=Tally)
    authors: Tally = field(default_factory=Tally)
    replies: Replies = field(default_factory=Replies)
    relations: dict[str, int] = field(default_factory=lambda: {"quote": 0, "mention": 0})
    statuses: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    gold: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    refused_count: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    def count_comment(self, kind: str, status: str, outcome: Outcome) -> None:
        (self.comments if kind == "comment" else self.openings).add(outcome)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def note(self, what: str, count: int = 1) -> None:
        self.notes[what] = self.notes.get(what, 0) + count

    def refuse(self, line: int | None, message: str) -> None:
        self.refused_count += 1
        if len(self.refused) < REFUSALS_KEPT:
            self.refused.append({"line": line, "message": message})

    def add(self, counts: Mapping[str, Any], refused: Sequence[dict[str, Any]]) -> None:
        """Add what another piece counted (``counts()`` of its report, and its refusals)."""
        for name in ("comments", "openings", "authors"):
            tally: Tally = getattr(self, name)
            for outcome, number in counts.get(name, {}).items():
                setattr(tally, outcome, getattr(tally, outcome) + number)
        for mine, name in (
            (self.relations, "relations"),
            (self.statuses, "statuses"),
            (self.notes, "notes"),
        ):
            for key, number in counts.get(name, {}).items():
                mine[key] = mine.get(key, 0) + number
        self.gold += counts.get("gold", 0)
        self.refused_count += counts.get("refused_count", 0)
        self.refused += refused[: REFUSALS_KEPT - len(self.refused)]

    def counts(self) -> dict[str, Any]:
        """Everything but the refusals themselves, as plain JSON."""
        return {key: value for key, value in asdict(self).items() if key != "refused"}


def run_report(run: ImportRun) -> dict[str, Any]:
    """The whole report of a run: what the file was, what became of it, what was counted."""
    return {
        "file": run.file_name,
        "sha256": run.sha256,
        "corpus": run.corpus.slug,
        "format": run.format,
        "options": run.options,
        "dry_run": run.dry_run,
        "state": run.state,
        "error": run.error,
        **_in_order(run.counts, Report().counts()),
        "refused": run.refusals,
    }


def _in_order(counts: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """The counts in the model's order: PostgreSQL does not keep that of JSON objects."""
    ordered = {}
    for key, blank in model.items():
        count = counts.get(key, blank)
        nested = isinstance(blank, dict) and blank
        ordered[key] = _in_order(count, blank) if nested else count
    return ordered
