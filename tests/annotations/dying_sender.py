"""Sends what is due, in a process of its own that somebody kills: ``python -m ... SECONDS``.

SECONDS are added to the clock.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    import django

    django.setup()
    from annotations.services.deliveries import send_due
    from tests.builders import NOON

    send_due(clock=lambda: NOON + timedelta(seconds=int(sys.argv[1])))


if __name__ == "__main__":
    main()
