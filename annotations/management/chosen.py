"""The contents of a dataset as a command is given them: by a file, by options, or both."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from annotations.codebooks.strict_yaml import read_yaml
from annotations.errors import InvalidInput
from annotations.exporters.contents import (
    CONTEXTS,
    FORMULAS,
    METHODS,
    PRIVACY,
    SPLITS,
    Contents,
)
from annotations.exporters.rows import LAYERS

CHOICES = ("layers", "method", "context", "privacy", "split_by", "formulas")


def add_contents_arguments(parser: ArgumentParser) -> None:
    """What is not said is as usual, or as the file says."""
    parser.add_argument(
        "--contents", metavar="FILE", help="YAML with the contents; options win over it."
    )
    parser.add_argument("--layers", nargs="+", choices=LAYERS, help="Whose labels.")
    parser.add_argument("--method", choices=METHODS, help="The aggregation of the layer.")
    parser.add_argument("--context", choices=CONTEXTS)
    parser.add_argument("--privacy", choices=PRIVACY)
    parser.add_argument("--split-by", choices=SPLITS)
    parser.add_argument("--formulas", choices=FORMULAS, help="Of CSV.")


def chosen_contents(options: Mapping[str, Any]) -> Contents:
    """Raises CommandError for a file that cannot be read, and contents that there are not."""
    given = {name: options[name] for name in CHOICES if options.get(name)}
    try:
        return Contents.from_json({**_of_file(options.get("contents")), **given})
    except InvalidInput as error:
        raise CommandError(error.message) from None


def _of_file(name: str | None) -> Mapping[str, Any]:
    if name is None:
        return {}
    try:
        read = read_yaml(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}.") from None
    if not isinstance(read, dict):
        raise CommandError(f"{name}: write the fields of the contents, such as `layers: [human]`.")
    return read
