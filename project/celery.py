"""The Celery application: finds the tasks of both apps."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("threadmark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
