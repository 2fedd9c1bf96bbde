"""Without a worker, and with a broker that forgot everything, jobs wait and are done later."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest
from redis import Redis

from tests.application import Application
from tests.chaos.people import PASSWORD
from tests.chaos.small_study import SLUG, begin
from tests.chaos.visitor import Visitor

ALIVE_SECONDS = 30
PATIENCE_SECONDS = 120


@pytest.mark.slow
def test_jobs_wait_for_a_worker_and_outlive_a_broker_that_was_flushed(
    never_started: Callable[[], Application],
) -> None:
    application = never_started()
    study = begin(application)
    try:
        study.label_next()
        launcher = application.process
        assert launcher is not None
        launcher.send_signal(signal.SIGSTOP)  # it would start another worker at once
        for process in application.processes("celery"):
            process.kill()
        killed_at = time.monotonic()
        export = study.start_export()
        page = Visitor(application.url).log_in("vera", PASSWORD)
        while "No worker is running" not in page.get(f"/campaigns/{SLUG}/data/").text:
            assert time.monotonic() < killed_at + ALIVE_SECONDS + 30
            time.sleep(0.5)
        print(f"The page said so {time.monotonic() - killed_at:.0f} s after the kill.")
        assert "worker" in page.get("/readyz").data
        assert page.get("/readyz").status == 503
        assert study.manager.api("GET", f"exports/{export['id']}/").data["state"] == "queued"
        study.label_next()

        _flush(application)
        study.label_next()
        launcher.send_signal(signal.SIGCONT)
        study.done("exports", export)
        assert study.exported() == study.taken
    finally:
        if application.process is not None:
            application.process.send_signal(signal.SIGCONT)
        application.stop()


def _flush(application: Application) -> None:
    url = application.variables.get("REDIS_URL")
    if url:
        Redis.from_url(url).flushdb()
        return
    script = "from django.conf import settings; print(settings.BROKER_SOCKET)"
    socket = application.manage("shell", "-v", "0", "-c", script).stdout.split()[-1]
    redis = Redis(unix_socket_path=socket)
    assert redis.dbsize()
    redis.flushall()
