"""What each version of the application could store for the first time, told by its migration.

The models are those of that time, so a step names columns as they were. A migration that brings
a table or a column gets its step here; test_upgrade.py asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.apps.registry import Apps

from tests.builders import NOON

Step = Callable[["Story"], None]
STEPS: dict[str, Step] = {}
TEXTS = (
    "The harbour board doubled the fee last winter. 👩‍👩‍👧‍👦",
    "They did no such thing: read the minutes!",
    "العبّارة تحمل ٤١٢ سيارة كل يوم 🚢",
    "",
    "Fine by me.",
)
JOB = {
    "state": "failed",
    "attempt": 2,
    "tries": 1,
    "cancel_asked": True,
    "done": 3,
    "total": 9,
    "error": "The disk is full.",
    "created_at": NOON,
    "sent_at": NOON,
    "started_at": NOON,
    "heartbeat_at": NOON,
    "finished_at": NOON,
}


def since(migration: str) -> Callable[[Step], Step]:
    def keep(step: Step) -> Step:
        STEPS[migration] = step
        return step

    return keep


class Story:
    """``ids`` are the keys of the rows that later steps speak of."""

    def __init__(self) -> None:
        self.ids: dict[str, Any] = {}
        self.left = dict(STEPS)
        self.apps: Apps

    def tell(self, migration: str, apps: Apps) -> None:
        self.apps = apps
        step = self.left.pop(migration, None)
        if step is not None:
            step(self)

    def require_all_told(self) -> None:
        assert not self.left, f"Told of migrations that there are not: {sorted(self.left)}"

    def __getitem__(self, name: str) -> Any:
        return self.ids[name]

    def add(self, model: str, name: str = "", /, **fields: Any) -> Any:
        """A row; other rows are named by their keys. Gives its own, and keeps it by the name."""
        row = self.apps.get_model(_app_of(model), model).objects.create(**fields)
        if name:
            self.ids[name] = row.pk
        return row.pk

    def change(self, model: str, name: str, /, **fields: Any) -> None:
        rows = self.apps.get_model(_app_of(model), model).objects.filter(pk=self[name])
        assert rows.update(**fields) == 1

    def link(self, through: str, /, **fields: Any) -> None:
        """A row of a table between two others."""
        self.apps.get_model("annotations", through).objects.create(**fields)

    def annotation(self, name: str, unit: str, member: str | None, **fields: Any) -> None:
        """With one revision, as every save leaves one."""
        defaults = {"state": "submitted", "created_at": NOON, "saved_at": NOON}
        fields = {**defaults, **fields}
        if fields["state"] == "submitted":
            fields.setdefault("submitted_at", NOON)
        membership = {"membership_id": self[member]} if member else {}
        self.add("Annotation", name, unit_id=self[unit], **membership, **fields)
        self.add(
            "Revision",
            annotation_id=self[name],
            number=1,
            save_id=UUID(int=len(self.ids)),
            state=fields["state"],
            content={"answers": {"claim": "yes"}, "note": "kept as it was"},
            saved_at=NOON,
        )

    def answer(self, annotation: str, question: str, label: str = "", **fields: Any) -> None:
        if label:
            fields["label_id"] = self[f"label {label}"]
        question_id = self[f"question {question}"]
        self.add("Answer", annotation_id=self[annotation], question_id=question_id, **fields)


def _app_of(model: str) -> str:
    return "importers" if model.startswith("Import") else "annotations"
