"""The import pages: upload, see how the files read, watch, read the report."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Comment, Corpus, Worker
from annotations.services.jobs import run_job
from importers.models import ImportRun
from importers.preview import preview_of
from importers.progress import pace_of
from importers.records import (
    BlockRecord,
    CommentRecord,
    GoldRecord,
    Note,
    Record,
    RecordError,
    RelationRecord,
    ThreadRecord,
)
from importers.report import Report
from importers.running import run_import
from tests import builders as build

pytestmark = pytest.mark.django_db
TABLE = """thread_id,id,parent_id,author,body,alt
t1,1,,ada,The bridge costs two million a year.,Nothing to say here at all
t1,2,1,bob,Then close it and build a tunnel.,Nothing to say here either
t1,3,9,eve,Who pays for all of this then?,And nothing at all once more
t1,,,eve,A row without an id is refused.,So that it is counted somewhere
"""
DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><id>a</id><forum>f</forum><link>http://b.example/a</link><title>A</title>
<createdAt>2024-01-01T00:00:00Z</createdAt><isDeleted>false</isDeleted></thread>
<post dsq:id="2"><id/><message><![CDATA[<p>Well.</p>]]></message>
<createdAt>2024-01-02T00:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Ada</name><email>ada@b.example</email><isAnonymous>true</isAnonymous></author>
<ipAddress>1.2.3.4</ipAddress><thread dsq:id="1"/></post>
</disqus>
"""


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(build.build_user("sue", is_staff=True))
    return client


def upload(client: Client, text: str = TABLE, **fields: str) -> str:
    """The address of the import's page."""
    file = SimpleUploadedFile("talk.csv", text.encode())
    sent = {"file": file, "author_names": "pseudonym", "new_corpus": "The bridge", **fields}
    return str(client.post("/imports/new/", sent)["Location"])


def mapped(**columns: str) -> dict[str, str]:
    told = {"thread": "thread_id", "comment": "id", "parent": "parent_id", "text": "body"}
    return {f"column_{role}": name for role, name in {**told, **columns}.items()}


def work(address: str) -> ImportRun:
    """What a worker does with the import."""
    pk = int(address.strip("/").split("/")[-1])
    run_job(ImportRun, pk, run_import)
    return ImportRun.objects.get(pk=pk)


def test_a_table_is_shown_as_it_will_be_read_before_anything_is_stored(staff: Client) -> None:
    html = staff.get(upload(staff)).content.decode()
    assert '<option value="body" selected>body</option>' in html
    assert "Then close it and build a tunnel." in html
    assert "Line 5: The row was left out." in html
    assert "Table (CSV" in html
    assert ImportRun.objects.get().state == "staged"
    assert Corpus.objects.get().slug == "the-bridge"
    assert not Comment.objects.exists()


def test_other_columns_can_be_tried_without_starting(staff: Client) -> None:
    address = upload(staff)
    response = staff.post(f"{address}start/", {**mapped(text="alt"), "preview": "1"})
    assert "Nothing to say here either" in response.content.decode()
    assert ImportRun.objects.get().state == "staged"


def test_a_confirmed_import_waits_for_a_worker_and_says_so(staff: Client) -> None:
    address = upload(staff)
    html = staff.post(f"{address}start/", mapped(), follow=True).content.decode()
    run = ImportRun.objects.get()
    assert run.state == "queued"
    assert f'data-progress-url="/imports/{run.pk}/progress/"' in html
    assert "No worker is running, so this waits" in html
    Worker.objects.create(name="w", seen_at=timezone.now())
    assert "No worker is running" not in staff.get(address).content.decode()


def test_the_report_counts_what_was_stored_and_what_was_refused(staff: Client) -> None:
    address = upload(staff)
    staff.post(f"{address}start/", mapped(author="author"))
    run = work(address)
    assert (run.state, run.error) == ("done", "")
    html = staff.get(address).content.decode()
    assert _row(html, "Threads") == ["1", "0", "0"]
    assert _row(html, "Comments") == ["3", "0", "0"]
    assert _row(html, "Authors") == ["3", "0", "0"]
    assert _row(html, "Replies given by the source") == ["1"]
    assert _row(html, "Replies to comments not there") == ["1"]
    assert _row(html, "Visible") == ["3"]
    assert _row(html, "Refused") == ["1"]
    assert '<td class="num nowrap">5</td><td>The row was left out.' in html
    assert 'href="/corpora/the-bridge/"' in html
    assert "data-progress-url" not in html


