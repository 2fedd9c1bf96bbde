"""The study that is under way while everything around it is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.annotations.receiver import Receiver
from tests.chaos.asker import Asker
from tests.chaos.at_screen import AtScreen
from tests.chaos.crew import AT_SCREEN, STILL, make_crew
from tests.chaos.errands import import_file
from tests.chaos.journal import Journal
from tests.chaos.machine import Machine
from tests.chaos.stream import Stream
from tests.chaos.talk import talk

CAMPAIGN = "pier"


@dataclass
class Study:
    """``streams`` and ``screen`` are at work; ``manager`` does everything else."""

    machine: Machine
    manager: Asker
    journal: Journal
    streams: list[Stream]
    screen: AtScreen

    @property
    def wrong(self) -> str:
        """What must not be, of all that the annotators met."""
        found = [*self.screen.wrong, *(line for one in self.streams for line in one.wrong)]
        return "\n".join(found)

    @property
    def is_going_on(self) -> bool:
        return self.screen.is_alive() and all(stream.is_alive() for stream in self.streams)


@contextmanager
def begun(
    machine: Machine, folder: Path, receiver: Receiver, *, comments: int, labels: int, pause: float
) -> Iterator[Study]:
    """Starts the application with a study of so many comments and lets its annotators begin;
    they come to an end with the block."""
    crew = make_crew(machine.application, labels=labels)
    machine.application.start()
    url = machine.application.url
    manager = Asker(url, crew.manager)
    import_file(manager, CAMPAIGN, talk(comments)).result()
    machine.wait_for_jobs()
    wanted = {
        "slug": CAMPAIGN,
        "corpus": CAMPAIGN,
        "codebook": {"key": "claims-misinformation-sentiment", "version": 2},
        "annotators": [*crew.annotators, AT_SCREEN],
        "overlap": 2,
    }
    manager.ask("POST", "campaigns/", wanted)
    hook = {"url": receiver.url, "events": ["export.done"]}
    manager.ask("POST", f"campaigns/{STILL}/webhooks/", hook)
    machine.wait_for_jobs()
    journal = Journal(folder / "journal.ndjson")
    streams = [
        Stream(Asker(url, token), CAMPAIGN, who, journal, pause)
        for who, token in crew.annotators.items()
    ]
    screen = AtScreen(machine.application, CAMPAIGN, journal, folder / "profile")
    everybody: list[Stream | AtScreen] = [*streams, screen]
    for one in everybody:
        one.start()
    try:
        yield Study(machine, manager, journal, streams, screen)
    finally:
        for one in everybody:
            one.finish()
