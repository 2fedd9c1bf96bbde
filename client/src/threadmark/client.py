"""One server, asked in the name of one token."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from threadmark.changes import Changes
from threadmark.connection import Connection, Row, read_json
from threadmark.errors import InvalidInput, NotFound
from threadmark.files import Progress
from threadmark.jobs import Job
from threadmark.labels import Labels
from threadmark.mirror import Mirrored, mirror
from threadmark.sending import Sent, Told, send
from threadmark.upload import Upload
from threadmark.version import __version__

LOCAL = "http://127.0.0.1:8000"
PAGE_ROWS = 500
RECORDS_AT_ONCE = 10_000  # each request is an import of its own
ANNOTATIONS_AT_ONCE = 500
SUGGESTIONS_AT_ONCE = 2_000


class Threadmark:
    """A Threadmark server, asked in the name of one token.

    ``url`` is the server's address (left out: the variable THREADMARK_URL, else
    http://127.0.0.1:8000), ``token`` one made on the account page (left out: THREADMARK_TOKEN).
    ``timeout`` is how many seconds the server may be silent. What was throttled, or met a busy
    server or a broken connection, is asked again up to ``retries`` times, with pauses of up to a
    minute; what may have changed something is only asked again where a repeat changes nothing.
    Everything raises ThreadmarkError; one object can serve several threads.

        server = Threadmark("https://threadmark.example", token="tm_…")
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 60,
        retries: int = 6,
    ) -> None:
        chosen = os.environ.get("THREADMARK_TOKEN", "") if token is None else token
        self._connection = Connection(
            url or os.environ.get("THREADMARK_URL") or LOCAL,
            chosen.strip(),
            timeout=timeout,
            retries=retries,
            agent=f"threadmark/{__version__}",
        )

    def __repr__(self) -> str:
        return f"Threadmark({self.url!r})"

    def __enter__(self) -> Threadmark:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return self._connection.url

    def close(self) -> None:
        """Closes the connections that are kept open; ``with Threadmark() as server`` does it."""
        self._connection.close()

    # Reading

    def get(self, path: str, **query: Any) -> Any:
        """The object at any path of the API. Raises NotFound and the like.

        For example:

            server.get("codebooks/")["results"]

        """
        return self._connection.get(path, query)

    def rows(self, path: str, **query: Any) -> Iterator[Row]:
        """The rows of any list of the API; its pages are asked for while you go on.

        For example:

            for member in server.rows("campaigns/harbour/members/"):
                print(member["pseudonym"])

        """
        for page in self._connection.pages(path, {"page_size": PAGE_ROWS, **query}):
            yield from page["results"]

    def me(self) -> Row:
        """Who you are, your roles in campaigns, and what the token is for."""
        return self.get("me/")  # type: ignore[no-any-return]

    def corpora(self) -> Iterator[Row]:
        """The corpora that you may read."""
        return self.rows("corpora/")

    def campaigns(self) -> Iterator[Row]:
        """The campaigns that you take part in; staff get all."""
        return self.rows("campaigns/")

    def campaign(self, slug: str) -> Row:
        """One campaign with its design. Raises NotFound."""
        return self.get(f"campaigns/{slug}/")  # type: ignore[no-any-return]

    def threads(
        self,
        *,
        corpus: str | None = None,
        updated_since: datetime | str | None = None,
        **filters: Any,
    ) -> Iterator[Row]:
        """Threads, without their comments. The filters are those of the route.

        For example:

            long = server.threads(corpus="harbour", min_comments=20)

        """
        return self.rows("threads/", corpus=corpus, updated_since=updated_since, **filters)

    def comments(
        self,
        *,
        thread: int | None = None,
        corpus: str | None = None,
        updated_since: datetime | str | None = None,
        **filters: Any,
    ) -> Iterator[Row]:
        """Comments with their texts; of a thread (by its id), a corpus, or all that you see.

        For example:

            texts = [comment["text"] for comment in server.comments(thread=1)]

        """
        asked = {"thread": thread, "corpus": corpus, "updated_since": updated_since}
        return self.rows("comments/", **asked, **filters)

    def annotations(
        self,
        *,
        campaign: str | None = None,
        updated_since: datetime | str | None = None,
        **filters: Any,
    ) -> Iterator[Row]:
        """Annotations as they stand, drafts and all; ``labels`` is made for datasets.

        For example:

            today = server.annotations(campaign="harbour", updated_since="2026-01-31T00:00Z")

        """
        return self.rows("annotations/", campaign=campaign, updated_since=updated_since, **filters)

    def labels(self, campaign: str, **contents: Any) -> Labels:
        """The labels of a campaign: to iterate over, as a data frame, or as a file.

        ``contents`` chooses as for an export (docs/exports.md): ``layers``, ``context``,
        ``privacy``, ``notes``, and filters such as ``languages`` beside them.

            server.labels("harbour", layers=["human"], languages=["en"]).to_pandas()
        """
        return Labels(self._connection, campaign, contents)

    def changes(
        self, *, corpus: str | None = None, campaign: str | None = None, cursor: str | None = None
    ) -> Changes:
        """What changed in a corpus (threads, comments) or a campaign (annotations) since the
        cursor; without one, everything there is. Raises Conflict for a cursor that this server
        did not give.
        """
        feed, slug = _feed(corpus, campaign)
        kind = "corpora" if feed == "corpus" else "campaigns"
        return Changes(self._connection, f"{kind}/{slug}/changes/", cursor)

    def mirror(
        self,
        folder: str | os.PathLike[str],
        *,
        corpus: str | None = None,
        campaign: str | None = None,
        progress: Progress | None = None,
    ) -> Mirrored:
        """Keeps a copy in a folder, and brings it up to date by what changed since.

        A corpus becomes `threads.jsonl` and `comments.jsonl`, a campaign `annotations.jsonl`:
        one row a line as the API shows it, in the order of the ids; what is no more is taken
        out. `mirror.json` keeps the cursor. Stopped anywhere, the next call goes on. Raises
        Conflict for a folder that mirrors something else, or that another process is in.

            server.mirror("copy", campaign="harbour")
        """
        feed, slug = _feed(corpus, campaign)
        return mirror(self._connection, feed, slug, Path(folder), progress)

    # Jobs

    def export(
        self,
        campaign: str,
        *,
        format: str = "jsonl",
        contents: Mapping[str, Any] | None = None,
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Job:
        """Has an export made, and waits for it. Raises InvalidInput and JobFailed.

        For example:

            job = server.export("harbour", format="huggingface", contents={"context": "thread"})
            job.download("harbour.zip")

        """
        asked = {"campaign": campaign, "format": format}
        if contents is not None:
            asked = {**asked, "contents": dict(contents)}  # type: ignore[dict-item]
        job = Job(self._connection, "exports", self._connection.post("exports/", asked))
        return job.wait(progress=progress) if wait else job

    def exports(self, *, campaign: str | None = None) -> Iterator[Job]:
        """The exports of the campaigns that you may export, the newest first."""
        for row in self.rows("exports/", campaign=campaign):
            yield Job(self._connection, "exports", row)

    def make_corpus(self, slug: str, **about: str) -> Row:
        """Makes an empty corpus (staff). Raises Conflict where the slug is taken.

        For example:

            server.make_corpus("bridge", name="The bridge", licence="CC-BY-4.0")

        """
        made: Row = self._connection.post("corpora/", {"slug": slug, **about})
        return made

    def import_file(
        self,
        path: str | os.PathLike[str],
        *,
        corpus: str,
        format: str | None = None,
        options: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Job:
        """Imports a file of threads into a corpus (staff), and waits for it.

        The format and its options are told by the content where they are left out
        (docs/formats.md). The same file twice stores nothing twice. ``row["counts"]`` of the job
        says what was created, updated, unchanged and refused; the file is never in memory as a
        whole. Raises InvalidInput, NotFound for the corpus, and JobFailed.

            server.import_file("comments.csv", corpus="bridge").row["counts"]
        """
        fields = {"corpus": corpus, "dry_run": str(dry_run).lower()}
        fields |= {"format": format} if format else {}
        fields |= {"options": json.dumps(dict(options))} if options else {}
        form = Upload(Path(path), fields)
        answer = self._connection.ask("POST", "imports/", body=form, headers=form.headers)
        job = Job(self._connection, "imports", read_json(answer))
        return job.wait(progress=progress) if wait else job

    def imports(self, *, corpus: str | None = None) -> Iterator[Job]:
        """All imports, the newest first (staff)."""
        for row in self.rows("imports/", corpus=corpus):
            yield Job(self._connection, "imports", row)

    def releases(self, *, campaign: str | None = None) -> Iterator[Job]:
        """The releases that you may read, the newest first; drafts are `staged`."""
        for row in self.rows("releases/", campaign=campaign):
            yield Job(self._connection, "releases", row)

    def release(self, campaign: str, version: str) -> Job:
        """The release of a campaign with that version. Raises NotFound.

        For example:

            server.release("harbour", "1.0").download("harbour-1.0.zip")

        """
        for job in self.releases(campaign=campaign):
            if job.row.get("version") == version:
                return job.refresh()
        raise NotFound(f"{campaign} has no release {version} that you may see.", code="not_found")

    # Writing in bulk

    def send_records(
        self, corpus: str, records: Iterable[Mapping[str, Any]], *, told: Told | None = None
    ) -> Sent:
        """Writes threads and comments into a corpus (staff), one record a line (docs/bulk.md).

        They are sent before this returns, in chunks, so any iterable will do, however long, and
        ``told`` is called with the Result of each as the answers come. Records are known by
        their ids at the source: sent again, they change nothing. What is refused is counted, and
        the rest goes on. Raises ThreadmarkError where a whole chunk cannot be sent; those before
        it are stored.

            server.send_records("bridge", records).refusals
        """
        path = f"corpora/{corpus}/records/"
        return send(self._connection, path, records, chunk_lines=RECORDS_AT_ONCE, told=told)

    def send_annotations(
        self, campaign: str, annotations: Iterable[Mapping[str, Any]], *, told: Told | None = None
    ) -> Sent:
        """Writes annotations, your own or as a manager those made elsewhere (docs/bulk.md).

        Each line has an ``id``, a UUID by which the server knows a repeat. Where you give none,
        it is made of the campaign and what the line says: the same line again changes nothing.
        So a line that goes back to what an earlier one said, after another came between, needs
        an ``id`` of its own. Else as ``send_records``.

            server.send_annotations("harbour", [{"comment": 17, "answers": {"claim": "none"}}])
        """
        lines = (_with_id(campaign, one) for one in annotations)
        path = f"campaigns/{campaign}/annotations/"
        return send(self._connection, path, lines, chunk_lines=ANNOTATIONS_AT_ONCE, told=told)

    def send_suggestions(
        self,
        campaign: str,
        suggestions: Iterable[Mapping[str, Any]],
        *,
        model: str,
        told: Told | None = None,
    ) -> Sent:
        """Writes what a model suggests, one suggestion a line (docs/bulk.md).

        ``model`` is its name with its version. It has one suggestion for each unit: the same
        again changes nothing, other answers replace its own. Else as ``send_records``.

            guesses = ({"comment": c["id"], "answers": guess(c["text"])} for c in comments)
            server.send_suggestions("harbour", guesses, model="claim-finder-2")
        """
        path = f"campaigns/{campaign}/suggestions/"
        return send(
            self._connection,
            path,
            suggestions,
            {"model": model},
            chunk_lines=SUGGESTIONS_AT_ONCE,
            told=told,
        )


def _feed(corpus: str | None, campaign: str | None) -> tuple[str, str]:
    """Raises InvalidInput unless one of them is named."""
    if corpus is not None and campaign is None:
        return "corpus", corpus
    if campaign is not None and corpus is None:
        return "campaign", campaign
    raise InvalidInput("Name either a corpus or a campaign.", code="invalid")


def _with_id(campaign: str, annotation: Mapping[str, Any]) -> Row:
    if annotation.get("id"):
        return dict(annotation)
    said = json.dumps(annotation, sort_keys=True, ensure_ascii=False)
    return {**annotation, "id": str(uuid5(NAMESPACE_URL, f"{campaign} {said}"))}
