"""What must not leave, looked for in every file of a release with every format."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.files.storage import default_storage

from annotations.exporters.registry import exporters
from annotations.exporters.rows import LAYERS
from annotations.models import (
    Aggregation,
    Campaign,
    CommentRelation,
    CommentRevision,
    Consensus,
    Release,
    Ruling,
)
from tests.annotations.released import build_study, released
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_comment,
    build_membership,
    build_thread,
    build_unit,
)

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[1] / "cases" / "releases" / "everything.SHA256SUMS"
EVERYWHERE = (
    *("gonetext", "gonerevision", "gonename", "gonetitle", "goneurl", "gonenote", "gonespan"),
    *("harmword", "draftword", "testword", "silenttrait"),
)
NAMES = ("grace", "id-ada", "id-grace", "t2-0", "t10-0", "rulingword")
WORDS = ("rulingword", "noteword", "reasonword", "freeword", "skipword", "2 million", "Says who")
LEAVES = {
    "full": (),
    "pseudonymous": NAMES,
    "redacted": (*NAMES, "news.example"),
    "dehydrated": (*WORDS, "The bridge costs"),
}


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def build_secrets(campaign: Campaign, *, backwards: bool = False) -> None:
    """What never leaves, and what only leaves in full, each by a word of its own."""
    _what_was_taken_back(campaign)
    _mention_two_at_once(campaign, -1 if backwards else 1)
    member = campaign.memberships.get(number=1)
    other = build_membership(campaign, traits={"first_language": "silenttrait"})
    comment = campaign.corpus.comments.get(source_id="t2-3")
    unit = build_unit(campaign, comment)
    build_annotation(unit, member, state="skipped", harmful=True, skip_reason="harmword")
    build_annotation(unit, other, note="noteword of @grace", skip_reason="skipword")
    adjudicated = build_annotation(unit, member, source="adjudication", reason="reasonword")
    build_answer(adjudicated, "why", text="freeword by grace")
    drafted = build_annotation(unit, state="draft", note="draftword")
    build_answer(drafted, "why", text="draftword")
    another = campaign.corpus.comments.get(source_id="t10-3")
    test = build_unit(campaign, another, purpose="test")
    build_answer(build_annotation(test, member, note="testword"), "why", text="testword")
    Ruling.objects.create(campaign=campaign, text="rulingword: as in t2-0.", created_at=NOON)


def _what_was_taken_back(campaign: Campaign) -> None:
    author = build_author(campaign.corpus, "gonename", source_id="id-gonename", pseudonym="u-gone")
    thread = campaign.corpus.threads.get(source_id="t2")
    gone = build_comment(thread, "gonetext", source_id="t2-removed", status="spam", author=author)
    CommentRevision.objects.create(comment=gone, number=1, text="gonerevision", replaced_at=NOON)
    unit = build_unit(campaign, gone)
    annotation = build_annotation(unit, note="gonenote")
    build_answer(annotation, "part", label="fact", start=0, end=4, quote="gonespan")
    build_annotation(unit, source="model", model="gonenote")
    answer = build_comment(thread, "Indeed, Twin.", source_id="t2-answer", reply_to=gone)
    CommentRelation.objects.create(
        comment=answer,
        kind="mention",
        basis="inferred",
        start=0,
        end=3,
        target_author=author,
    )
    related = build_annotation(build_unit(campaign, answer))
    build_answer(related, "to", label="agrees", related=gone)
    opened = build_thread(
        campaign.corpus, "t3", title="gonetitle", url="https://news.example/goneurl"
    )
    build_comment(opened, "gonetext", source_id="t3-opening", kind="post", status="spam")
    build_annotation(build_unit(campaign, build_comment(opened, "Why?", source_id="t3-1")))
    aggregation = Aggregation.objects.create(
        campaign=campaign, method="majority", state="done", created_at=NOON, started_at=NOON
    )
    for number in campaign.units.values_list("pk", flat=True):
        for key, value in (("claim", "yes"), ("part", [{"start": 0, "end": 4, "label": "fact"}])):
            Consensus.objects.create(
                aggregation=aggregation,
                unit_id=number,
                question=campaign.codebook.questions.get(key=key),
                value=value,
                shares={"yes": 0.75, "no": 0.25} if key == "claim" else {},
            )


def _mention_two_at_once(campaign: Campaign, step: int) -> None:
    """Two people of one name at one place, so one of them has to be the first."""
    authors = [
        build_author(campaign.corpus, "Twin", source_id=f"id-twin{n}", pseudonym=f"u-twin{n}")
        for n in (1, 2)
    ]
    comment = campaign.corpus.comments.get(source_id="t2-3")
    for author in authors[::step]:
        CommentRelation.objects.create(
            comment=comment, kind="mention", basis="inferred", start=5, end=8, target_author=author
        )


def contents_of(archive: bytes, place: str = "") -> Iterator[tuple[str, str]]:
    """Each file by its path, and as the text that a reader finds in it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for name in opened.namelist():
            content = opened.read(name)
            if name.endswith(".zip"):
                yield from contents_of(content, f"{place}{name}/")
            elif name.endswith(".parquet"):
                yield place + name, str(pq.read_table(io.BytesIO(content)).to_pylist())
            elif name.endswith(".spacy"):
                yield place + name, zlib.decompress(content).decode(errors="replace")
            else:
                yield place + name, content.decode()


def read(release: Release) -> dict[str, str]:
    with default_storage.open(release.file) as file:
        return dict(contents_of(file.read()))


@pytest.mark.parametrize("privacy", LEAVES)
def test_no_secret_is_in_any_file_nor_in_its_name(db: None, privacy: str) -> None:
    campaign = build_study()
    build_secrets(campaign)
    release = released(
        campaign, *exporters(), privacy=privacy, layers=LAYERS, method="majority", split_by="author"
    )
    secrets = (*EVERYWHERE, *LEAVES[privacy])
    found = [
        (name, secret)
        for name, content in read(release).items()
        for secret in secrets
        if secret in content or secret in name
    ]
    assert found == []


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_everything_together_has_the_same_bytes_on_every_database(
    db: None, backwards: bool
) -> None:
    """But for files of libraries that may write other bytes in another version of theirs."""
    campaign = build_study(backwards=backwards)
    build_secrets(campaign, backwards=backwards)
    names = [name for name in exporters() if name not in ("huggingface", "parquet", "spacy")]
    release = released(
        campaign,
        *names,
        privacy="pseudonymous",
        layers=LAYERS,
        method="majority",
        split_by="author",
    )
    listing = read(release)["SHA256SUMS"]
    if os.environ.get("UPDATE_CASES") and not backwards:
        GOLDEN.write_text(listing)
    assert listing == GOLDEN.read_text()


def test_rulings_that_are_kept_back_are_counted(db: None) -> None:
    campaign = build_study()
    Ruling.objects.create(campaign=campaign, text="rulingword", created_at=NOON)
    assert "rulingword" in read(released(campaign))["guidelines.md"]
    told = read(released(campaign, privacy="redacted", version="1.1"))["guidelines.md"]
    assert "1 came later" in told


def test_a_title_stays_where_the_opening_is_only_missing_from_the_file(db: None) -> None:
    campaign = build_study()
    thread = campaign.corpus.threads.get(source_id="t1")
    build_comment(thread, "", source_id="t1-opening", kind="post", status="missing")
    assert '"The bridge"' in read(released(campaign, "threads"))["threads/bridge-study.jsonl"]
