"""`window`: what an annotator gets of a long thread: 200 comments from its middle.

The unit is the comment in the middle of a thread that is one campaign's, shown whole; all its
comments have texts and authors as anywhere. Measured is the window itself: which comments the
context allows, how many lie beyond them, and those comments with all that a page shows of them.
Told beside it are the unit with its progress and its labels, as the workspace gets it, and the
API's answers in process, as JSON. The floor is one read of the same
comments with their authors by the index of their positions, by Django over the same connection.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.bench.children import child
from tests.bench.database import prepare, series
from tests.bench.figures import Figure, Wanted, at_most, quantile
from tests.bench.labels import AUTHOR, AUTHORS, COMMENT, THREAD
from tests.bench.places import Place
from tests.bench.shape import make_shape

if TYPE_CHECKING:
    from annotations.models import Membership, Unit

LONGEST = 100_000
TIMES, UNSEEN = 50, 5
SIDE = 100
TIMES_THE_FLOOR = 3
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    for size in sizes:
        if size > LONGEST:
            continue
        with place.empty() as environment:
            told = child("tests.bench.windows", size, environment=environment)
        floor = told.pop("floor")
        for what, times in told.items():
            yield Figure(
                part="window",
                what=what,
                unit="ms",
                database=place.name,
                size=size,
                values=tuple(times),
                p99=quantile(times, 99),
                floor=statistics.median(floor),
                wanted=WANTED.get(what),
            )


WINDOW = "200 comments"
WANTED: dict[str, Wanted] = {WINDOW: at_most(TIMES_THE_FLOOR)}


def main() -> None:
    prepare()
    size = int(sys.argv[1])
    member, unit = _thread(size)
    print(json.dumps(_measured(member, unit)))


def _measured(member: Membership, unit: Unit) -> dict[str, list[float]]:
    from django.utils import timezone
    from rest_framework.test import APIClient

    from annotations.models import Comment
    from annotations.selectors.context import context_of, window_of
    from annotations.selectors.work import more_comments, own_unit, with_relations, work_on

    assert unit.comment is not None
    assert member.user is not None
    middle = unit.comment.position
    client = APIClient(headers={"Host": "localhost"})
    client.force_login(member.user)
    place = f"/api/v1/campaigns/{unit.campaign.slug}/units/{unit.pk}/"

    def floor() -> int:
        rows = Comment.objects.select_related("author").defer("raw", "html").order_by("position")
        around = (middle - SIDE, middle + SIDE)
        return len(rows.filter(thread=unit.thread_id, position__range=around))

    def window() -> int:
        ids, _ = window_of(context_of(own_unit(member, unit.pk)))
        return len(with_relations(ids.keys()))

    def asked(path: str) -> Callable[[], int]:
        return lambda: len(client.get(path).json()["comments"])

    acts: dict[str, Callable[[], int]] = {
        "floor": floor,
        WINDOW: window,
        "the unit with its window": lambda: len(
            work_on(member, unit.pk, now=timezone.now()).comments
        ),
        "the API's answer": asked(place),
        "500 more comments": lambda: len(
            more_comments(member, unit.pk, side="after", position=middle + SIDE).comments
        ),
        "the API's answer with 500 more": asked(f"{place}comments/?after={middle + SIDE}"),
    }
    return _times(acts)


def _times(acts: dict[str, Callable[[], int]]) -> dict[str, list[float]]:
    """Milliseconds of each act, turn by turn; the first turns, which load modules, unseen."""
    times: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(TIMES + UNSEEN):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            if turn >= UNSEEN:
                times[name].append((time.perf_counter() - began) * 1_000)
    return times


def _thread(size: int) -> tuple[Membership, Unit]:
    """One thread of so many comments; its middle one is a unit that the member holds."""
    from django.core.management.color import no_style
    from django.db import connection

    from annotations.models import Assignment, Author, Comment, Thread
    from tests.builders import build_campaign, build_codebook, build_membership, build_unit

    campaign = build_campaign(codebook=build_codebook(), slug="bench", context="thread")
    names: dict[str, Any] = {
        "corpus": campaign.corpus_id,
        "each": size,
        "no": "false" if connection.vendor == "postgresql" else "0",
    }
    with connection.cursor() as cursor:
        make_shape(cursor, size)
        cursor.execute(THREAD.format(**names, series=series(0, 1)))
        cursor.execute(AUTHOR.format(**names, series=series(0, AUTHORS)))
        cursor.execute(COMMENT.format(**names, series=series(0, size)))
        for statement in connection.ops.sequence_reset_sql(no_style(), [Thread, Author, Comment]):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    member = build_membership(campaign)
    unit = build_unit(campaign, Comment.objects.get(position=size // 2))
    Assignment.objects.create(
        campaign=campaign,
        unit=unit,
        slot=1,
        order=unit.order,
        membership=member,
        state="leased",
        leased_until=NOW + timedelta(days=36_500),
        changed_at=NOW,
    )
    return member, unit


if __name__ == "__main__":
    main()
