"""The options of a format, told as JSON and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from annotations.errors import InvalidInput

T = TypeVar("T", bound=msgspec.Struct)


def read_options(options: Mapping[str, Any], model: type[T], title: str) -> T:
    """The options as ``model``, a Struct that forbids unknown fields. Raises InvalidInput."""
    try:
        return msgspec.convert(dict(options), model)
    except msgspec.ValidationError as error:
        message = f"The options of {title} make no sense: {error}."
        raise InvalidInput(message, fields={"options": [message]}) from None


def refuse_options(options: Mapping[str, Any], title: str) -> None:
    """For a format that takes none. Raises InvalidInput."""
    if options:
        message = f"{title} takes no options, but got: {', '.join(map(str, options))}."
        raise InvalidInput(message, fields={"options": [message]})


class PrivacyOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For formats whose only option is whether e-mail and IP addresses are kept."""

    keep_private: bool = False
