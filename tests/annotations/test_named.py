"""What the database knows of people keeps their names out of a dataset."""

from __future__ import annotations

import re

import pytest

from annotations.exporters.contents import Contents
from annotations.exporters.privacy import protected
from annotations.exporters.rows import CommentRow, NamedRow, ThreadRow
from annotations.models import Campaign, Comment, CommentRelation, Corpus
from annotations.selectors.dataset import dataset_of
from tests.annotations.exporters.written import written
from tests.builders import (
    build_annotation,
    build_author,
    build_campaign,
    build_comment,
    build_corpus,
    build_thread,
    build_unit,
)

pytestmark = pytest.mark.django_db


def discussed(author_names: str = Corpus.AuthorNames.PSEUDONYM) -> tuple[Campaign, Comment]:
    """Ada answers Bo, whom she calls by a word of her own."""
    campaign = build_campaign(build_corpus(author_names=author_names))
    thread = build_thread(campaign.corpus, "t1", title="Bo Bridge asks")
    bo = build_author(campaign.corpus, "Bo Bridge", source_id="17", pseudonym="ub")
    ada = build_author(campaign.corpus, source_id="ada@navy.example", pseudonym="ua")
    build_comment(thread, "I am Bo Bridge.", author=bo)
    comment = build_comment(thread, "Bobby, write to ada@navy.example. Ada", author=ada)
    CommentRelation.objects.create(
        comment=comment, kind="mention", basis="given", start=0, end=5, target_author=bo
    )
    build_annotation(build_unit(campaign, comment))
    return campaign, comment


def contents(privacy: str) -> Contents:
    return Contents(privacy=privacy, context="thread")


def test_names_and_mentions_travel_beside_the_rows_that_are_protected() -> None:
    campaign, comment = discussed()
    named = {row.id: row.named for row in dataset_of(campaign, contents("pseudonymous")).read()}
    assert named["t1"] == (
        NamedRow(author="ub", names=("Bo Bridge",)),
        NamedRow(author="ua", names=("Ada", "ada@navy.example")),
    )
    assert named[comment.source_id] == (
        NamedRow(author="ub", names=("Bo Bridge",), start=0, end=5),
    )


def test_who_writes_outside_the_dataset_is_kept_out_of_it_as_well() -> None:
    campaign, _ = discussed()
    dataset = protected(dataset_of(campaign, Contents(privacy="pseudonymous")), "key")
    thread, comment = dataset.rows()
    assert isinstance(thread, ThreadRow)
    assert isinstance(comment, CommentRow)
    assert re.fullmatch(r"(P\w{12}) asks", thread.title)
    assert comment.text.startswith(thread.title.split()[0])


@pytest.mark.parametrize("privacy", ["full", "pseudonymous", "redacted", "dehydrated"])
@pytest.mark.parametrize("name", ["threads", "jsonl", "csv"])
def test_no_exporter_gets_them(privacy: str, name: str) -> None:
    campaign, _ = discussed()
    content = written(name, dataset_of(campaign, contents(privacy))).decode()
    assert "named" not in content
    assert '"17"' not in content


@pytest.mark.parametrize("author_names", [Corpus.AuthorNames.PSEUDONYM, Corpus.AuthorNames.SHOWN])
@pytest.mark.parametrize("privacy", ["pseudonymous", "redacted"])
def test_names_are_kept_out_whether_the_corpus_shows_them_or_not(
    privacy: str, author_names: str
) -> None:
    campaign, _ = discussed(author_names)
    dataset = protected(dataset_of(campaign, contents(privacy)), "key")
    content = written("threads", dataset).decode()
    for name in ("Bo Bridge", "Ada", "ada@navy.example", "Bobby", '"ua"', '"ub"'):
        assert name not in content
    first, second = (row for row in dataset.rows() if isinstance(row, CommentRow))
    assert first.text == f"I am {first.author}."
    assert second.text.startswith(f"{first.author}, write to ")
    assert second.text.endswith(second.author)
