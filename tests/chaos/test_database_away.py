"""PostgreSQL goes away and comes back: pages and API say so, jobs wait, nothing is lost.

Away for a minute with ``CHAOS=1``, else for some seconds. How a browser keeps its saves meanwhile:
tests/e2e/test_interruptions.py and test_browser_kills.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.application import Application
from tests.chaos.length import LONG
from tests.chaos.people import PASSWORD
from tests.chaos.postgres import own_postgres
from tests.chaos.small_study import SLUG, SmallStudy, a_save, begin, table
from tests.chaos.visitor import Visitor
from tests.prepared import Prepared

AWAY_SECONDS = 60 if LONG else 4
LARGE = 6_000
SENTENCE = "The database does not answer"


@pytest.mark.slow
@pytest.mark.once
def test_a_database_that_goes_away_costs_time_and_nothing_else(
    tmp_path: Path, prepared: Prepared
) -> None:
    application = Application(tmp_path / "var")
    prepared.copy_state(application.var)
    with own_postgres() as postgres:
        application.variables["DATABASE_URL"] = postgres.url
        study = begin(application)
        try:
            for _ in range(3):
                study.label_next()
            page = Visitor(application.url).log_in("vera", PASSWORD)
            held = study.next_unit().data
            imported = study.upload(table(LARGE, "d")).data
            export = study.start_export()
            postgres.stop()
            save = a_save("mixed")
            _told(study, page, held, save)
            time.sleep(AWAY_SECONDS)
            _told(study, page, held, save)
            postgres.start()
            saved = study.save(held, save)
            assert saved.status == 200, saved.text
            again = study.save(held, save)
            assert again.data["annotation"]["revision"] == 1, "A repeated save is one save."
            assert page.get(f"/campaigns/{SLUG}/").status == 200
            study.done("exports", export)
            study.done("imports", imported)
            assert study.exported() == study.taken
            assert _comments(study) == LARGE
        finally:
            application.stop()


def _told(study: SmallStudy, page: Visitor, held: Any, save: dict[str, Any]) -> None:
    """Pages, API and saves while the database is away; what needs none goes on."""
    for path in ("/", f"/campaigns/{SLUG}/", "/login/", "/admin/"):
        reply = page.get(path)
        assert (reply.status, reply.headers.get("retry-after")) == (503, "5"), path
        assert SENTENCE in reply.text
    for reply in (study.manager.api("GET", "corpora/"), study.save(held, save), study.next_unit()):
        assert reply.status == 503, reply.text
        assert set(reply.data) == {"code", "message", "fields"}
        assert reply.data["code"] == "database_away"
        assert SENTENCE in reply.data["message"]
        assert reply.headers["retry-after"] == "5"
    assert page.get("/healthz").status == 200
    ready = page.get("/readyz")
    assert ready.status == 503
    assert SENTENCE in ready.data["database"]


def _comments(study: SmallStudy) -> int:
    """Of the large import, by the list of its threads."""
    threads = study.manager.api("GET", f"threads/?corpus={SLUG}&page_size=500").data["results"]
    return sum(one["comment_count"] for one in threads if one["source_id"].startswith("dt"))
