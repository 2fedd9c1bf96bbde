"""An acknowledged write is never lost, and counts once: also through kill -9."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

from tests.application import Application
from tests.e2e.conftest import LogIn
from tests.e2e.study import ARABIC, FERRY, NewStudy, Study
from tests.e2e.workspace import Workspace

SAVES = 40
# The launcher gives up on a program that dies more than five times a minute.
KILLS = 3
ANSWERS = {"claim": "non_factual", "misinformation": "not_misleading", "sentiment": "neutral"}


def test_a_save_is_in_the_export_although_the_server_is_killed_right_after_it(
    application: Application, log_in: LogIn, study: NewStudy
) -> None:
    talk = study(annotators=["cleo"])
    workspace = Workspace(log_in("cleo"))
    workspace.open(talk.address)
    workspace.answer("1", "1", "4")
    workspace.expect_comment(ARABIC)
    workspace.expect_saved()
    application.kill_web()
    assert exported(application, talk, "sentiment") == [("c0", "weakly_positive")]

    workspace.answer("1", "1", "2")
    workspace.expect_comment(talk.texts[2])
    workspace.expect_saved()
    assert exported(application, talk, "sentiment") == [
        ("c0", "weakly_positive"),
        ("c1", "weakly_negative"),
    ]


def test_every_acknowledged_save_is_in_the_export_once_however_often_the_server_is_killed(
    application: Application, study: NewStudy
) -> None:
    talk = study(annotators=[], texts=[f"{FERRY} ({number})" for number in range(SAVES)])
    acknowledged: list[str] = []
    saving = threading.Thread(target=_label_all, args=(talk, acknowledged))
    saving.start()
    for kill in range(1, KILLS + 1):
        _wait_for(lambda: len(acknowledged) >= kill * SAVES // (KILLS + 1), saving)  # noqa: B023
        application.kill_web()
        assert saving.is_alive()
    saving.join()
    assert acknowledged == [f"c{number}" for number in range(SAVES)]
    assert Counter(exported(application, talk, "sentiment")) == Counter(
        (comment, "neutral") for comment in acknowledged
    )


def exported(application: Application, talk: Study, question: str) -> list[tuple[str, str]]:
    """Comment and value of each answer to a question, as the command exports them."""
    lines = application.manage("export", talk.slug, "--format", "jsonl", "--out", "-").stdout
    rows = [json.loads(line) for line in lines.splitlines()]
    return [
        (row["comment_id"], row["answers"][question]) for row in rows if question in row["answers"]
    ]


def _label_all(talk: Study, acknowledged: list[str]) -> None:
    """Saves one comment after the other, and notes which were acknowledged."""
    work = f"campaigns/{talk.slug}"
    for _ in talk.texts:
        unit = talk.api.insist("POST", f"{work}/next/")["unit"]
        save = {"save_id": str(uuid4()), "revision": 0, "state": "submitted", "answers": ANSWERS}
        saved = talk.api.insist("PUT", f"{work}/units/{unit['id']}/annotation/", save)
        assert saved["annotation"]["revision"] == 1
        acknowledged.append(f"c{unit['order'] - 1}")


def _wait_for(condition: Callable[[], bool], saving: threading.Thread) -> None:
    while not condition():
        assert saving.is_alive(), "The saves ended before the server could be killed."
        time.sleep(0.005)
