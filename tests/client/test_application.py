"""The client against the application as it runs: what a researcher does with it."""

from __future__ import annotations

import csv
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas
import pytest
from threadmark import Conflict, InvalidInput, NotFound, NotLoggedIn, Threadmark
from threadmark.connection import Row
from threadmark.jobs import Job

from project.environment import ROOT
from tests.application import Application
from tests.client.conftest import Run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("client")]
CASES = ROOT / "tests" / "cases"
CARD = {"creators": [{"name": "Ada Byron"}], "licence": "CC-BY-4.0"}


@pytest.fixture
def corpus(demo: Threadmark, request: pytest.FixtureRequest) -> str:
    """An empty corpus of the test's own."""
    slug = request.node.name.replace("_", "-")[:60]
    demo.make_corpus(slug)
    return str(slug)


@pytest.fixture
def records() -> list[Row]:
    """A thread with 1,200 comments, in a chain of replies."""
    comments = [
        {
            "record": "comment",
            "id": f"c{n}",
            "thread_id": "t1",
            "text": f"This is comment {n} 😀",
            "reply_to": f"c{n - 1}" if n else None,
        }
        for n in range(1200)
    ]
    return [{"record": "thread", "id": "t1", "title": "The mill"}, *comments]


# Reading


def test_who_one_is_and_what_there_is(demo: Threadmark) -> None:
    assert demo.me()["username"] == "researcher"
    assert "harbour" in [one["slug"] for one in demo.corpora()]
    assert "harbour" in [one["slug"] for one in demo.campaigns()]
    assert demo.campaign("harbour")["corpus"] == "harbour"
    (thread, *_) = demo.threads(corpus="harbour")
    assert thread["title"].startswith("Ferries to switch off")
    assert demo.get("codebooks/")["results"]


def test_lists_go_on_over_their_pages(demo: Threadmark) -> None:
    by_one = list(demo.rows("comments/", corpus="harbour", page_size=7))
    assert by_one == list(demo.comments(corpus="harbour"))
    assert len({comment["id"] for comment in by_one}) == len(by_one) > 7


def test_what_is_not_there_or_misspelt_is_refused(demo: Threadmark) -> None:
    with pytest.raises(NotFound, match="There is no campaign 'harbor'"):
        list(demo.labels("harbor"))
    with pytest.raises(InvalidInput, match="There is no such parameter here"):
        list(demo.comments(corpus="harbour", lang="en"))
    with pytest.raises(InvalidInput) as error:
        list(demo.labels("harbour", layers=["humans"]))
    assert "layers" in "".join(error.value.fields)


def test_a_token_that_was_revoked_is_said_to_be_wrong(application: Application) -> None:
    with pytest.raises(NotLoggedIn, match="This token is wrong, or it was revoked"):
        Threadmark(application.url, "tm_revoked").me()


# Labels


def test_labels_are_the_rows_that_the_api_streams(demo: Threadmark) -> None:
    rows = list(demo.labels("harbour", layers=["human"]))
    assert {row["annotator"] for row in rows} == {"A1", "A2", "A3"}
    first = next(row for row in rows if row["answers"].get("claim_span"))
    span = first["answers"]["claim_span"][0]
    assert first["text"][span["start"] : span["end"]] == span["quote"]
    chosen = {"layers": ["human"], "privacy": "redacted", "filters": {"thread_min": 1}}
    some = list(demo.labels("harbour", **chosen))
    assert len(some) == len(rows)
    assert some != rows


def test_a_data_frame_has_the_same_rows_and_the_right_types(demo: Threadmark) -> None:
    labels = demo.labels("harbour", layers=["human"])
    rows, frame = list(labels), labels.to_pandas()
    assert frame["annotation"].tolist() == [row["annotation"] for row in rows]
    assert frame["claim"].tolist() == [row["answers"].get("claim") for row in rows]
    assert frame["confidence"].isna().all()
    types = frame.dtypes.astype(str).to_dict()
    assert {types[name] for name in ("position", "score", "confidence")} == {"Int64"}
    assert types["saved_at"] == "datetime64[us, UTC]"
    assert (types["flagged"], types["seconds"]) == ("bool", "float64")
    assert pandas.api.types.is_string_dtype(frame["comment_id"])


