"""A process of its own with some annotators, all of whom label until nothing is left.

``python -m tests.annotations.crowd`` with the ids of their memberships; the database is that of
the environment. Prints what each was given, and what went wrong, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")


def main() -> None:
    import django

    django.setup()
    members = [int(pk) for pk in sys.argv[1:]]
    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(len(members)) as pool:
        told = dict(zip(members, pool.map(label_all, members), strict=True))
    print(json.dumps(told), flush=True)


def label_all(pk: int) -> dict[str, list[int] | str]:
    """The units that the annotator got, in their order, and the error that stopped them."""
    from django.db import connection
    from django.utils import timezone

    from annotations.errors import NothingLeft
    from annotations.models import Membership
    from annotations.services.annotations import Save, save_annotation
    from annotations.services.assignments import take_unit

    units: list[int] = []
    try:
        member = Membership.objects.get(pk=pk)
        while True:
            now = timezone.now()
            unit = take_unit(membership=member, now=now).unit
            save = Save(save_id=uuid4(), based_on=0, state="submitted", answers={"claim": "yes"})
            save_annotation(membership=member, unit=unit, save=save, now=now)
            units.append(unit.pk)
    except NothingLeft:
        return {"units": units, "error": ""}
    except Exception as error:
        return {"units": units, "error": repr(error)}
    finally:
        connection.close()


if __name__ == "__main__":
    main()
