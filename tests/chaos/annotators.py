"""Annotators at work, each a thread with a connection of its own, at the pace of people."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from uuid import uuid4

from tests.chaos.visitor import Reply, Visitor

SENTIMENTS = ("strongly_negative", "weakly_negative", "neutral", "weakly_positive", "mixed")
RETURNS = 0.1  # so often somebody changes what was just said
NOTHING_NOW = {"paused", "nothing_left", "conflict"}


@dataclass
class Log:
    """What the server answered to somebody: the labels that it took, and all that went wrong."""

    taken: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"next": [], "save": []})
    saves: int = 0


class Annotator(threading.Thread):
    """Labels until the time ``until`` (monotonic), ``pause`` seconds for each on average."""

    def __init__(self, visitor: Visitor, campaign: str, *, until: float, pause: float) -> None:
        super().__init__(daemon=True)
        self.visitor, self.until, self.pause = visitor, until, pause
        self.work = f"campaigns/{campaign}"
        self.log = Log()
        self._random = random.Random(self.name)

    def run(self) -> None:
        try:
            self._think()
            while time.monotonic() < self.until:
                self._label()
        except (OSError, HTTPException) as error:
            self.log.wrong.append(f"{type(error).__name__}: {error}")

    def _label(self) -> None:
        reply = self._ask("next", "POST", f"{self.work}/next/", {})
        if reply.status != 200:
            self._think()
            return
        unit = reply.data
        text = next(
            comment["text"] for comment in unit["comments"] if comment["id"] == unit["focus"]
        )
        comment = text.split(":", 1)[0]
        place = f"{self.work}/units/{unit['unit']['id']}/annotation/"
        self._think()
        said = self._save(place, comment, 0)
        if said and self._random.random() < RETURNS:
            self._think()
            self._save(place, comment, said)

    def _save(self, place: str, comment: str, revision: int) -> int:
        """The revision that was taken; 0 where it was refused."""
        sentiment = self._random.choice(SENTIMENTS)
        answers = {"claim": "non_factual", "misinformation": "not_misleading"}
        save = {
            "save_id": str(uuid4()),
            "revision": revision,
            "state": "submitted",
            "answers": {**answers, "sentiment": sentiment},
        }
        reply = self._ask("save", "PUT", place, save)
        if reply.status != 200:
            return 0
        self.log.taken[comment] = sentiment
        self.log.saves += 1
        taken: int = reply.data["annotation"]["revision"]
        return taken

    def _ask(self, act: str, method: str, path: str, body: object) -> Reply:
        reply = self.visitor.api(method, path, body)
        self.log.seconds[act].append(reply.seconds)
        if reply.status != 200:
            code = reply.data["code"] if reply.status < 500 else str(reply.status)
            self.log.refused[f"{act}: {code}"] += 1
            if code not in NOTHING_NOW:
                self.log.wrong.append(f"{act}: {reply.status} {reply.text[:300]}")
        return reply

    def _think(self) -> None:
        time.sleep(self.pause * self._random.uniform(0.5, 1.5))
