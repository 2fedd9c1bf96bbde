"""Annotators who label without end over HTTP, and write down what was acknowledged."""

from __future__ import annotations

import random
import threading
import traceback
from typing import Any
from uuid import uuid4

from tests.chaos.asker import Asker, Refused
from tests.chaos.journal import Journal, Saved

SENTIMENTS = ("strongly_negative", "weakly_negative", "neutral", "weakly_positive", "mixed")
CHANGES = 0.5  # so often somebody changes an earlier answer
REPEATS = 0.1  # so often a save that was acknowledged is sent again
FOUND_NOTHING = ("nothing_left",)


class Stream(threading.Thread):
    """One annotator; ``pause`` seconds between two saves on average. ``wrong`` is what must not
    be: any refusal, and a repeated save that changed something."""

    def __init__(
        self, asker: Asker, campaign: str, who: str, journal: Journal, pause: float
    ) -> None:
        super().__init__(daemon=True)
        self.asker, self.who, self.journal, self.pause = asker, who, journal, pause
        self.work = f"campaigns/{campaign}"
        self.wrong: list[str] = []
        self.ended = threading.Event()
        self._done: dict[str, tuple[int, int]] = {}
        self._all_done = False
        self._random = random.Random(who)

    def run(self) -> None:
        try:
            while not self.ended.wait(self._random.uniform(0.5, 1.5) * self.pause):
                self._label()
        except Exception:
            self.wrong.append(f"{self.who}: {traceback.format_exc()}")

    def finish(self) -> None:
        """Lets the save come to its end that is on its way."""
        self.ended.set()
        self.join()

    def _label(self) -> None:
        if self._done and (self._all_done or self._random.random() < CHANGES):
            comment = self._random.choice(list(self._done))
            unit, revision = self._done[comment]
            self._save(unit, comment, revision)
            return
        try:
            taken = self.asker.ask("POST", f"{self.work}/next/", {})
        except Refused as error:
            if error.code not in FOUND_NOTHING:
                raise
            self._all_done = True
            return
        self._save(taken["unit"]["id"], _asked_of(taken), 0)

    def _save(self, unit: int, comment: str, seen: int) -> None:
        said = self._random.choice(SENTIMENTS)
        answers = {"claim": "non_factual", "misinformation": "not_misleading", "sentiment": said}
        save = {
            "save_id": str(uuid4()),
            "revision": seen,
            "state": "submitted",
            "answers": answers,
        }
        place = f"{self.work}/units/{unit}/annotation/"
        saved = self.asker.ask("PUT", place, save)["annotation"]["revision"]
        self.journal.note(Saved(self.who, comment, said, saved, str(save["save_id"])))
        self._done[comment] = unit, saved
        if saved != seen + 1:
            self.wrong.append(f"{comment} had revision {seen} and now has {saved}")
        if self._random.random() < REPEATS:
            again = self.asker.ask("PUT", place, save)["annotation"]["revision"]
            if again != saved:
                self.wrong.append(f"{comment} was sent twice and has revision {again}")


def _asked_of(work: Any) -> str:
    """The source's id of the comment in question: its text begins with it."""
    text = next(one["text"] for one in work["comments"] if one["id"] == work["focus"])
    return str(text.split(":", 1)[0])
