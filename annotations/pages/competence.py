"""What an aggregation says of each person: a table to look at, and one for a file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotations.pages.figures import Column, Table
from annotations.selectors.codebooks import Titles

Result = dict[str, Any]


def competence_table(result: Result) -> Table:
    """A row for each question and person, for the file."""
    keys = ("question", "method", "annotator", "ratings", "competence")
    rows = [
        (one["key"], one["method"], f"A{person['number']}", person["ratings"], person["competence"])
        for one in result.get("questions", ())
        for person in one["competence"]
    ]
    return Table("competence", "", [Column(key, "") for key in keys], rows)


def competence_of_people(result: Result, titles: Titles) -> Table:
    """A row for each person, with a column for each question, for the page."""
    questions = [one for one in result.get("questions", ()) if one["competence"]]
    known = {
        (person["number"], one["key"]): person["competence"]
        for one in questions
        for person in one["competence"]
    }
    shown = [Column("annotator", _("Pseudonym"))]
    shown += [Column(one["key"], titles.question(one["key"]), "share") for one in questions]
    rows = [
        (f"A{number}", *(known.get((number, one["key"])) for one in questions))
        for number in sorted({number for number, _key in known})
    ]
    return Table("competence", _("Competence of annotators"), shown, rows)
