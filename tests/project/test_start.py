"""What every process of the application has to load."""

from __future__ import annotations

import os
import subprocess
import sys

from project.environment import ROOT

LOADED = """
import sys
import django
django.setup()
import project.urls, annotations.tasks, importers.tasks
print(*sorted(sys.modules.keys() & {"pyarrow", "cassis", "spacy", "lxml", "trafilatura"}))
"""


def test_what_few_formats_need_is_loaded_by_those_who_use_them() -> None:
    """Together they take as much memory as a third of a small server's process."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings"}
    command = [sys.executable, "-c", LOADED]
    told = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    assert told.stdout.split() == []
