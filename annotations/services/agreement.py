"""The figures of agreement in a campaign: asked for, and computed by a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from annotations.errors import InvalidInput
from annotations.models import AgreementRun, Campaign, User
from annotations.selectors.agreement_figures import question_result
from annotations.selectors.codebooks import questions_of
from annotations.selectors.ratings import HUMAN, STUDY, frame_of
from annotations.selectors.snapshot import snapshot
from annotations.services.running_job import RunningJob

VERSION = 1
LEVEL = 0.95
MOST_RESAMPLES = 10_000


def start_agreement(
    *, campaign: Campaign, user: User | None, now: datetime, seed: int = 1, resamples: int = 1000
) -> AgreementRun:
    """A waiting run, which the caller enqueues; the one that is under way if it asks the same.

    ``resamples`` 0 leaves the intervals out. Raises InvalidInput for more than 10,000.
    """
    if resamples > MOST_RESAMPLES:
        raise InvalidInput(f"At most {MOST_RESAMPLES:,} samples are drawn, not {resamples:,}.")
    same = campaign.agreements.filter(seed=seed, resamples=resamples)
    waiting: AgreementRun | None = same.filter(state=AgreementRun.State.QUEUED).first()
    return waiting or AgreementRun.objects.create(
        campaign=campaign, seed=seed, resamples=resamples, created_by=user, created_at=now
    )


def compute_agreement(running: RunningJob[AgreementRun]) -> dict[str, Any]:
    """Every figure of every question, all of one moment; what the finished row says of it.

    Nothing is written before the end, so an attempt that is stopped leaves nothing behind.
    """
    run, results = running.job, []
    with snapshot():
        # Read here, so that it is the codebook that the answers are to.
        campaign = Campaign.objects.select_related("codebook").get(pk=run.campaign_id)
        questions = questions_of(campaign.codebook_id)
        running.progress(0, len(questions))
        frame = frame_of(campaign)
        for done, question in enumerate(questions, 1):
            results.append(question_result(frame, question, seed=run.seed, resamples=run.resamples))
            running.progress(done, len(questions))
    by_people = (frame.sources == HUMAN) & (frame.purposes == STUDY)
    result = {
        "version": VERSION,
        "campaign": campaign.slug,
        "codebook": {
            "key": campaign.codebook.key,
            "version": campaign.codebook.version,
        },
        "computed_at": run.started_at.isoformat() if run.started_at else None,
        "seed": run.seed,
        "resamples": run.resamples,
        "level": LEVEL,
        "annotations": int(by_people.sum()),
        "models": list(frame.models),
        "questions": results,
    }
    return {"result": result, "labels": sum(one["ratings"] for one in results)}
