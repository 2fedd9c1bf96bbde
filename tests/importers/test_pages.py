"""The import pages: upload, confirm the columns, watch, read the report."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Comment, Corpus, Worker
from annotations.services.jobs import run_job
from importers.models import ImportRun
from importers.services import run_import
from tests import builders as build

pytestmark = pytest.mark.django_db
TABLE = """thread_id,id,parent_id,author,body,alt
t1,1,,ada,The bridge costs two million a year.,Nothing to say here at all
t1,2,1,bob,Then close it and build a tunnel.,Nothing to say here either
t1,3,9,eve,Who pays for all of this then?,And nothing at all once more
t1,,,eve,A row without an id is refused.,So that it is counted somewhere
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
    assert "Refused: The row was left out." in html
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
    assert f'data-job-url="/api/v1/imports/{run.pk}/"' in html
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
    assert _figure(html, "Replies given by the source") == "1"
    assert _figure(html, "Replies to comments not there") == "1"
    assert _figure(html, "Refused") == "1"
    assert '<td class="num nowrap">5</td><td>The row was left out.' in html
    assert 'href="/corpora/the-bridge/"' in html
    assert "data-job-url" not in html


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
    file = SimpleUploadedFile("talk.csv", b"PK\x03\x04" + bytes(100))
    sent = {"file": file, "author_names": "pseudonym", "new_corpus": "The bridge"}
    response = staff.post("/imports/new/", sent)
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


def test_the_saved_text_of_a_page_is_started_at_once(staff: Client) -> None:
    file = SimpleUploadedFile("page.csv", TABLE.encode())
    sent = {"file": file, "author_names": "pseudonym", "new_corpus": "P", "format": "saved_page"}
    response = staff.post("/imports/new/", sent)
    assert response.status_code == 302
    assert ImportRun.objects.get().state == "queued"


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


def _runs(count: int) -> None:
    for _ in range(count):
        ImportRun.objects.create(
            corpus=build.build_corpus(),
            file_name="talk.csv",
            created_by=build.build_user(),
            created_at=build.NOON,
        )


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/imports/").status_code == 200
    return len(queries)


def _row(html: str, name: str) -> list[str]:
    """The figures of the report's row of this name."""
    cells = html.partition(f'<th scope="row">{name}</th>')[2].partition("</tr>")[0]
    return [cell.partition("</td>")[0] for cell in cells.split('<td class="num">')[1:]]


def _figure(html: str, name: str) -> str:
    return html.partition(f"<dt>{name}</dt><dd>")[2].partition("</dd>")[0]
