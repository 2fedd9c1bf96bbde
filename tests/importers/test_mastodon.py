from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import mastodon
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import readable_anyhow

CONTEXT = CASES / "mastodon" / "context" / "input.json"
LEMMY = CASES / "mastodon" / "lemmy" / "input.jsonl"
ARCHIVE = CASES / "mastodon" / "archive" / "input.d"
OUTBOX = ARCHIVE / "outbox.json"
HOME = "https://harbour.example/users"


def status(number: int, answered: int | None = None, **fields: Any) -> dict[str, Any]:
    """A status of Ada, as the API of her own server gives it."""
    return {
        "id": str(number),
        "uri": f"{HOME}/ada/statuses/{number}",
        "account": {"id": "1", "acct": "ada", "url": "https://harbour.example/@ada"},
        "content": "<p>Hello</p>",
        "in_reply_to_id": answered and str(answered),
        "in_reply_to_account_id": answered and "1",
        **fields,
    }


def note(number: int, answered: int | None = None, **fields: Any) -> dict[str, Any]:
    """The same status as an object of ActivityPub."""
    return {
        "id": f"{HOME}/ada/statuses/{number}",
        "type": "Note",
        "attributedTo": f"{HOME}/ada",
        "content": "<p>Hello</p>",
        "inReplyTo": answered and f"{HOME}/ada/statuses/{answered}",
        **fields,
    }


def read(path: Path, value: Any, **options: Any) -> list[Record]:
    file = path / "statuses.json"
    file.write_text(json.dumps(value))
    return list(mastodon.read(Source(file), options))


def talk(records: list[Record]) -> list[CommentRecord]:
    return [record for record in records if isinstance(record, CommentRecord)]


def ada(number: int) -> str:
    return f"{HOME}/ada/statuses/{number}"