def test_the_columns_that_were_chosen_are_the_ones_imported(staff: Client) -> None:
    address = upload(staff)
    staff.post(f"{address}start/", mapped(text="alt"))
    work(address)
    assert Comment.objects.filter(text="Nothing to say here either").exists()


def test_a_dry_run_reports_and_stores_nothing_until_it_is_done_for_real(staff: Client) -> None:
    address = upload(staff)
    staff.post(f"{address}start/", {**mapped(), "dry_run": "1"})
    work(address)
    html = staff.get(address).content.decode()
    assert "nothing was stored" in html
    assert _row(html, "Comments") == ["3", "0", "0"]
    assert not Comment.objects.exists()
    real = str(staff.post(f"{address}repeat/")["Location"])
    work(real)
    assert Comment.objects.count() == 3


def test_a_table_without_a_text_column_is_not_started(staff: Client) -> None:
    address = upload(staff)
    response = staff.post(f"{address}start/", mapped(text=""))
    assert "This field is required." in response.content.decode()
    assert ImportRun.objects.get().state == "staged"


def test_a_file_that_nobody_reads_is_refused_and_leaves_nothing(staff: Client) -> None:
    response = send(staff, file=SimpleUploadedFile("talk.csv", b"PK\x03\x04" + bytes(100)))
    assert "zip" in response.content.decode().lower()
    assert not ImportRun.objects.exists()
    assert not Corpus.objects.exists()


def test_a_file_goes_into_a_corpus_that_is_there(staff: Client) -> None:
    corpus = build.build_corpus("old")
    page = staff.get("/imports/new/?corpus=old").content.decode()
    assert f'<option value="{corpus.pk}" selected>' in page
    upload(staff, corpus=str(corpus.pk), new_corpus="")
    assert ImportRun.objects.get().corpus == corpus


@pytest.mark.parametrize("name", ["", "both"])
def test_the_corpus_must_be_clear(staff: Client, name: str) -> None:
    corpus = build.build_corpus()
    file = SimpleUploadedFile("talk.csv", TABLE.encode())
    sent = {"file": file, "author_names": "pseudonym", "new_corpus": name}
    response = staff.post("/imports/new/", {**sent, "corpus": corpus.pk} if name else sent)
    assert "name a new one" in response.content.decode()


def test_the_name_of_a_corpus_that_is_there_is_refused_in_words(staff: Client) -> None:
    build.build_corpus("the-bridge")
    file = SimpleUploadedFile("talk.csv", TABLE.encode())
    sent = {"file": file, "author_names": "pseudonym", "new_corpus": "The bridge"}
    html = staff.post("/imports/new/", sent).content.decode()
    assert "There is a corpus &#x27;the-bridge&#x27; already" in html


def test_a_corpus_named_new_keeps_the_form_reachable(staff: Client) -> None:
    upload(staff, new_corpus="New")
    assert staff.get("/corpora/new/").status_code == 200
    assert staff.get("/corpora/corpus-new/").status_code == 200


def test_an_import_is_cancelled_and_tried_again(staff: Client) -> None:
    address = upload(staff)
    staff.post(f"{address}start/", mapped())
    staff.post(f"{address}cancel/")
    assert ImportRun.objects.get().state == "cancelled"
    assert "Try again" in staff.get(address).content.decode()
    staff.post(f"{address}retry/")
    assert ImportRun.objects.get().state == "queued"


def test_a_failed_import_says_why(staff: Client) -> None:
    address = upload(staff)
    ImportRun.objects.update(state="failed", error="The disk is full.", finished_at=build.NOON)
    assert "The disk is full." in staff.get(address).content.decode()


def test_a_format_that_was_named_is_shown_before_it_is_started(staff: Client) -> None:
    html = staff.get(upload(staff, format="saved_page")).content.decode()
    run = ImportRun.objects.get()
    assert (run.state, run.format) == ("staged", "saved_page")
    assert 'value="saved_page" id="format-saved_page" checked' in html
    assert "almost certainly (90 %)" in html, "what it looks like is told all the same"


