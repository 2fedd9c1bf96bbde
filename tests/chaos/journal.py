"""What the server acknowledged, written down by those who were told."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec


class Saved(msgspec.Struct, frozen=True):
    """``save_id`` and ``revision`` are empty where a page told it, which does not show them."""

    who: str
    comment: str
    sentiment: str
    revision: int = 0
    save_id: str = ""


@dataclass
class Journal:
    """A line for each save, in a file that outlives whoever is killed."""

    file: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, *saves: Saved) -> None:
        with self._lock, self.file.open("ab") as file:
            file.write(b"".join(msgspec.json.encode(save) + b"\n" for save in saves))

    def saves(self) -> list[Saved]:
        lines = self.file.read_bytes().splitlines() if self.file.exists() else []
        return [msgspec.json.decode(line, type=Saved) for line in lines]

    def latest(self) -> dict[tuple[str, str], str]:
        """The sentiment that each annotator last gave each comment."""
        return {(save.who, save.comment): save.sentiment for save in self.saves()}

    def told(self) -> Counter[str]:
        """How many saves of each annotator were acknowledged."""
        return Counter(save.who for save in self.saves())
