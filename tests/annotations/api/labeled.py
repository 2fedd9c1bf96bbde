"""The labels of the small study, as tests of the API ask for them."""

from __future__ import annotations

from typing import Any

from tests.annotations.api.world import API, World, save_body
from tests.builders import build_annotation, build_answer

LABELS = API + "campaigns/study/labels/"
PARQUET = LABELS + "?format=parquet"


def label(world: World) -> None:
    """One that is submitted."""
    annotation = build_annotation(world.unit, world.membership("adjudicator"))
    build_answer(annotation, "claim", label="yes")


def ask(world: World, address: str = LABELS, *, method: str = "get", **headers: str) -> Any:
    """As the viewer; ``If_None_Match="…"`` is that header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(world.client("viewer"), method)(address, headers=named)


def body(response: Any) -> bytes:
    content: bytes = b"".join(response) if response.streaming else response.content
    return content


def save_a_label(world: World, **changes: Any) -> None:
    place = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
    revision = world.annotation.revision
    world.annotation.revision += 1
    response = world.client("annotator").put(
        place, save_body(revision=revision, **changes), format="json"
    )
    assert response.status_code == 200, response.json()
