"""Many annotators at once, while managers pause, raise the overlap and export: no label is lost.

``CHAOS=1`` keeps 50 at work for ten minutes on PostgreSQL and 10 on SQLite, a label every two
seconds each; what it took is printed (``-s``).
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil
import pytest

from tests.application import Application
from tests.chaos.annotators import Annotator
from tests.chaos.length import LONG, seconds
from tests.chaos.people import PASSWORD, make_people
from tests.chaos.small_study import table
from tests.chaos.visitor import Visitor
from tests.conftest import SERVER
from tests.e2e.api import Api

LASTING = seconds(6)
ANNOTATORS = (50 if SERVER else 10) if LONG else (16 if SERVER else 6)
PAUSE = 2.0 if LONG else 0.25
OVERLAPS = (2, 3)


@pytest.mark.slow
def test_no_save_of_many_annotators_is_lost_and_no_comment_gets_too_many(
    new_application: Callable[[], Application],
) -> None:
    application = new_application()
    application.variables["SAVE_RATE"] = ""  # as it is for people
    application.start()
    try:
        crowd = _crowd(application)
        manager = Manager(Api(application.url, application.token))
        memory = Memory(application)
        for thread in (*crowd.values(), manager, memory):
            thread.start()
        for annotator in crowd.values():
            annotator.join()
        for thread in (manager, memory):
            thread.stop.set()
            thread.join()
        print(_told(crowd, manager, memory))
        _check(application, crowd, manager)
    finally:
        application.stop()


class Manager(threading.Thread):
    """Pauses and opens the campaign, raises its overlap and exports it, again and again."""

    def __init__(self, api: Api) -> None:
        super().__init__(daemon=True)
        self.api, self.stop = api, threading.Event()
        self.failed: list[str] = []
        self.exports = 0
        self.every = LASTING / (20 if LONG else 4)

    def run(self) -> None:
        try:
            self._raise_overlap()
            while not self.stop.is_set():
                self._turn("paused")
                self.stop.wait(min(self.every / 5, 2.0))
                self._turn("open")
                self._export()
                self.stop.wait(self.every)
        except Exception as error:
            self.failed.append(f"{type(error).__name__}: {error}")

    def _turn(self, state: str) -> None:
        self.api.change("campaigns/load/", {"state": state})

    def _raise_overlap(self) -> None:
        self.stop.wait(self.every)
        raised = self.api.post("campaigns/load/overlap/", {"overlap": OVERLAPS[1]})
        self.api.wait_for("samples", raised)

    def _export(self) -> None:
        run = self.api.post("exports/", {"campaign": "load", "format": "jsonl"})
        self.api.wait_for("exports", run)
        self.exports += 1


@dataclass
class Memory(threading.Thread):
    """What the web server's processes hold, in MB, noted every second."""

    application: Application
    stop: threading.Event = field(default_factory=threading.Event)
    noted: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.stop.wait(1):
            held = [_held(process) for process in self.application.processes("granian")]
            self.noted.append(sum(held) / 1e6)


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _crowd(application: Application) -> dict[str, Annotator]:
    """The annotators by name: each second one logged in, the others by token."""
    api = Api(application.url, application.token)
    people = make_people(application, [f"load{number}" for number in range(ANNOTATORS)])
    api.post("corpora/", {"slug": "load"})
    api.import_table("load", table(int(ANNOTATORS * LASTING / PAUSE / OVERLAPS[0] * 1.2)))
    wanted = {
        "slug": "load",
        "corpus": "load",
        "codebook": {"key": "claims-misinformation-sentiment", "version": 2},
        "annotators": [person.name for person in people],
        "overlap": OVERLAPS[0],
    }
    api.new_campaign(wanted)
    visitors = {}
    for number, person in enumerate(people):
        visitor = Visitor(application.url, "" if number % 2 else person.token)
        visitors[person.name] = visitor.log_in(person.name, PASSWORD) if number % 2 else visitor
    until = time.monotonic() + LASTING
    return {
        name: Annotator(visitor, "load", until=until, pause=PAUSE)
        for name, visitor in visitors.items()
    }


def _check(application: Application, crowd: dict[str, Annotator], manager: Manager) -> None:
    wrong = [line for annotator in crowd.values() for line in annotator.log.wrong]
    assert wrong + manager.failed == []
    assert manager.exports > 0
    members = manager.api.get("campaigns/load/members/?page_size=100")["results"]
    names = {member["pseudonym"]: member["username"] for member in members}
    lines = application.manage("export", "load", "--format", "jsonl", "--out", "-").stdout
    exported: dict[str, dict[str, str]] = defaultdict(dict)
    labels_of: Counter[str] = Counter()
    for line in lines.splitlines():
        row = json.loads(line)
        if not row["answers"]:
            continue
        said = exported[names[row["annotator"]]]
        assert row["comment_id"] not in said, "The same annotator twice at one comment."
        said[row["comment_id"]] = row["answers"]["sentiment"]
        labels_of[row["comment_id"]] += 1
    taken = {name: annotator.log.taken for name, annotator in crowd.items()}
    assert exported == {name: labels for name, labels in taken.items() if labels}
    assert max(labels_of.values()) <= OVERLAPS[1]


def _told(crowd: dict[str, Annotator], manager: Manager, memory: Memory) -> str:
    logs = [annotator.log for annotator in crowd.values()]
    refused = sum((log.refused for log in logs), Counter[str]())
    lines = [
        f"\n{len(crowd)} annotators, {LASTING:.0f} s: {sum(log.saves for log in logs)} saves, "
        f"{manager.exports} exports; refused: {dict(refused)}"
    ]
    for act in ("next", "save"):
        took = [second * 1000 for log in logs for second in log.seconds[act]]
        parts = statistics.quantiles(took, n=100)
        lines.append(
            f"{act}: p50 {parts[49]:.0f} ms, p95 {parts[94]:.0f} ms, p99 {parts[98]:.0f} ms, "
            f"max {max(took):.0f} ms"
        )
    begun = memory.noted[len(memory.noted) // 5 :] or [0.0]
    lines.append(f"web server: {begun[0]:.0f} MB after a fifth, {begun[-1]:.0f} MB at the end")
    return "\n".join(lines)
