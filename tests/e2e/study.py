"""A small study of its own for a test: a corpus, a campaign on it, and its annotators."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from tests.e2e.api import Api, Label

NewStudy = Callable[..., "Study"]

COLUMNS = ("thread", "thread_title", "comment_id", "parent_id", "author", "time", "text")
FERRY = "👨‍👩‍👧‍👦 We counted: the ferry carried 412 cars in May. 🙃"
ARABIC = "العبّارة تحمل ٤١٢ سيارة كل يوم 🚢 كما يقول التقرير."
TALK = (
    FERRY,
    ARABIC,
    "The harbour fee was abolished last winter, and nobody noticed.",
    "Read the report before you shout.",
    "My cousin drives the crane; it has stood still since Easter.",
    "Fine by me.",
)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Study:
    """A campaign whose comments are ``c0``, ``c1``, ... in the order of ``texts``."""

    slug: str
    texts: Sequence[str]
    api: Api

    @property
    def address(self) -> str:
        """Where its annotators label."""
        return reverse("label", args=[self.slug])

    def labels(self) -> list[Label]:
        return self.api.labels(self.slug)

    def values(self, question: str) -> dict[str, str]:
        """The value that each comment has for a question; none may have two."""
        rows = [row for row in self.labels() if row.question == question]
        values = {row.comment_id: row.value for row in rows}
        assert len(values) == len(rows)
        return values


def new_study(
    api: Api, *, annotators: Sequence[str], texts: Sequence[str] = TALK, overlap: int = 1
) -> Study:
    """Made over the API, as a researcher with a script would."""
    slug = f"study-{next(_numbers)}"
    api.post("corpora/", {"slug": slug})
    api.import_table(slug, table(texts))
    codebook = {"key": "claims-misinformation-sentiment", "version": 2}
    wanted = {
        "slug": slug,
        "corpus": slug,
        "codebook": codebook,
        "annotators": list(annotators),
        "overlap": overlap,
    }
    api.new_campaign(wanted)
    return Study(slug, texts, api)


def table(texts: Sequence[str]) -> str:
    """A thread as a CSV file: each comment answers the one before."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for number, text in enumerate(texts):
        parent = f"c{number - 1}" if number else ""
        time = f"2024-03-13T06:{number % 60:02}:00Z"
        writer.writerow(("t1", "Ferries", f"c{number}", parent, f"Ann {number % 7}", time, text))
    return file.getvalue()