class TestPreview:
    def test_threads_are_trees_with_names_as_the_corpus_shows_them(self, staff: Client) -> None:
        address = upload(staff)
        shown = staff.get(address).context["preview"]
        (thread,) = shown.threads
        assert [(line.label, line.depth) for line in thread.lines] == [
            ("#0", 0),
            ("#1", 1),
            ("#2", 0),
        ]
        first, answer, orphan = thread.lines
        assert answer.answers.words == f"#0 {first.name}"
        assert len(first.name) == 10
        assert orphan.orphan == "answers a comment that is not among these"
        html = staff.get(address).content.decode()
        assert f'href="{answer.answers.href}"' in html
        assert f'id="{first.anchor}"' in html

    def test_the_pseudonyms_are_those_that_will_be_stored(self, staff: Client) -> None:
        address = upload(staff)
        (thread,) = staff.get(address).context["preview"].threads
        staff.post(f"{address}start/", mapped(author="author"))
        work(address)
        stored = Comment.objects.order_by("position").values_list("author__pseudonym", flat=True)
        assert [line.name for line in thread.lines] == list(stored)

    def test_names_are_shown_where_the_corpus_shows_them(self, staff: Client) -> None:
        address = upload(staff, author_names="shown")
        (thread,) = staff.get(address).context["preview"].threads
        assert [line.name for line in thread.lines] == ["ada", "bob", "eve"]

    def test_a_long_thread_and_many_threads_are_cut(self, staff: Client) -> None:
        rows = [f"t{n % 5},{n},,ada,Comment number {n} says a few words.,x" for n in range(200)]
        text = "\n".join([TABLE.splitlines()[0], *rows])
        threads = staff.get(upload(staff, text)).context["preview"].threads
        assert [(len(thread.lines), thread.unshown) for thread in threads] == [(25, 15)] * 3

    def test_text_is_shown_as_text(self, staff: Client) -> None:
        text = TABLE.replace("Who pays", "<script>alert(1)</script> Who pays")
        html = staff.get(upload(staff, text)).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; Who pays" in html

    def test_a_ring_of_replies_is_cut(self) -> None:
        records = [
            CommentRecord(id=name, thread_id="t", text="Round and round.", reply_to=parent)
            for name, parent in (("a", "b"), ("b", "c"), ("c", "a"))
        ]
        (thread,) = preview_of(records, build.build_corpus()).threads
        assert [line.depth for line in thread.lines] == [0, 1, 2]

    def test_quotes_gaps_and_tombstones_are_shown_as_they_will_be(self) -> None:
        quote = RelationRecord(kind="quote", basis="given", start=0, end=4, target_id="a")
        lost = RelationRecord(kind="quote", basis="given", start=0, end=4, target_id="x")
        named = RelationRecord(kind="mention", basis="given", start=0, end=4, target_author_id="u")
        records: list[Record] = [
            ThreadRecord(id="t", title="Tolls", missing=4),
            CommentRecord(id="a", thread_id="t", text="", status="deleted_by_author"),
            CommentRecord(
                id="b",
                thread_id="t",
                text="Toll? No.",
                reply_to="a",
                basis="inferred",
                evidence="It says so.",
                blocks=(BlockRecord("quote", 0, 5), BlockRecord("paragraph", 6, 9)),
                relations=(quote, lost, named),
            ),
            GoldRecord(comment_id="b", codebook="c", question="q", label="l"),
            Note("retweets left out", 2),
            Note("retweets left out", 3),
            RecordError(7, "No."),
        ]
        shown = preview_of(records, build.build_corpus())
        (thread,) = shown.threads
        gone, answer = thread.lines
        assert (thread.title, thread.missing, gone.gone) == ("Tolls", 4, "Deleted by its author.")
        assert [part.kind for part in answer.parts] == ["quote", "paragraph"]
        assert (answer.depth, answer.evidence) == (0, "It says so.")
        assert [relation.words.split()[0] for relation in answer.relations] == [
            "quotes",
            "quotes",
            "mentions",
        ]
        assert (shown.gold, shown.notes) == (1, {"retweets left out": 5})
        assert [refusal.line for refusal in shown.refused] == [7]


class TestFormats:
    def test_another_format_is_tried_with_its_own_options(self, staff: Client) -> None:
        address = upload(staff)
        response = staff.post(f"{address}format/", {"format": "saved_page"})
        assert response["Location"] == address
        run = ImportRun.objects.get()
        assert (run.format, run.options, run.state) == ("saved_page", {}, "staged")
        assert "Which column holds what?" not in staff.get(address).content.decode()
        staff.post(f"{address}format/", {"format": "table"})
        assert ImportRun.objects.get().options["columns"]["text"] == "body"

    def test_a_format_that_is_none_changes_nothing(self, staff: Client) -> None:
        address = upload(staff)
        response = staff.post(f"{address}format/", {"format": "pigeon"})
        assert response.status_code == 400
        assert ImportRun.objects.get().format == "table"

    def test_a_started_import_keeps_its_format(self, staff: Client) -> None:
        address = upload(staff)
        staff.post(f"{address}start/", mapped())
        assert staff.post(f"{address}format/", {"format": "saved_page"}).status_code == 409
        assert ImportRun.objects.get().format == "table"

    def test_a_format_that_cannot_read_the_file_says_so_and_can_be_left(
        self, staff: Client
    ) -> None:
        address = upload(staff, format="disqus")
        response = staff.get(address)
        assert response.status_code == 400
        html = response.content.decode()
        assert 'role="alert"' in html
        assert f'action="{address}format/"' in html
        staff.post(f"{address}start/", {})
        assert ImportRun.objects.get().state == "staged"


