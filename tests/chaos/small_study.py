"""A study on a running application: a manager, two annotators, and comments for both."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.application import Application
from tests.chaos.people import make_people
from tests.chaos.visitor import Reply, Visitor

SLUG = "pier"
PATIENCE_SECONDS = 180.0
ANSWERS = {"claim": "non_factual", "misinformation": "not_misleading"}
WORDS = "Nobody counted the cars, and the report says little of the harbour. " * 5


@dataclass
class SmallStudy:
    """``taken`` is what was acknowledged: the sentiment of each comment."""

    application: Application
    manager: Visitor
    annotator: Visitor
    second: Visitor
    taken: dict[str, str] = field(default_factory=dict)

    def next_unit(self) -> Reply:
        return self.annotator.api("POST", f"campaigns/{SLUG}/next/", {})

    def label_next(self, sentiment: str = "neutral") -> None:
        unit = self.next_unit()
        assert unit.status == 200, unit.text
        saved = self.save(unit.data, a_save(sentiment))
        assert saved.status == 200, saved.text

    def save(self, unit: Any, save: dict[str, Any], visitor: Visitor | None = None) -> Reply:
        place = f"campaigns/{SLUG}/units/{unit['unit']['id']}/annotation/"
        reply = (visitor or self.annotator).api("PUT", place, save)
        if reply.status == 200:
            self.taken[comment_of(unit)] = save["answers"]["sentiment"]
        return reply

    def start_export(self) -> Any:
        reply = self.manager.api("POST", "exports/", {"campaign": SLUG, "format": "jsonl"})
        assert reply.status == 202, reply.text
        return reply.data

    def upload(self, table: str) -> Reply:
        fields = {"corpus": SLUG}
        return self.manager.upload("/api/v1/imports/", fields, "talk.csv", table.encode())

    def ended(self, kind: str, job: Any) -> Any:
        """The job, once it has come to an end, whichever."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not job["finished"]:
            assert time.monotonic() < deadline, f"The job did not end: {job}"
            time.sleep(0.2)
            reply = self.manager.api("GET", f"{kind}/{job['id']}/")
            job = reply.data if reply.status == 200 else job
        return job

    def done(self, kind: str, job: Any) -> Any:
        ended = self.ended(kind, job)
        assert ended["state"] == "done", ended["error"]
        return ended

    def exported(self) -> dict[str, str]:
        """The sentiment of each comment, by the command; no comment comes twice."""
        command = ("export", SLUG, "--format", "jsonl", "--out", "-")
        rows = [json.loads(line) for line in self.application.manage(*command).stdout.splitlines()]
        said = [(row["comment_id"], row["answers"]["sentiment"]) for row in rows if row["answers"]]
        assert len(dict(said)) == len(said)
        return dict(said)


def begin(application: Application, comments: int = 40) -> SmallStudy:
    """Starts the application, without its demo, and makes the study in it."""
    application.manage("migrate", "--no-input")
    people = make_people(application, ["vera", "noor", "theo"])
    application.start()
    manager, annotator, second = (Visitor(application.url, one.token) for one in people)
    study = SmallStudy(application, manager, annotator, second)
    assert study.manager.api("POST", "corpora/", {"slug": SLUG}).status == 201
    study.done("imports", study.upload(table(comments)).data)
    wanted = {
        "slug": SLUG,
        "corpus": SLUG,
        "codebook": {"key": "claims-misinformation-sentiment", "version": 2},
        "annotators": [person.name for person in people[1:]],
        "overlap": 1,
    }
    made = study.manager.api("POST", "campaigns/", wanted)
    assert made.status == 201, made.text
    for sample in study.manager.api("GET", f"campaigns/{SLUG}/samples/").data["results"]:
        study.done("samples", sample)
    return study


def a_save(sentiment: str = "neutral", revision: int = 0) -> dict[str, Any]:
    answers = {**ANSWERS, "sentiment": sentiment}
    return {
        "save_id": str(uuid4()),
        "revision": revision,
        "state": "submitted",
        "answers": answers,
    }


def comment_of(unit: Any) -> str:
    """The id that the comment had in its file: its text begins with it."""
    texts = {comment["id"]: comment["text"] for comment in unit["comments"]}
    return str(texts[unit["focus"]].split(":", 1)[0])


def table(comments: int, name: str = "c", thread: int = 80) -> str:
    """Threads as a CSV file, in which each comment answers the one before."""
    lines = ["thread,comment_id,parent_id,author,text"]
    for number in range(comments):
        parent = f"{name}{number - 1}" if number % thread else ""
        author = f"Ann {number % 97}"
        text = f"{name}{number}: {WORDS}"
        lines.append(f'{name}t{number // thread},{name}{number},{parent},{author},"{text}"')
    return "\n".join(lines)
