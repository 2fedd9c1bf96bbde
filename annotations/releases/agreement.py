"""The figures of agreement that travel with a release."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

OF_RUN = ("version", "seed", "resamples", "level", "annotations", "models")
OF_QUESTION = ("key", "title", "kind", "unit", "ratings", "off_scale", "weighing", "prevalence")
OF_FIGURE = (
    *("key", "name", "label", "distance", "value", "low", "high", "level"),
    *("units", "single", "raters", "ratings", "resamples", "seed", "reason", "recipe"),
)


def figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """Of an agreement run's result, all that names neither a thread nor a person."""
    if not result:
        return {}
    questions = [
        {
            **{name: asked[name] for name in OF_QUESTION if name in asked},
            "figures": [
                {name: one[name] for name in OF_FIGURE if name in one}
                for one in asked.get("figures", [])
            ],
        }
        for asked in result.get("questions", [])
    ]
    return {**{name: result[name] for name in OF_RUN if name in result}, "questions": questions}


def figures_table(told: Mapping[str, Any]) -> bytes:
    """The same as CSV, one row a figure."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(("question", "kind", *OF_FIGURE))
    for asked in told["questions"]:
        for one in asked["figures"]:
            cells = [one.get(name) for name in OF_FIGURE]
            writer.writerow([asked["key"], asked["kind"], *("" if c is None else c for c in cells)])
    return target.getvalue().encode()
