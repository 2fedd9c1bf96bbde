"""Files of a folder that grow side by side, as many as there are: one a person and question."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annotations.exporters.folder import Folder

HELD_BYTES = 1024 * 1024


class Drawers:
    """What is put into a file comes behind what is there.

    None is held open and little is held in memory, however many there are.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._numbers: dict[str, int] = {}
        self._held: dict[str, bytearray] = {}
        self._size = 0

    def put(self, name: str, content: bytes) -> None:
        self._numbers.setdefault(name, len(self._numbers))
        self._held.setdefault(name, bytearray()).extend(content)
        self._size += len(content)
        if self._size >= HELD_BYTES:
            self.write_down()

    def write_down(self) -> None:
        for name, content in self._held.items():
            with self.path(name).open("ab") as file:
                file.write(content)
        self._held.clear()
        self._size = 0

    def path(self, name: str) -> Path:
        """Where the file stands, as far as it was written down."""
        return self._place / str(self._numbers[name])

    def names(self) -> list[str]:
        return sorted(self._numbers)


@contextmanager
def drawers(folder: Folder) -> Iterator[Drawers]:
    """Drawers whose files come into the folder at the end, in the order of their names, and not
    at all after an error."""
    with tempfile.TemporaryDirectory(dir=folder.beside) as place:
        filled = Drawers(Path(place))
        yield filled
        filled.write_down()
        for name in filled.names():
            with folder.open(name) as target, filled.path(name).open("rb") as file:
                shutil.copyfileobj(file, target, HELD_BYTES)
