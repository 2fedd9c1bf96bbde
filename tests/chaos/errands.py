"""Long work that is in hand while somebody is killed: an import, an export."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.asker import Asker

Act = Callable[[], Any]


@dataclass
class Errand(threading.Thread):
    """Asks for the work in a thread of its own, so that the asking may be hit as well."""

    act: Act
    answer: Any = None
    wrong: str = ""
    _begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.start()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            self.answer = self.act()
        except Exception:
            self.wrong = traceback.format_exc()

    def result(self) -> Any:
        """What the server answered."""
        self.join()
        assert not self.wrong, self.wrong
        return self.answer


def import_file(asker: Asker, corpus: str, content: bytes) -> Errand:
    asker.ask("POST", "corpora/", {"slug": corpus})
    return Errand(lambda: asker.upload("imports/", {"corpus": corpus}, "talk.ndjson", content))


def export(asker: Asker, campaign: str, format: str) -> Errand:
    return Errand(lambda: asker.ask("POST", "exports/", {"campaign": campaign, "format": format}))
