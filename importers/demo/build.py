"""The demo: a thread that argues, a campaign on it, and people who have begun to label.

Everything is written for the project and goes the way that a user's own data goes: through the
importer, the codebook loader, the assignments, the saves and the export.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml

from annotations.codebooks.library import LIBRARY
from annotations.models import Campaign, Corpus, ExportRun, Membership, Sample, Unit, User
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit
from annotations.services.campaigns import Design, create_campaign
from annotations.services.codebooks import load_codebook
from annotations.services.corpora import create_corpus
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job
from annotations.services.sampling import draw_sample
from importers.demo.accounts import demo_people
from importers.models import ImportRun
from importers.running import run_import
from importers.services import stage_import, start_import

HERE = Path(__file__).parent
SLUG = "harbour"
STARTER = LIBRARY / "claims-misinformation-sentiment.yaml"
SECONDS_A_COMMENT = 24
LABELED_BY_CLEO = 4

Said = tuple[str, list[str], str, list[str], str]


def demo_is_whole() -> bool:
    """Whether the last step of the demo was done in this database."""
    return ExportRun.objects.filter(campaign__slug=SLUG).exists()


def load_demo(*, var: Path, now: datetime) -> bool:
    """Make the demo, unless it is there; whether it was made.

    Each step may be done again, so a demo that was interrupted is finished by the next call.
    The passwords and the researcher's token go to ``var/demo.json``, for its owner's eyes alone.
    Raises Conflict where somebody else has one of its names.
    """
    if demo_is_whole():
        return False
    people = demo_people(var)
    corpus = _corpus(people["researcher"], now)
    campaign = Campaign.objects.filter(slug=SLUG).first() or _campaign(corpus, people, now)
    _draw(campaign)
    said = yaml.safe_load((HERE / "labels.yaml").read_text(encoding="utf-8"))
    _label(campaign, people["ada"], {key: both["a"] for key, both in said.items()}, now)
    _label(campaign, people["ben"], {key: both["b"] for key, both in said.items()}, now)
    begun = dict(list(said.items())[:LABELED_BY_CLEO])
    _label(campaign, people["cleo"], {key: both["a"] for key, both in begun.items()}, now)
    if not campaign.exports.exists():
        export = start_export(campaign=campaign, format="jsonl", user=people["researcher"], now=now)
        run_job(ExportRun, export.pk, write_export)
    return True


def _corpus(researcher: User, now: datetime) -> Corpus:
    corpus = Corpus.objects.filter(slug=SLUG).first() or create_corpus(
        slug=SLUG,
        name="Harbour (demo)",
        description="An invented news article about ferries, and thirty comments that argue.",
        licence="CC0-1.0",
        now=now,
    )
    if not ImportRun.objects.filter(corpus=corpus, state=ImportRun.State.DONE).exists():
        with (HERE / "harbour.jsonl").open("rb") as file:
            run = stage_import(
                corpus=corpus, file=file, name="harbour.jsonl", user=researcher, now=now
            )
        start_import(run=run)
        run_job(ImportRun, run.pk, run_import)
    return corpus


def _campaign(corpus: Corpus, people: Mapping[str, User], now: datetime) -> Campaign:
    return create_campaign(
        slug=SLUG,
        name="Ferries in the harbour",
        description="Claims, misinformation and sentiment in the comments on shore power.",
        corpus=corpus,
        codebook=load_codebook(text=STARTER.read_text(encoding="utf-8"), now=now),
        design=Design(overlap=3, show_scores=True),
        manager=people["researcher"],
        annotators=[people["ada"], people["ben"], people["cleo"]],
        now=now,
    )


def _draw(campaign: Campaign) -> None:
    """Do what a worker would do, unless it is done."""
    for sample in campaign.samples.exclude(state=Sample.State.DONE):
        run_job(Sample, sample.pk, draw_sample)


def _label(campaign: Campaign, user: User, said: Mapping[str, Said], now: datetime) -> None:
    """Work through these comments as the annotator would; those done before are left alone."""
    membership = Membership.objects.get(campaign=campaign, user=user)
    done = membership.annotations.count()
    begun = now - timedelta(seconds=SECONDS_A_COMMENT * len(said))
    for turn in range(done, len(said)):
        time = begun + timedelta(seconds=SECONDS_A_COMMENT * turn)
        unit = take_unit(membership=membership, now=time).unit
        save_annotation(membership=membership, unit=unit, save=_save(unit, user, said), now=time)


def _save(unit: Unit, user: User, said: Mapping[str, Said]) -> Save:
    assert unit.comment is not None
    return Save(
        save_id=uuid5(NAMESPACE_URL, f"threadmark:demo:{unit.pk}:{user.username}"),
        based_on=0,
        state="submitted",
        answers=_answers(unit.comment.text, *said[unit.comment.source_id]),
        seconds=SECONDS_A_COMMENT,
    )


def _answers(
    text: str, claim: str, quotes: list[str], misinformation: str, reasons: list[str], mood: str
) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "claim": claim,
        "misinformation": misinformation,
        "sentiment": mood,
    }
    if quotes:
        starts = [(text.index(quote), quote) for quote in quotes]
        answers["claim_span"] = [
            {"start": start, "end": start + len(quote), "quote": quote, "label": "claim"}
            for start, quote in sorted(starts)
        ]
    if reasons:
        answers["misleading_reasons"] = reasons
    return answers
