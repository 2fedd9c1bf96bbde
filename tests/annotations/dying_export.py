"""``python -m tests.annotations.dying_export RUN POINT LATER``: a worker that is killed.

It works on the export RUN and is killed (``kill -9``) after POINT rows, or when the file is
``written``, or when it is ``stored``. Its clock is LATER seconds ahead.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def main(run: int, point: str, later: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from annotations.models import ExportRun
    from annotations.services import export_file, exports
    from annotations.services.jobs import run_job

    if point == "written":
        export_file.store = _dying_before(export_file.store)
    elif point == "stored":
        export_file.store = _dying_after(export_file.store)
    else:
        exports.Tally = _dying_tally(exports.Tally, int(point))  # type: ignore[assignment,misc]
    ahead = timedelta(seconds=later)
    run_job(ExportRun, run, exports.write_export, clock=lambda: timezone.now() + ahead)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying_before(act: Callable[..., Any]) -> Callable[..., Any]:
    def dying(*args: Any) -> Any:
        _die()
        return act(*args)

    return dying


def _dying_after(act: Callable[..., Any]) -> Callable[..., Any]:
    def dying(*args: Any) -> Any:
        done = act(*args)
        _die()
        return done

    return dying


def _dying_tally(tally: Callable[..., Any], rows: int) -> Callable[..., Any]:
    def dying(report: Callable[[int], None]) -> Any:
        left = iter(range(rows))

        def told(done: int) -> None:
            report(done)
            if next(left, None) is None:
                _die()

        return tally(told)

    return dying


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
