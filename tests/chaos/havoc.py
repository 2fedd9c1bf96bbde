"""One kill after the other, each while something is under way, and what must come of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.chaos.checks import comments_of
from tests.chaos.crew import STILL
from tests.chaos.errands import Errand, export, import_file
from tests.chaos.machine import VICTIMS, Victim, wait_for
from tests.chaos.study import Study
from tests.chaos.talk import talk

Work = Literal["saves", "import", "pieces", "export"]
WORK: tuple[Work, ...] = ("saves", "import", "pieces", "export")
ALL: tuple[Victim | Literal["browser"], ...] = (*VICTIMS, "browser")
LARGE = 70_000_000  # bytes: from 64 MiB on a file is cut into pieces
RECORDS_OF_A_LARGE = 1_500


@dataclass
class Havoc:
    """``learn`` first does everything undisturbed: that is what the others must come to."""

    study: Study
    chance: random.Random
    comments: int
    format: str = "jsonl"
    kills: Counter[str] = field(default_factory=Counter)
    _lasts: dict[str, float] = field(default_factory=dict)
    _results: dict[str, Any] = field(default_factory=dict)

    def learn(self, *kinds: Work) -> None:
        for work in kinds:
            began = time.monotonic()
            errand = self._begin(work, work)
            assert errand is not None
            errand.result()
            self.study.machine.wait_for_jobs()
            self._lasts[work] = time.monotonic() - began
            self._results[work] = self._result(work, work, errand)
            assert self._results[work]

    def strike(self, victim: Victim | Literal["browser"], work: Work) -> None:
        """Kills in the middle of the work, and waits until it came to its end all the same."""
        study = self.study
        study.machine.wait_until_up()
        place = f"{work}-{self.kills.total() + 1}"
        errand = self._begin(work, place)
        if victim == "browser":
            self._kill_browser(work)
        else:
            time.sleep(self.chance.uniform(0, self._lasts.get(work, 1.0)))
            study.machine.kill(victim, self.chance)
        self.kills[victim] += 1
        if errand is not None:
            errand.result()
        study.machine.wait_for_jobs()
        assert study.wrong == ""
        assert study.is_going_on
        assert self._result(work, place, errand) == self._results.get(work)

    def _begin(self, work: Work, place: str) -> Errand | None:
        if work == "saves":
            return None
        if work == "export":
            return export(self.study.manager, STILL, self.format)
        return import_file(self.study.manager, place, self._file(work))

    def _file(self, work: Work) -> bytes:
        if work == "import":
            return talk(self.comments)
        return talk(RECORDS_OF_A_LARGE, padding=LARGE // RECORDS_OF_A_LARGE)

    def _result(self, work: Work, place: str, errand: Errand | None) -> Any:
        """What the work left: the bytes of an export, the rows of an import."""
        if errand is None:
            return None
        job = errand.result()
        if work != "export":
            return comments_of(self.study.machine, place)
        return self.study.manager.read(f"exports/{job['id']}/file/")

    def _kill_browser(self, work: Work) -> None:
        """While it keeps answers that it could not send; or at any moment."""
        screen = self.study.screen
        if work == "saves":
            wait_for(screen.queued.is_set, "answers that wait in the browser")
        else:
            time.sleep(self.chance.uniform(0, self._lasts.get(work, 1.0)))
        screen.kill()
