"""What the page of a release shows: of a draft what it would hold, of a release what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from annotations.errors import InvalidInput
from annotations.exporters.cells import formula_warning
from annotations.exporters.contents import Contents
from annotations.exporters.registry import exporters
from annotations.models import Release
from annotations.pages.contents_words import in_words_of
from annotations.pages.release_words import amounts, layer_amounts, leaks_in_words
from annotations.permissions import Access
from annotations.releases.card import Card
from annotations.releases.citation import bibtex, citation
from annotations.releases.known import empty_splits
from annotations.releases.licences import licence
from annotations.releases.loading import loading
from annotations.releases.questions import QUESTIONS, SECTIONS, CardQuestion
from annotations.selectors.dataset_facts import aggregation_warnings, agreement_warnings
from annotations.selectors.jobs import worker_alive
from annotations.selectors.release_preview import release_preview
from annotations.selectors.releases import comments_taken_back_since, release_files

MOST_OTHERS = 20
Answered = list[tuple[CardQuestion, str, str]]


def release_context(release: Release, access: Access) -> dict[str, Any]:
    """What all states have in common."""
    card = Card.from_json(release.card)
    done = access.campaign.releases.filter(state=Release.State.DONE).exclude(pk=release.pk)
    earlier = done.filter(frozen_at__lte=release.frozen_at) if release.frozen_at else done
    return {
        "release": release,
        "campaign": access.campaign,
        "access": access,
        "card": card,
        "licence": licence(card.licence),
        **_datasheet(card),
        "words": in_words_of(release.contents),
        "format_titles": titles_of(release.formats),
        "may_manage": access.may("release.create"),
        "others": earlier.only("campaign", "version")[:MOST_OTHERS],
        "waiting": release.state in (Release.State.QUEUED, Release.State.RUNNING),
        "worker_alive": worker_alive(timezone.now()),
    }


def draft_context(release: Release) -> dict[str, Any]:
    """What it lacks, and what it would hold; a draft that waits or failed shows its facts only."""
    if release.state != Release.State.STAGED:
        return {}
    context: dict[str, Any] = {"missing": Card.from_json(release.card).missing.values()}
    try:
        context["warnings"] = _warnings(release)
        preview = release_preview(release, now=timezone.now())
    except InvalidInput as error:
        return {**context, "unfit": error.message}
    if preview is None:
        return {**context, "too_large": True}
    leaks = preview.leaks.to_json() if preview.leaks else None
    if leaks and (empty := empty_splits(leaks, release.contents["shares"])):
        context["warnings"].append(
            f"Nothing falls into {', '.join(empty)}: choose another seed or other shares."
        )
    context |= _counted(preview.amounts(), leaks)
    context |= _datasheet(Card.from_json(release.card), preview.known)
    return context


def finished_context(release: Release) -> dict[str, Any]:
    manifest = release.manifest
    card = Card.from_json(release.card)
    cited = (release.title, release.version, _year(release))
    return {
        **_counted(manifest["counts"], manifest["leaks"] if manifest["counts"]["splits"] else None),
        "manifest": manifest,
        "formulas": _formulas(manifest.get("formula_cells", 0)),
        "files": _files(release),
        "has_files": _has_files(release),
        "taken_back": comments_taken_back_since(release),
        "lines": _lines(release.formats, manifest["files"]),
        "citation": citation(card, *cited),
        "bibtex": bibtex(card, manifest["name"], *cited),
    }


def _warnings(release: Release) -> list[str]:
    """What was computed before some of the labels were saved. Raises InvalidInput."""
    return [
        *aggregation_warnings(release.campaign, Contents.from_json(release.contents)),
        *agreement_warnings(release.campaign),
    ]


def _formulas(number: int) -> str:
    return f"{formula_warning(number)}, or make a version with formulas escaped." if number else ""


def titles_of(formats: Iterable[str]) -> list[str]:
    known = exporters()
    return [known[name].title if name in known else name for name in formats]


def _datasheet(card: Card, known: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The questions by section, with what the makers answered and what is known; and how many
    have neither. Where it is not given what is known, it is enough that something will be."""
    told = known or {}
    own = card.answers
    rows = [(one, own.get(one.key, ""), told.get(one.key, "")) for one in QUESTIONS]
    open_ones = [
        question for question, answer, fact in rows if not (answer or fact or question.known)
    ]
    sections: list[tuple[str, Answered]] = [
        (title, [row for row in rows if row[0].section == title]) for title in SECTIONS
    ]
    return {"sections": sections, "unanswered": len(open_ones)}


def _counted(counts: Mapping[str, Any], leaks: Mapping[str, Any] | None) -> dict[str, Any]:
    """``leaks`` are None where the dataset is not split."""
    return {
        "amounts": amounts(counts, leaks),
        "layers": layer_amounts(counts),
        "leaks": leaks_in_words(leaks) if leaks else None,
    }


def _has_files(release: Release) -> bool:
    return release.withdrawn_at is None and default_storage.exists(release.file)


def _files(release: Release) -> Iterable[Any]:
    """Those that can be downloaded; where there are none any more, those that there were."""
    if _has_files(release):
        return release_files(release)
    listed: Iterable[Any] = release.manifest["files"]
    return listed


def _lines(formats: Iterable[str], files: Iterable[Mapping[str, object]]) -> list[tuple[str, str]]:
    known = exporters()
    told = loading(formats, files)
    return [(known[name].title if name in known else name, line) for name, line in told.items()]


def _year(release: Release) -> int:
    assert release.frozen_at is not None
    return release.frozen_at.year
