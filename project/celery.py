"""The Celery application: finds the tasks of both apps."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, worker_process_init

from project.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("threadmark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
@beat_embedded_init.connect
def die_with_worker(**_: Any) -> None:
    """The clock and the processes of the pool end with their worker, also where it was killed and
    could not end them."""
    die_with_parent(signal.SIGKILL, os.getppid())
