"""What a researcher chooses to be in a dataset is read strictly: no typo is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from annotations.exporters.contents import CONTEXTS, METHODS, PRIVACY, SPLITS, Contents
from annotations.exporters.rows import AGGREGATED, LAYERS
from annotations.samples.recipe import Recipe


@st.composite
def contents(draw: st.DrawFn) -> Contents:
    layers = draw(st.lists(st.sampled_from(LAYERS), min_size=1, unique=True))
    words = st.lists(st.text("abc", min_size=1, max_size=3), max_size=3, unique=True)
    return Contents(
        layers=tuple(layers),
        method=draw(st.sampled_from(METHODS)) if AGGREGATED in layers else "",
        context=draw(st.sampled_from(CONTEXTS)),
        filters=Recipe(
            platforms=tuple(draw(words)),
            keywords=tuple(draw(words)),
            posted_from=draw(st.none() | st.dates()),
            depth_max=draw(st.none() | st.integers(0, 9)),
        ),
        privacy=draw(st.sampled_from(PRIVACY)),
        notes=draw(st.booleans()),
        traits=draw(st.booleans()),
        split_by=draw(st.sampled_from(SPLITS)),
        shares=draw(st.sampled_from([(0.8, 0.1, 0.1), (1.0, 0.0, 0.0), (0.5, 0.25, 0.25)])),
        seed=draw(st.integers(0, 2**31 - 1)),
    )


@given(chosen=contents())
def test_what_is_stored_is_the_same_choice(chosen: Contents) -> None:
    assert Contents.from_json(chosen.to_json()) == chosen


def test_layers_stand_in_one_order() -> None:
    assert Contents(layers=("model", "human")).layers == ("human", "model")


@pytest.mark.parametrize(
    ("stored", "field", "sentence"),
    [
        ({"layer": ["human"]}, "layer", "The contents of a dataset have no 'layer'."),
        ({"layers": []}, "layers", "Choose at least one layer of labels."),
        ({"layers": "human"}, "layers", "layers: Expected `array`, got `str`."),
        ({"layers": ["people"]}, "layers", "layers: one of human, aggregated, "),
        ({"layers": ["aggregated"]}, "method", "method: one of majority, "),
        ({"method": "mace"}, "method", "A method belongs to the layer of aggregated labels"),
        ({"context": "all"}, "context", "context: one of none, article, thread, not 'all'."),
        ({"privacy": 1}, "privacy", "privacy: Expected `str`, got `int`."),
        ({"notes": "yes"}, "notes", "notes: Expected `bool`, got `str`."),
        ({"shares": [1, 0]}, "shares", "shares: Expected `array` of length 3, got 2."),
        ({"shares": [0.5, 0.1, 0.1]}, "shares", "The shares sum to 0.7: they must sum to 1."),
        ({"shares": [2, -0.5, -0.5]}, "shares", "Give three shares, none below 0"),
        ({"shares": [float("nan"), 0.5, 0.5]}, "shares", "The shares sum to nan"),
        ({"seed": -1}, "seed", "A seed is between 0 and 2,147,483,647, not -1."),
        ({"filters": None}, "filters", "filters: Expected `object`, got `null`."),
        ({"filters": {"seed": 2}}, "filters", "A dataset is filtered, not drawn: leave 'seed'"),
        ({"filters": {"langauges": ["en"]}}, "filters.langauges", "Filters have no 'langauges'."),
        ({"filters": {"depth_min": -1}}, "filters.depth_min", "A bound is between 0 and "),
        ({"filters": {"languages": "en"}}, "filters.languages", "filters.languages: Expected"),
        ({"filters": {"posted_to": "May"}}, "filters.posted_to", "filters.posted_to: Invalid"),
    ],
)
def test_what_does_not_fit_is_said_of_its_field(
    stored: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        Contents.from_json(stored)
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field][0].startswith(sentence)
