"""What the tests of imports share: made-up tables, and the command as a script runs it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from annotations.models import Comment, Corpus

CORPUS = "news"
Line = Mapping[str, Any] | str
NOTHING = {"created": 0, "updated": 0, "unchanged": 0}


def created(number: int) -> dict[str, int]:
    return {**NOTHING, "created": number}


def line(comment: str, text: str = "", parent: str = "", **cells: Any) -> dict[str, Any]:
    """One comment of the thread `t`, unless told otherwise."""
    return {
        "thread": "t",
        "comment": comment,
        "parent": parent or None,
        "text": text or f"This is what {comment} says.",
        **cells,
    }


def write_lines(path: Path, lines: Iterable[Line]) -> Path:
    """JSON Lines; a string is written as it is."""
    written = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    path.write_text("".join(f"{one}\n" for one in written), encoding="utf-8")
    return path


def run_command(*files: Path, corpus: str = CORPUS, **options: Any) -> list[dict[str, Any]]:
    """The reports of `import_threads --json`, one a file; raises CommandError as it does."""
    reports, error = try_command(*files, corpus=corpus, **options)
    if error:
        raise error
    return reports


def try_command(
    *files: Path, corpus: str = CORPUS, **options: Any
) -> tuple[list[dict[str, Any]], CommandError | None]:
    """The reports, and the error with which the command ended, if any."""
    out, error = io.StringIO(), None
    try:
        call_command(
            "import_threads",
            *map(str, files),
            corpus=corpus,
            json=True,
            stdout=out,
            **{"processes": 1, **options},
        )
    except CommandError as raised:
        error = raised
    return [json.loads(written) for written in out.getvalue().splitlines()], error


def tree(corpus: str = CORPUS) -> list[tuple[str, str | None, int]]:
    """Each comment with what it answers and its depth, in reading order, thread by thread."""
    comments = Comment.objects.filter(corpus__slug=corpus).select_related("reply_to")
    return [
        (comment.source_id, comment.reply_to.source_id if comment.reply_to else None, comment.depth)
        for comment in comments.order_by("thread__source_id", "position")
    ]


def stored() -> list[dict[str, Any]]:
    """All that an import leaves in the tables, to see that nothing changed."""
    return [
        {"corpus": corpus.slug, "thread": thread.source_id, **comment}
        for corpus in Corpus.objects.order_by("pk")
        for thread in corpus.threads.order_by("pk")
        for comment in thread.comments.order_by("pk").values()
    ]
