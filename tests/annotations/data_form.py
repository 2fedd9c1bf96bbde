"""What a browser sends of the form of a dataset's contents, as it stands on the page."""

from __future__ import annotations

from typing import Any

USUAL: dict[str, Any] = {
    "layers": ["human", "adjudication", "gold", "model"],
    "context": "none",
    "privacy": "full",
    "notes": "on",
    "split_by": "none",
    "share_train": "80",
    "share_validation": "10",
    "share_test": "10",
    "split_seed": "1",
    "formulas": "keep",
}


def filled_in(**changed: Any) -> dict[str, Any]:
    """The usual choices, with these; a box is off where it is None."""
    return {name: value for name, value in {**USUAL, **changed}.items() if value is not None}
