"""What must hold whoever was killed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.annotations.receiver import Receiver
from tests.chaos.journal import Journal
from tests.chaos.machine import Machine

# Threads whose parts do not fit each other.
HALF = (
    "SELECT t.source_id, 'is not in order' FROM thread t WHERE t.order_is_stale",
    """SELECT t.source_id, 'does not count its comments' FROM thread t
       WHERE t.comment_count <> (SELECT count(*) FROM comment c
                                 WHERE c.thread_id = t.id AND c.kind = 'comment')""",
    """SELECT t.source_id, 'has no comment' FROM thread t
       WHERE NOT EXISTS (SELECT 1 FROM comment c WHERE c.thread_id = t.id)""",
    """SELECT t.source_id, 'has gaps in its reading order' FROM thread t
       JOIN comment c ON c.thread_id = t.id GROUP BY t.id, t.source_id
       HAVING count(DISTINCT c.position) <> count(*) OR max(c.position) <> count(*) - 1""",
    """SELECT c.source_id, 'answers nobody' FROM comment c
       WHERE c.reply_to_id IS NULL AND c.reply_to_source_id <> ''""",
    """SELECT c.source_id, 'does not stand below what it answers' FROM comment c
       JOIN comment p ON p.id = c.reply_to_id
       WHERE p.thread_id <> c.thread_id OR c.depth <> p.depth + 1 OR c.position <= p.position""",
)
# What the design of a study forbids, and what a save done twice would leave.
TWICE = (
    """SELECT u.id, 'has more labels than wanted' FROM unit u
       JOIN assignment a ON a.unit_id = u.id
       GROUP BY u.id, u.overlap HAVING count(*) > u.overlap""",
    """SELECT a.unit_id, 'was given to one person twice' FROM assignment a
       WHERE a.membership_id IS NOT NULL
       GROUP BY a.unit_id, a.membership_id HAVING count(*) > 1""",
    """SELECT n.id, 'counts other saves than it has' FROM annotation n
       JOIN unit u ON u.id = n.unit_id JOIN campaign p ON p.id = u.campaign_id
       WHERE p.slug <> 'still'
       AND n.revision <> (SELECT count(*) FROM revision r WHERE r.annotation_id = n.id)""",
    """SELECT n.id, 'has gaps in its revisions' FROM annotation n
       JOIN revision r ON r.annotation_id = n.id
       GROUP BY n.id HAVING count(*) <> max(r.number) OR min(r.number) <> 1""",
    """SELECT a.answer, 'is there twice' FROM (SELECT min(id) AS answer, count(*) AS times
       FROM answer GROUP BY annotation_id, question_id) a WHERE a.times > 1""",
)
COMMENTS = """
    SELECT t.source_id, t.title, t.comment_count, t.max_depth, c.source_id, c.position, c.depth,
           p.source_id, a.source_id, c.status, c.text
    FROM comment c JOIN thread t ON t.id = c.thread_id JOIN corpus o ON o.id = c.corpus_id
    LEFT JOIN comment p ON p.id = c.reply_to_id LEFT JOIN author a ON a.id = c.author_id
    WHERE o.slug = '{slug}' ORDER BY t.source_id, c.position
"""


def comments_of(machine: Machine, corpus: str) -> list[tuple[Any, ...]]:
    """All that is stored of a corpus, in reading order."""
    return machine.rows(COMMENTS.format(slug=corpus))


def check_saves(machine: Machine, campaign: str, journal: Journal, at_screen: str) -> None:
    """Every acknowledged save is in the export, once, and nothing else is. What the person at the
    screen had answered and was not told of may be there, too."""
    members = machine.rows(
        "SELECT m.number, u.username FROM membership m JOIN account u ON u.id = m.user_id "
        f"JOIN campaign c ON c.id = m.campaign_id WHERE c.slug = '{campaign}'"
    )
    names = {f"A{number}": name for number, name in members}
    lines = machine.application.manage("export", campaign, "--format", "jsonl", "--out", "-").stdout
    exported: dict[tuple[str, str], str] = {}
    for line in lines.splitlines():
        row = json.loads(line)
        key = names[row["annotator"]], row["comment_id"]
        assert key not in exported, f"{key} is in the export twice."
        exported[key] = row["answers"]["sentiment"]
    acknowledged = journal.latest()
    lost = {key: said for key, said in acknowledged.items() if exported.get(key) != said}
    assert lost == {}, "These saves were acknowledged and are not in the export."
    assert {who for who, _ in exported.keys() - acknowledged.keys()} <= {at_screen}


def check_revisions(machine: Machine, journal: Journal) -> None:
    """Every save by script has one revision, with the number that was told, and none has two."""
    rows = machine.rows(
        "SELECT r.save_id, r.number FROM revision r JOIN annotation n ON n.id = r.annotation_id "
        "JOIN membership m ON m.id = n.membership_id JOIN account u ON u.id = m.user_id "
        "WHERE u.username LIKE 'ann%'"
    )
    stored = Counter((str(save_id).replace("-", ""), number) for save_id, number in rows)
    told = Counter(
        (save.save_id.replace("-", ""), save.revision) for save in journal.saves() if save.save_id
    )
    assert stored == told


def check_nothing_is_half_or_twice(machine: Machine) -> None:
    assert [found for query in (*HALF, *TWICE) for found in machine.rows(query)] == []


def check_jobs(machine: Machine) -> None:
    """Every job is done: none was killed so often that it may give up."""
    assert [job for job in machine.jobs() if job.state != "done"] == []


def check_told(machine: Machine, receiver: Receiver) -> None:
    """Whoever listens was told of each export of their campaign, each time under the same id."""
    told: dict[int, set[str]] = {}
    for got in receiver.got:
        told.setdefault(got.told["data"]["export"], set()).add(got.headers["webhook-id"])
    rows = machine.rows(
        "SELECT e.id FROM export_run e JOIN campaign c ON c.id = e.campaign_id "
        "JOIN webhook w ON w.campaign_id = c.id"
    )
    done = [export for (export,) in rows]
    assert {export: len(ids) for export, ids in told.items()} == dict.fromkeys(done, 1)


def check_files(machine: Machine) -> None:
    """Of each export one file is left, the one that its row names, and nothing unfinished."""
    rows = machine.rows("SELECT file FROM export_run WHERE state = 'done' ORDER BY id")
    folder = machine.application.var / "files"
    left = sorted(f"exports/{path.name}" for path in (folder / "exports").iterdir())
    assert left == sorted(name for (name,) in rows)