class TestOptions:
    def test_private_fields_are_kept_only_if_asked(self, staff: Client) -> None:
        address = upload(staff, DISQUS)
        assert 'name="keep_private"' in staff.get(address).content.decode()
        staff.post(f"{address}start/", {"keep_private": "on", "more": ""})
        assert ImportRun.objects.get().options == {"keep_private": True}

    def test_other_options_are_json_and_stay_as_typed(self, staff: Client) -> None:
        address = upload(staff, DISQUS)
        typed = '{"merge_by_link": tru'
        html = staff.post(f"{address}start/", {"more": typed}).content.decode()
        assert "Enter a valid JSON." in html
        assert "{&quot;merge_by_link&quot;: tru" in html
        html = staff.post(f"{address}start/", {"more": "[1]"}).content.decode()
        assert "Options are a JSON object" in html
        response = staff.post(f"{address}start/", {"more": '{"merge": 1}'})
        assert "make no sense" in response.content.decode()
        assert ImportRun.objects.get().state == "staged"
        staff.post(f"{address}start/", {"more": '{"merge_by_link": true}'})
        assert ImportRun.objects.get().options == {"merge_by_link": True}

    def test_a_format_without_that_option_does_not_ask(self, staff: Client) -> None:
        html = staff.get(upload(staff, format="saved_page")).content.decode()
        assert 'name="keep_private"' not in html


class TestSeveralFiles:
    def test_they_are_one_import_and_keep_their_folders(self, staff: Client) -> None:
        files = [SimpleUploadedFile(name, TABLE.encode()) for name in ("a.csv", "b.csv", "b.csv")]
        paths = json.dumps(["talk/x/a.csv", "talk/b.csv", "talk\\..\\b.csv"])
        send(staff, file=files, paths=paths)
        run = ImportRun.objects.get()
        assert (run.file_name, run.format) == ("talk.zip", "table")
        with default_storage.open(run.file) as kept, zipfile.ZipFile(kept) as archive:
            assert archive.namelist() == ["talk/x/a.csv", "talk/b.csv", "talk/2 b.csv"]
            assert archive.read("talk/b.csv") == TABLE.encode()
            assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}

    def test_without_paths_their_names_are_enough(self, staff: Client) -> None:
        files = [SimpleUploadedFile(f"{n}.csv", TABLE.encode()) for n in "abc"]
        address = send(staff, file=files)["Location"]
        run = ImportRun.objects.get()
        assert run.file_name == "a.csv and 2 others"
        staff.post(f"{address}start/", mapped())
        run = work(address)
        assert (run.state, run.error) == ("done", "")
        assert run.counts["comments"]["created"] == 3

    @pytest.mark.parametrize("paths", ["no JSON", "{}", '["one"]', "[1, 2]", '["/", ".."]'])
    def test_paths_that_make_no_sense_harm_nothing(self, staff: Client, paths: str) -> None:
        files = [SimpleUploadedFile(f"{n}.csv", TABLE.encode()) for n in "ab"]
        response = send(staff, file=files, paths=paths)
        assert response.status_code == 302
        run = ImportRun.objects.get()
        with default_storage.open(run.file) as kept, zipfile.ZipFile(kept) as archive:
            names = archive.namelist()
        assert len(names) == 2
        assert not any(".." in name or name.startswith("/") for name in names)

    def test_one_file_stays_itself(self, staff: Client) -> None:
        upload(staff)
        run = ImportRun.objects.get()
        with default_storage.open(run.file) as kept:
            assert kept.read() == TABLE.encode()

    def test_too_much_at_once_is_refused_with_the_way_out(
        self, staff: Client, settings: Any
    ) -> None:
        settings.MAX_UPLOAD_BYTES = len(TABLE) + 10
        files = [SimpleUploadedFile(f"{n}.csv", TABLE.encode()) for n in "ab"]
        html = send(staff, file=files).content.decode()
        assert "import_threads" in html
        assert 'value="The bridge"' in html, "what was typed stays"
        assert not ImportRun.objects.exists()


