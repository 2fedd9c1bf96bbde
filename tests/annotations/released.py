"""A study of which everything is fixed that a release may tell: ids, times, names and key."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from annotations.exporters.contents import Contents
from annotations.models import (
    AgreementRun,
    Annotation,
    Campaign,
    Comment,
    Membership,
    Release,
    Sample,
    Thread,
)
from annotations.releases.card import Card
from annotations.samples.recipe import Recipe
from annotations.services.jobs import run_job
from annotations.services.releases import confirm_release, draft_release, write_release
from tests.annotations.releases.edition import CARD, FIGURE
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_campaign,
    build_category,
    build_codebook,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
    build_warning,
)

KEY = "0123456789abcdef" * 4
LATER = NOON + timedelta(days=1)
TEXTS = (
    "The bridge costs 2 million a year, says @grace. 😀",
    "=2+2, and ask ada@news.example!",
    "לא נכון",
    "Says who?",
)
THREADS = ("t2", "t10", "t1")
PEOPLE = ("ada", "grace")


def build_study(*, backwards: bool = False) -> Campaign:
    """``backwards`` puts the rows into the tables in another order, so with other ids."""

    def ordered(some: Sequence[Any]) -> Sequence[Any]:
        return some[::-1] if backwards else some

    if backwards:  # other ids everywhere
        build_unit(build_campaign())
    corpus = build_corpus(slug="news", name="News comments", licence="CC-BY-NC-4.0")
    codebook = build_codebook(
        key="claims",
        version=3,
        description="What is claimed.",
        guidelines="Read *all* of it.",
        licence="CC-BY-4.0",
        source="key: claims\nversion: 3\n",
    )
    campaign = build_campaign(
        corpus, codebook, "bridge-study", name="The bridge", overlap=2, traits=["first_language"]
    )
    members = {
        number: build_membership(
            campaign, number=number, traits={"first_language": "de"}, traits_agreed_at=NOON
        )
        for number in ordered((1, 2))
    }
    authors = {
        name: build_author(corpus, name, source_id=f"id-{name}", pseudonym=f"u-{name}")
        for name in ordered(PEOPLE)
    }
    for source_id in ordered(THREADS):
        thread = build_thread(
            corpus, source_id, platform="news", language="en", started_at=NOON, title="The bridge"
        )
        _fill(campaign, thread, [authors[name] for name in PEOPLE], members)
    build_warning(Comment.objects.get(source_id="t2-1"), "insult")
    corpus.content_categories.add(build_category("war"))
    _beside(campaign)
    return campaign


def _fill(
    campaign: Campaign, thread: Thread, authors: list[Any], members: dict[int, Membership]
) -> None:
    """Comments that were taken back, context, and labeled ones, by two people and a model."""
    comments = [
        build_comment(
            thread,
            text,
            source_id=f"{thread.source_id}-{place}",
            author=authors[place % 2],
            language="en",
        )
        for place, text in enumerate(TEXTS)
    ]
    gone = build_comment(
        thread, "[deleted]", source_id=f"{thread.source_id}-gone", status="deleted_by_author"
    )
    build_annotation(build_unit(campaign, gone), members[1])
    for place, comment in enumerate(comments[:3]):
        unit = build_unit(campaign, comment)
        for number, member in sorted(members.items(), reverse=place % 2 == 0):
            annotation = build_annotation(unit, member, seconds=1.5 * number, confidence=None)
            build_answer(annotation, "claim", label="yes" if (place + number) % 2 else "no")
            build_answer(annotation, "reasons", label="old")
            build_answer(annotation, "reasons", label="rude")
            if place == 0:
                quote = "2 million"
                start = comment.text.index(quote)
                build_answer(
                    annotation,
                    "part",
                    label="fact",
                    start=start,
                    end=start + len(quote),
                    quote=quote,
                )
        build_answer(build_annotation(unit, source="model", certainty=0.75), "claim", label="yes")


def _beside(campaign: Campaign) -> None:
    questions = [{"key": "claim", "title": "Claim", "kind": "single_label", "figures": [FIGURE]}]
    AgreementRun.objects.create(
        campaign=campaign,
        state="done",
        created_at=NOON,
        started_at=NOON,
        finished_at=NOON,
        labels=4,
        result={
            "version": 1,
            "codebook": {"key": "claims", "version": 3},
            "seed": 1,
            "resamples": 1000,
            "questions": questions,
        },
    )
    Sample.objects.create(
        campaign=campaign,
        state="done",
        created_at=NOON,
        finished_at=NOON,
        drawn_at=NOON,
        recipe=Recipe(draw="random", size=9, seed=4).to_json(),
        candidates=15,
        units=12,
    )


def drafted(campaign: Campaign, *formats: str, **fields: Any) -> Release:
    """A draft, with ``fields`` of the contents but for ``version``, ``key`` and ``card``."""
    return draft_release(
        campaign=campaign,
        title="Claims about the bridge",
        version=fields.pop("version", "1.0"),
        card=fields.pop("card", CARD),
        key=fields.pop("key", KEY),
        contents=Contents(**{"context": "thread", "traits": True, **fields}),
        formats=formats or ("csv", "jsonl"),
        user=None,
        now=NOON,
    )


def confirmed(campaign: Campaign, *formats: str, **fields: Any) -> Release:
    return confirm_release(release=drafted(campaign, *formats, **fields), now=NOON)


def made(release: Release, at: datetime = LATER) -> Release:
    """The confirmed release after a worker had it."""
    run_job(Release, release.pk, write_release, clock=lambda: at)
    release.refresh_from_db()
    assert release.state == Release.State.DONE, release.error
    return release


def released(campaign: Campaign, *formats: str, **fields: Any) -> Release:
    return made(confirmed(campaign, *formats, **fields))


NO_CARD = Card()


def archive(release: Release) -> bytes:
    with default_storage.open(release.file) as file:
        return bytes(file.read())


def files_of(release: Release) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive(release))) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def stored(storage: Path) -> list[str]:
    folder = storage / "releases"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def label_more(campaign: Campaign) -> None:
    """Somebody labels a comment that was not labeled yet, and changes an answer."""
    thread = campaign.corpus.threads.get(source_id="t1")
    comment = build_comment(thread, "It does not.", source_id="t1-new")
    build_annotation(build_unit(campaign, comment), campaign.memberships.get(number=1))
    Annotation.objects.filter(unit__comment__source_id="t1-0", source="model").update(certainty=0.5)
