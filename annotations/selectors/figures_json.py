"""Figures as JSON, in the shape that docs/quality.md has."""

from __future__ import annotations

from typing import Any

from annotations.agreement.battery import Reported
from annotations.agreement.breakdown import by_depth, by_group
from annotations.agreement.ratings import Floats, Ints
from annotations.agreement.weighing import Compared

MOST_THREADS = 20
NOT_DEFINED = "It is not defined for these ratings."

Result = dict[str, Any]


def as_result(reported: Reported) -> Result:
    """A figure as JSON."""
    figure, drawn = reported.figure, reported.figure.interval
    return {
        "key": reported.key,
        "name": figure.name,
        "distance": figure.distance,
        "label": reported.label,
        "value": figure.value,
        "low": drawn.low if drawn else None,
        "high": drawn.high if drawn else None,
        "level": drawn.level if drawn else None,
        "undefined": drawn.undefined if drawn else None,
        "resamples": drawn.resamples if drawn else None,
        "drawn": drawn.drawn if drawn else None,
        "seed": drawn.seed if drawn else None,
        "reason": "" if figure.value is not None else figure.reason or NOT_DEFINED,
        "units": figure.units,
        "single": figure.single,
        "raters": figure.raters,
        "ratings": figure.ratings,
        "recipe": figure.recipe,
    }


def as_comparison(one: Compared) -> Result:
    """Two lists of answers beside each other as JSON."""
    interval = one.interval
    return {
        "units": one.units,
        "same": one.same,
        "share": one.share,
        "low": interval[0] if interval else None,
        "high": interval[1] if interval else None,
        "kappa": one.kappa,
    }


def breakdowns(apart: Floats, depths: Ints, threads: Ints) -> Result:
    """Disagreement by depth and by thread, from that of each unit: (units,) each."""
    return {
        "depths": [
            {
                "start": band.start,
                "end": band.end,
                "units": band.units,
                "disagreement": band.disagreement,
            }
            for band in by_depth(apart, depths)
        ],
        "threads": [
            {"thread": one.id, "units": one.units, "disagreement": one.disagreement}
            for one in by_group(apart, threads, MOST_THREADS)
        ],
    }
