"""The forms that names in a codebook file must have, each with the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SNAKE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        SLUG: "must be lowercase letters and digits with single hyphens between them, "
        "as in `my-codebook`.",
        SNAKE: "must be lowercase letters and digits with single underscores between them, "
        "starting with a letter, as in `not_sure`.",
        LANGUAGE: "must be a language tag, as in `en` or `pt-BR`.",
    }
)