def test_without_pandas_one_is_told_what_to_install(
    demo: Threadmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'threadmark\[pandas\]'"):
        demo.labels("harbour").to_pandas()


def test_a_file_of_labels_has_the_format_that_its_name_ends_with(
    demo: Threadmark, tmp_path: Path
) -> None:
    count = len(list(demo.labels("harbour")))
    labels = demo.labels("harbour")
    lines = labels.save(tmp_path / "labels.jsonl").read_text().splitlines()
    assert [json.loads(line)["campaign"] for line in lines] == ["harbour"] * count
    assert len(pandas.read_parquet(labels.save(tmp_path / "labels.parquet"))) == count
    with labels.to_csv(tmp_path / "labels.csv").open(newline="") as file:
        assert len({row["annotation"] for row in csv.DictReader(file)}) == count
    assert len(list(tmp_path.iterdir())) == 3


# Jobs


def test_an_export_is_made_watched_and_downloaded(demo: Threadmark, tmp_path: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    job = demo.export(
        "harbour",
        format="huggingface",
        contents={"layers": ["human"], "context": "thread"},
        progress=lambda *far: told.append(far),
    )
    assert job.state == "done"
    path = job.download(tmp_path, progress=lambda *far: told.append(far))
    assert path == tmp_path / f"harbour-{job.id}.zip"
    assert zipfile.ZipFile(path).testzip() is None
    assert told[-1] == (job.row["bytes"], job.row["bytes"], "bytes")
    assert job.id in [one.id for one in demo.exports(campaign="harbour")]
    with pytest.raises(Conflict):
        job.cancel()


def test_what_an_export_cannot_hold_is_said_of_its_place(demo: Threadmark) -> None:
    with pytest.raises(InvalidInput) as error:
        demo.export("harbour", contents={"layers": []})
    assert error.value.fields == {"contents.layers": ["Choose at least one layer of labels."]}


def test_a_file_is_imported_and_again_stores_nothing(demo: Threadmark, corpus: str) -> None:
    file = CASES / "table/reddit/input.csv"
    assert demo.import_file(file, corpus=corpus, dry_run=True).row["dry_run"]
    assert list(demo.threads(corpus=corpus)) == []
    first = demo.import_file(file, corpus=corpus).row["counts"]
    again = demo.import_file(file, corpus=corpus, format="table").row["counts"]
    stored = first["comments"]["created"]
    assert stored == again["comments"]["unchanged"] == len(list(demo.comments(corpus=corpus))) > 0
    assert again["comments"]["created"] == 0
    assert [job.row["corpus"] for job in demo.imports(corpus=corpus)] == [corpus] * 3


def test_a_large_file_is_sent_in_pieces(
    demo: Threadmark, corpus: str, tmp_path: Path, peak: Callable[[], int]
) -> None:
    """What is in memory does not grow with the file."""
    path = tmp_path / "a file “with” quotes.csv"
    row = "t{n},c{n},ada,2024-05-31T14:00:00+02:00," + "word " * 2000
    with path.open("w") as file:
        file.write("thread,comment,author,time,text\n")
        file.writelines(row.format(n=n) + "\n" for n in range(2000))
    before = peak()
    job = demo.import_file(path, corpus=corpus)
    assert path.stat().st_size > 20_000_000
    assert peak() - before < 4_000_000
    assert (job.row["file_name"], job.row["counts"]["comments"]["created"]) == (path.name, 2000)


@pytest.fixture
def peak() -> Any:
    """The most bytes that Python objects took since the test began."""
    import tracemalloc

    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


def test_a_release_is_found_by_its_version(demo: Threadmark, tmp_path: Path) -> None:
    about = {"campaign": "harbour", "title": "The harbour", "version": "1.0", "formats": ["csv"]}
    drafted = demo._connection.post("releases/", {**about, "card": CARD})
    demo._connection.post(f"releases/{drafted['id']}/confirm/")
    demo.release("harbour", "1.0").wait()
    path = demo.release("harbour", "1.0").download(tmp_path)
    assert path.name == "harbour-1.0.zip"
    assert "README.md" in zipfile.ZipFile(path).namelist()
    with pytest.raises(NotFound, match=r"no release 2\.0"):
        demo.release("harbour", "2.0")


# The command


def test_the_command_does_the_same(
    application: Application, demo: Threadmark, run: Run, tmp_path: Path
) -> None:
    def threadmark(*arguments: str) -> str:
        done = run(application.url, application.token, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    status = json.loads(threadmark("status", "--json"))
    (harbour,) = [one for one in status["campaigns"] if one["slug"] == "harbour"]
    assert harbour["progress"]["wanted"] >= harbour["progress"]["settled"] > 0
    assert "harbour  open  manager" in threadmark("status")
    assert threadmark("labels", "harbour", "--format", "csv").startswith("campaign,codebook,")
    threadmark("labels", "harbour", "-o", "labels.parquet")
    assert len(pandas.read_parquet(tmp_path / "labels.parquet")) == len(
        list(demo.labels("harbour"))
    )
    path = threadmark("export", "harbour", "--format", "csv").strip()
    assert (tmp_path / path).read_text().startswith("campaign,codebook,")
    told = threadmark("import", str(CASES / "table/reddit/input.csv"), "--corpus", "by-command")
    assert told == "input.csv: threads: 1 created; comments: 3 created; 4 refused\n"


# Routes that are being built


def test_rows_can_be_asked_for_since_a_time(demo: Threadmark) -> None:
    newest = max(datetime.fromisoformat(row["saved_at"]) for row in demo.annotations())
    later = newest + timedelta(hours=1)
    assert list(demo.annotations(campaign="harbour", updated_since=later)) == []
    assert list(demo.annotations(campaign="harbour", updated_since=newest - timedelta(days=9999)))
    assert list(demo.threads(corpus="harbour", updated_since=later + timedelta(days=1))) == []
    assert list(demo.comments(corpus="harbour", updated_since=later + timedelta(days=1))) == []


def test_records_are_written_once_however_often_they_are_sent(
    demo: Threadmark, corpus: str, records: list[Row]
) -> None:
    broken = {"record": "comment", "id": "", "thread_id": "t1", "text": "x"}
    sent = demo.send_records(corpus, (one for one in [*records, broken]))
    assert (sent.lines, sent.created, sent.refused) == (1202, 1201, 1), sent.refusals
    assert sent.refusals[0].line == 1202
    again = demo.send_records(corpus, records)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1201)
    stored = list(demo.comments(corpus=corpus))
    assert [one["source_id"] for one in stored] == [f"c{n}" for n in range(1200)]


def test_suggestions_are_written_once_and_replaced(demo: Threadmark) -> None:
    comments = [row for row in demo.comments(corpus="harbour") if row["kind"] == "comment"]
    guesses: list[Row] = [
        {"comment": row["id"], "answers": {"sentiment": "neutral"}} for row in comments[:3]
    ]
    sent = demo.send_suggestions("harbour", guesses, model="client-1")
    assert (sent.created, sent.refused) == (3, 0), sent.refusals
    assert demo.send_suggestions("harbour", guesses, model="client-1").unchanged == 3
    guesses[0]["answers"] = {"sentiment": "no such label"}
    sent = demo.send_suggestions("harbour", guesses, model="client-1")
    assert (sent.unchanged, sent.refused, sent.refusals[0].line) == (2, 1, 1)


def test_annotations_made_elsewhere_are_carried_over_once(demo: Threadmark, corpus: str) -> None:
    demo.import_file(CASES / "table/reddit/input.csv", corpus=corpus)
    about = {"slug": corpus, "corpus": corpus, "annotators": ["cleo"]}
    codebook = demo.campaign("harbour")["codebook"]
    demo._connection.post("campaigns/", {**about, "codebook": codebook})
    (sample,) = demo.rows(f"campaigns/{corpus}/samples/")
    Job(demo._connection, "samples", sample).wait()
    said = {"claim": "non_factual", "misinformation": "not_misleading", "sentiment": "neutral"}
    lines = [
        {"comment": row["id"], "annotator": "cleo", "answers": said}
        for row in demo.comments(corpus=corpus)
    ]
    sent = demo.send_annotations(corpus, lines)
    assert (sent.created, sent.refused) == (len(lines), 0), sent.refusals
    again = demo.send_annotations(corpus, lines)
    assert (again.created, again.unchanged) == (0, len(lines))
    assert [row["answers"] for row in demo.labels(corpus)] == [said] * len(lines)


def test_changes_come_once_and_the_cursor_says_where_to_go_on(
    demo: Threadmark, corpus: str
) -> None:
    demo.import_file(CASES / "table/reddit/input.csv", corpus=corpus)
    changes = demo.changes(corpus=corpus)
    kinds = [change["kind"] for change in changes]
    assert (kinds.count("thread"), kinds.count("comment")) == (1, 3)
    kept = changes.cursor
    while list(changes):  # a worker may just have found out their languages
        assert changes.cursor != kept
        kept = changes.cursor
    assert kept
    with pytest.raises(InvalidInput, match="no cursor"):
        list(demo.changes(corpus=corpus, cursor="elsewhere"))
    with pytest.raises(InvalidInput, match="Name either a corpus or a campaign"):
        demo.changes()


def test_a_mirror_holds_what_the_api_shows(demo: Threadmark, corpus: str, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    demo.import_file(CASES / "table/reddit/input.csv", corpus=corpus)
    first = demo.mirror(folder, corpus=corpus)
    assert (first.changed, first.gone) == (4, 0)
    again = demo.mirror(folder, corpus=corpus)
    lines = (folder / "comments.jsonl").read_text().splitlines()
    by_id = sorted(demo.comments(corpus=corpus), key=lambda row: int(row["id"]))
    # a worker may just have found out their languages
    assert [{**json.loads(line), "language": ""} for line in lines] == [
        {**row, "language": ""} for row in by_id
    ]
    assert again.gone == 0
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["comments.jsonl", "mirror.json", "threads.jsonl"]
    with pytest.raises(Conflict, match="choose another folder"):
        demo.mirror(folder, campaign="harbour")
    annotations = demo.mirror(tmp_path / "labels", campaign="harbour")
    assert annotations.changed == len(list(demo.annotations(campaign="harbour")))
