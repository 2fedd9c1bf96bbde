"""What is on the page as saved is in the export, also through kill -9 (more: tests/chaos)."""

from __future__ import annotations

import json

from tests.application import Application
from tests.e2e.conftest import LogIn
from tests.e2e.study import ARABIC, NewStudy, Study
from tests.e2e.workspace import Workspace


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


def exported(application: Application, talk: Study, question: str) -> list[tuple[str, str]]:
    """Comment and value of each answer to a question, as the command exports them."""
    lines = application.manage("export", talk.slug, "--format", "jsonl", "--out", "-").stdout
    rows = [json.loads(line) for line in lines.splitlines()]
    return [
        (row["comment_id"], row["answers"][question]) for row in rows if question in row["answers"]
    ]