def test_a_script_that_uploads_is_told_where_to_go(staff: Client) -> None:
    file = SimpleUploadedFile("talk.csv", TABLE.encode())
    response = send(staff, file=file, headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 201
    assert response["Location"] == f"/imports/{ImportRun.objects.get().pk}/"


class TestProgress:
    @pytest.fixture
    def run(self) -> ImportRun:
        run = _runs(1)[0]
        run.state, run.started_at = "running", build.NOON
        run.heartbeat_at = build.NOON + timedelta(seconds=30)
        run.lease_until = run.heartbeat_at
        run.done, run.total, run.stored = 1_000_000, 9_000_000, 6_000
        run.save()
        return run

    def test_it_tells_bytes_speed_and_the_time_left(self, staff: Client, run: ImportRun) -> None:
        html = staff.get(f"/imports/{run.pk}/progress/").content.decode()
        assert 'value="1000000" max="9000000"' in html
        assert "6,000 records stored · 200 a second · about 4 minutes left" in html
        assert "data-finished" not in html
        assert "<html" not in html

    @pytest.mark.parametrize(
        ("done", "words"),
        [(8_900_000, "less than a minute left"), (20_000, "about 4 hours left"), (0, "")],
    )
    def test_the_time_left_is_in_words(self, run: ImportRun, done: int, words: str) -> None:
        run.done = done
        assert pace_of(run).time_left == words

    def test_nobody_guesses_from_nothing(self, run: ImportRun) -> None:
        run.heartbeat_at = run.started_at
        assert pace_of(run).per_second is None
        run.heartbeat_at = None
        assert pace_of(run).time_left == ""

    def test_the_end_is_told_to_the_page(self, staff: Client, run: ImportRun) -> None:
        ImportRun.objects.update(state="done", lease_until=None)
        html = staff.get(f"/imports/{run.pk}/progress/").content.decode()
        assert "data-finished" in html
        assert "a second" not in html

    def test_only_staff_watches(self, client: Client, run: ImportRun) -> None:
        client.force_login(build.build_user())
        assert client.get(f"/imports/{run.pk}/progress/").status_code == 403
        assert client.get(f"/imports/{run.pk}/refused.csv").status_code == 403


def test_the_report_tells_notes_gold_and_statuses(staff: Client) -> None:
    (run,) = _runs(1)
    counts = {
        **Report().counts(),
        "notes": {"retweets left out": 1200},
        "gold": 7,
        "statuses": {"deleted_by_author": 3},
    }
    ImportRun.objects.update(state="done", counts=counts)
    html = staff.get(f"/imports/{run.pk}/").content.decode()
    assert _row(html, "Retweets left out") == ["1,200"]
    assert _row(html, "Gold labels that came with the data") == ["7"]
    assert _row(html, "Deleted by author") == ["3"]


def test_refusals_come_as_csv(staff: Client) -> None:
    address = upload(staff)
    staff.post(f"{address}start/", mapped())
    work(address)
    response = staff.get(f"{address}refused.csv")
    assert "attachment" in response["Content-Disposition"]
    head, row = response.content.decode().splitlines()
    assert head == "line,message"
    assert row.startswith("5,")


@pytest.mark.parametrize("address", ["/imports/", "/imports/new/", "/imports/1/"])
def test_only_staff_imports(client: Client, address: str) -> None:
    client.force_login(build.build_user())
    assert client.get(address).status_code == 403


def test_the_list_costs_the_same_queries_for_many_imports(staff: Client) -> None:
    _runs(2)
    few = _queries(staff)
    _runs(20)
    assert _queries(staff) == few <= 8


def test_recent_imports_stand_on_the_first_page(staff: Client) -> None:
    _runs(7)
    html = staff.get("/").content.decode()
    newest = ImportRun.objects.latest("pk")
    assert f'href="/imports/{newest.pk}/"' in html
    assert html.count('href="/imports/') == 5 + len(["/imports/", "/imports/new/"])


def send(client: Client, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    sent = {"author_names": "pseudonym", "new_corpus": "The bridge", **fields}
    return client.post("/imports/new/", sent, headers=headers)


def _runs(count: int) -> list[ImportRun]:
    return [
        ImportRun.objects.create(
            corpus=build.build_corpus(),
            file_name="talk.csv",
            created_by=build.build_user(),
            created_at=build.NOON,
        )
        for _ in range(count)
    ]


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/imports/").status_code == 200
    return len(queries)


def _row(html: str, name: str) -> list[str]:
    """The figures of the report's row of this name."""
    cells = html.partition(f'<th scope="row">{name}</th>')[2].partition("</tr>")[0]
    return [cell.partition("</td>")[0] for cell in cells.split('<td class="num">')[1:]]
