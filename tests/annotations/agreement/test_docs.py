"""The page that says which figure to use names functions that there are, and all of them."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from annotations import aggregation, agreement

PAGE = (Path(__file__).parents[3] / "docs" / "agreement.md").read_text(encoding="utf-8")
MODULES = {
    name: import_module(f"{package.__name__}.{name}")
    for package in (agreement, aggregation)
    for _, name, _ in iter_modules(package.__path__)
}


def test_every_function_on_the_page_exists() -> None:
    named = re.findall(r"`(\w+)\.(\w+)", PAGE)
    assert len(named) > 8
    for module, name in named:
        assert callable(getattr(MODULES[module], name)), f"{module}.{name}"


def test_every_figure_and_distance_is_on_the_page() -> None:
    figures = {
        name
        for module in MODULES.values()
        for name in vars(module)
        if re.fullmatch(r"[a-z]\w*_figure", name)
    }
    for name in figures | {"alpha_u"} | {"NOMINAL", "ORDINAL", "interval", "ratio", "masi"}:
        assert re.search(rf"\b{name}\b", PAGE), name


def test_the_example_on_the_page_gives_a_figure() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102
    assert names["figure"].value == pytest.approx(4 / 9)
    assert names["figure"].interval.drawn == 2