@pytest.mark.parametrize("case", cases("mastodon"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [CONTEXT, LEMMY, OUTBOX], ids=lambda path: path.name)
def test_it_is_recognised_also_where_the_head_cuts_it(path: Path, tmp_path: Path) -> None:
    assert choose_format(Source(path)).name == "mastodon"
    cut = tmp_path / "cut.json"
    cut.write_bytes(path.read_bytes()[:-40])
    assert mastodon.detect(Source(cut)) >= 0.95


def test_an_archive_is_recognised_and_read_alike_as_folder_and_as_zip(tmp_path: Path) -> None:
    packed = tmp_path / "archive.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in ARCHIVE.iterdir():
            archive.write(file, file.name)
        archive.writestr("media/boat.png", b"\x89PNG\r\n")
    assert choose_format(Source(ARCHIVE)).name == choose_format(Source(packed)).name == "mastodon"
    folder, zipped = (list(mastodon.read(Source(path), {})) for path in (ARCHIVE, packed))
    assert talk(zipped) == talk(folder)
    assert Note("files left out that hold no statuses", 2) in zipped


def test_an_outbox_of_any_size_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(mastodon.read(Source(OUTBOX), {}))
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    assert list(mastodon.read(Source(OUTBOX), {})) == whole


def test_the_api_and_activitypub_give_the_same_comments(tmp_path: Path) -> None:
    def told(value: Any) -> list[Any]:
        records = read(tmp_path, value)
        heads = [(r.id, r.platform) for r in records if isinstance(r, ThreadRecord)]
        said = [(r.id, r.thread_id, r.reply_to, r.author_id, r.author_name) for r in talk(records)]
        return [*heads, *said]

    assert told([status(1), status(2, 1)]) == told(
        {"orderedItems": [note(1), note(2, 1)], "type": "OrderedCollection"}
    )
    assert told([status(1), status(2, 1)])[-1] == (
        ada(2),
        ada(1),
        ada(1),
        f"{HOME}/ada",
        "ada@harbour.example",
    )


def test_a_context_without_its_status_is_one_thread_that_waits_for_it(tmp_path: Path) -> None:
    context = {"ancestors": [status(1)], "descendants": [status(3, 2), status(4, 3)]}
    records = read(tmp_path, context)
    assert {r.thread_id for r in talk(records)} == {ada(1)}
    assert [(r.id, r.reply_to) for r in talk(records)] == [
        (ada(1), None),
        (ada(3), ada(2)),
        (ada(4), ada(3)),
    ]
    later = read(tmp_path, [*context["ancestors"], status(2, 1)])
    assert talk(later)[1].id == ada(2)
    assert talk(later)[1].thread_id == ada(1)


def test_answers_to_what_a_context_does_not_show_stay_in_its_thread(tmp_path: Path) -> None:
    context = {"ancestors": [], "descendants": [status(3, 2), status(5, 4), status(6, 9)]}
    for value in ({"status": status(2), "context": context}, {**status(2), **context}):
        records = read(tmp_path, value)
        assert {r.thread_id for r in talk(records)} == {ada(2)}
        assert [r.reply_to for r in talk(records)] == [None, ada(2), ada(4), ada(9)]


def test_an_answer_to_a_status_elsewhere_waits_under_the_server_s_own_name(tmp_path: Path) -> None:
    answer = status(3, 77, in_reply_to_account_id="9")
    (record,) = talk(read(tmp_path, [answer]))
    assert record.reply_to == record.thread_id == "harbour.example/77"
    mention = {"id": "9", "username": "ben", "url": "https://harbour.example/@ben", "acct": "ben"}
    (record,) = talk(read(tmp_path, [{**answer, "mentions": [mention]}]))
    assert record.reply_to == f"{HOME}/ben/statuses/77"


def test_a_conversation_joins_answers_whose_parents_are_elsewhere(tmp_path: Path) -> None:
    far = note(3, inReplyTo="https://far.example/9", conversation="tag:x")
    records = read(tmp_path, [far, note(1, conversation="tag:x")])
    assert {r.thread_id for r in talk(records)} == {ada(1)}
    (record,) = talk(read(tmp_path, [far]))
    assert record.thread_id == record.reply_to == "https://far.example/9"


def test_a_newer_crawl_gives_the_same_ids(tmp_path: Path) -> None:
    older = {r.id: r.thread_id for r in talk(read(tmp_path, [note(1), note(2, 1)]))}
    newer = {r.id: r.thread_id for r in talk(read(tmp_path, [note(4, 2), note(2, 1), note(1)]))}
    assert older.items() <= newer.items()


def test_a_content_warning_is_the_first_paragraph(tmp_path: Path) -> None:
    html = '<p>See <a href="https://boats.example">boats</a></p>'
    (record,) = talk(read(tmp_path, status(1, content=html, spoiler_text="ferry <3")))
    assert record.text == "ferry <3\n\nSee boats"
    assert [record.text[b.start : b.end] for b in record.blocks] == ["ferry <3", "See boats"]
    assert [record.text[k.start : k.end] for k in record.links] == ["boats"]
    assert record.html == html
    (record,) = talk(read(tmp_path, note(1, content=html, summary="ferry")))
    assert record.text == "ferry\n\nSee boats"


@pytest.mark.parametrize(
    "fields",
    [
        {"content": None, "contentMap": {"de": "<p>Hello</p>"}},
        {"content": None, "source": {"content": "Hello", "mediaType": "text/markdown"}},
        {"content": "", "source": "Hello"},
        {"content": "Hello", "mediaType": "text/plain"},
        {
            "attributedTo": [{"type": "Person", "id": f"{HOME}/ada"}, f"{HOME}/eve"],
            "to": "as:Public",
        },
        {"type": ["Note"], "to": [f"{HOME}/ada/followers"], "cc": None},
    ],
)
def test_objects_of_other_servers(tmp_path: Path, fields: dict[str, Any]) -> None:
    (record,) = talk(read(tmp_path, note(1, **fields)))
    assert (record.text, record.author_id) == ("Hello", f"{HOME}/ada")


def test_a_page_and_an_article_open_threads_with_a_title(tmp_path: Path) -> None:
    for kind, expected in (("Page", "post"), ("Article", "article")):
        records = read(tmp_path, note(1, type=kind, name="New ferry", summary="Abstract"))
        assert [r.title for r in records if isinstance(r, ThreadRecord)] == ["New ferry"]
        assert [(r.kind, r.text) for r in talk(records)] == [(expected, "Hello")]


def test_messages_to_named_people_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    told = [
        status(1, visibility="direct"),
        note(2, to=[f"{HOME}/ben"], cc=[]),
        note(3, type="ChatMessage", to=["as:Public"]),
    ]
    records = read(tmp_path, told)
    assert talk(records) == []
    assert Note("messages to named people left out", 3) in records
    assert len(talk(read(tmp_path, told, direct=True))) == 3


def test_deletions(tmp_path: Path) -> None:
    delete = {
        "type": "Delete",
        "actor": f"{HOME}/ada",
        "object": {"type": "Tombstone", "id": ada(2)},
    }
    (_, gone) = talk(read(tmp_path, [note(1), note(2, 1), delete]))
    assert (gone.id, gone.reply_to, gone.thread_id) == (ada(2), ada(1), ada(1))
    assert (gone.status, gone.text, gone.author_id) == ("deleted_by_author", "", "")
    (gone,) = talk(read(tmp_path, {**delete, "summary": "rude"}))
    assert gone.status == "removed_by_moderator"
    undone = {"type": "Undo", "actor": f"{HOME}/ada", "object": delete}
    (kept, _) = talk(read(tmp_path, [note(2, 1), delete, undone, note(1)]))
    assert (kept.status, kept.text) == ("visible", "Hello")
    account = {"type": "Delete", "actor": f"{HOME}/ada", "object": f"{HOME}/ada"}
    assert read(tmp_path, account) == [Note("deletions of accounts left out")]


def test_answers_that_are_counted_but_not_given_are_missing(tmp_path: Path) -> None:
    records = read(tmp_path, [status(1, replies_count=3), status(2, 1, replies_count=1)])
    assert [r.missing for r in records if isinstance(r, ThreadRecord)] == [3]


def test_only_links_that_show_a_name_are_mentions(tmp_path: Path) -> None:
    html = '<a href="https://far.example/@ben">@ben</a> <a href="https://x.example">@ben</a> <a href="https://far.example/@ben">he</a>'
    tags = [
        {"type": "Mention", "name": "@ben@far.example", "href": "https://far.example/u/1"},
        {"type": "Mention", "name": "@ben@near.example", "href": "https://near.example/u/2"},
    ]
    (record,) = talk(read(tmp_path, note(1, content=html, tag=tags)))
    (mention,) = record.relations
    assert record.text[mention.start : mention.end] == "@ben"
    assert mention.target_author_id == "https://far.example/u/1"


def test_what_is_no_status_is_refused_or_counted(tmp_path: Path) -> None:
    records = read(tmp_path, [note(1), {"id": 7}, 5, "https://x.example", {"type": "Note"}])
    assert len(talk(records)) == 1
    assert len([r for r in records if isinstance(r, RecordError)]) == 3
    assert Note("entries left out that are only an address") in records


def test_addresses_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    account = {"acct": "ada", "url": "https://harbour.example/@ada", "email": "ada@example.org"}
    assert Note("e-mail addresses dropped") in read(tmp_path, status(1, account=account))
    (record,) = talk(read(tmp_path, status(1, account=account), keep_private=True))
    assert record.raw["account"] == account


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(mastodon.read(Source(CONTEXT), {"colour": "red"}))


def test_a_document_that_is_cut_off_gives_nothing_and_costs_a_folder_only_itself(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes(CONTEXT.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match="Nothing of it was imported"):
        list(mastodon.read(Source(path), {}))
    (tmp_path / "whole.json").write_bytes(CONTEXT.read_bytes())
    records = list(mastodon.read(Source(tmp_path), {}))
    assert [r.message[:9] for r in records if isinstance(r, RecordError)] == ["cut.json "]
    assert talk(records)


def test_a_chain_of_many_answers_is_read(tmp_path: Path) -> None:
    chain = [note(number, number - 1) for number in range(6_000, 1, -1)]
    records = read(tmp_path, [*chain, note(1)])
    assert {r.thread_id for r in talk(records)} == {ada(1)}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), path=st.sampled_from([CONTEXT, OUTBOX, LEMMY]))
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject, path: Path) -> None:
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    document = data.draw(damaged([json.loads(line) for line in lines]))
    records = taken_bytes(mastodon.read, json.dumps(document).encode(), {})
    told = {record.id for record in records if isinstance(record, ThreadRecord)}
    assert {r.thread_id for r in talk(records)} <= told


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(mastodon.read, data, {})
