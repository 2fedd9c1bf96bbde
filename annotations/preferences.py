"""How somebody wants their pages: keys, colours, sizes. Read strictly, because it is shown back.

No Django: what is stored is a plain object, and what does not fit is refused by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from annotations.errors import InvalidInput

MOST_COMMANDS = 60
LONGEST_COMMAND = 40
NAMED_KEYS = frozenset(
    {
        *("Enter", "Escape", "Tab", "Backspace", "Delete", "Insert", "Home", "End"),
        *("PageUp", "PageDown", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"),
        *(f"F{number}" for number in range(1, 13)),
    }
)
_COMMAND = re.compile(r"[a-z-]+")
_SENTENCES = {
    "extra_forbidden": "There is no such preference.",
    "bool_type": "This is true or false.",
    "dict_type": "This is an object of commands and their keys.",
    "too_long": f"At most {MOST_COMMANDS} commands have keys of their own.",
}


def _key(key: str) -> str:
    if key not in NAMED_KEYS and not (len(key) == 1 and key.isprintable()):
        raise ValueError("A key is one character that can be seen, or a key's name such as Enter.")
    return key


def _command(command: str) -> str:
    if len(command) > LONGEST_COMMAND or not _COMMAND.fullmatch(command):
        raise ValueError("A command is named with small letters and hyphens.")
    return command


def _each_once(keys: dict[str, str]) -> dict[str, str]:
    if len(set(keys.values())) < len(keys):
        raise ValueError("Two commands cannot have the same key.")
    return keys


Keys = Annotated[
    dict[Annotated[str, AfterValidator(_command)], Annotated[str, AfterValidator(_key)]],
    Field(max_length=MOST_COMMANDS),
    AfterValidator(_each_once),
]
Theme = Literal["system", "light", "dark", "contrast"]
TextSize = Literal["small", "normal", "large", "largest"]
Width = Literal["narrow", "wide"]
Language = Literal["", "en", "de", "ar"]


class Preferences(BaseModel):
    """What is left out is as usual. ``keys`` are the keys that commands have instead of theirs."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    shortcuts: bool = True
    keys: Keys = Field(default_factory=dict)
    theme: Theme = "system"
    text_size: TextSize = "normal"
    calm: bool = False
    width: Width = "narrow"
    language: Language = ""

    def attributes(self) -> dict[str, str]:
        """What stands on ``<html>`` as ``data-...``: only what is not as usual."""
        usual = Preferences()
        shown = {
            "theme": self.theme,
            "text_size": self.text_size,
            "calm": "true" if self.calm else "",
            "width": self.width,
        }
        return {
            name.replace("_", "-"): value
            for name, value in shown.items()
            if value and value != getattr(usual, name)
        }


def read_preferences(data: Mapping[str, Any]) -> Preferences:
    """Raises InvalidInput, which names every preference at fault."""
    try:
        return Preferences.model_validate(dict(data))
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for fault in error.errors(include_url=False, include_input=False):
            fields.setdefault(_place(fault["loc"]), []).append(_sentence(fault))
        first = next(iter(fields))
        message = f"{first}: {fields[first][0]}"
        raise InvalidInput(message, fields=fields) from None


def kept_preferences(data: Mapping[str, Any]) -> Preferences:
    """Those that were stored once; as usual where they are not understood any more."""
    try:
        return read_preferences(data)
    except InvalidInput:
        return Preferences()


def _place(location: tuple[int | str, ...]) -> str:
    """``keys.next``; what was sent as a name is cut short."""
    names = [str(part)[:LONGEST_COMMAND] for part in location if part != "[key]"]
    return ".".join(names)


def _sentence(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    if fault["type"] == "literal_error":
        return f"This is one of {fault['ctx']['expected']}."
    return _SENTENCES.get(fault["type"], f"{fault['msg']}.")
