"""A study in which every text is an attack, made as an attacker with all rights would make it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.application import Application
from tests.e2e.api import Api
from tests.intruders.payloads import ALL, LINKS, line, text

SLUG = "planted"
# What forms and the API refuse, because a name takes fewer characters, lands there all the same.
PAST_THE_FORMS = """
from django.utils import timezone
from annotations.models import *
from importers.models import ImportRun
from tests.intruders.payloads import line
User.objects.create(username=line(1, 140), first_name=line(2, 140), last_name=line(3, 140))
User.objects.filter(username="cleo").update(first_name=line(4, 140), last_name=line(5, 140))
for user in User.objects.filter(username__in=["admin", "cleo"]):
    ApiToken.objects.create(user=user, name=line(12, 90), scopes=["all"])
category = ContentCategory.objects.create(key="planted", title=line(6, 80), description=line(7))
comment = Comment.objects.filter(corpus__slug="planted").first()
comment.warnings.create(category=category, basis="person", created_at=timezone.now())
Thread.objects.filter(corpus__slug="planted", source_id="t1").update(url="javascript:canary(1)")
Worker.objects.create(name=line(8, 90), seen_at=timezone.now())
for kind in (ExportRun, Release, ImportRun, Sample, AgreementRun):
    for job in kind.objects.filter(state="failed"):
        kind.objects.filter(pk=job.pk).update(error=line(9))
"""


@dataclass(frozen=True)
class Planted:
    """What the addresses of pages name."""

    thread: int
    comment: int
    imported: int
    webhook: int
    aggregation: int
    released: int
    earlier: int
    draft: int


def plant(application: Application, api: Api) -> Planted:
    api.insist(
        "POST",
        "corpora/",
        {"slug": SLUG, "name": line(0), "description": text(), "licence": line(1)},
    )
    imported = _import(api, f"<svg onload={line(2, 60)}>.jsonl".replace("/", ""), _records())
    _import(api, "'\"><img src=x onerror=canary(1)>.csv", "thread,id,text\n1,,<script>\n", "failed")
    for version in (1, 2):
        api.insist("POST", "codebooks/", {"source": json.dumps(_codebook(version))})
    _campaign(api)
    _label(api)
    _quality(api)
    webhook = _webhook(api)
    releases = [_release(api, f"0.{n}", confirmed=n < 3) for n in (1, 2, 3)]
    aggregation = api.insist("POST", f"campaigns/{SLUG}/aggregations/", {"method": "majority"})[
        "id"
    ]
    api.wait(f"aggregations/{aggregation}/")
    application.manage("shell", "-c", PAST_THE_FORMS)
    return Planted(
        thread=api.get(f"threads/?corpus={SLUG}")["results"][0]["id"],
        comment=api.get(f"comments/?corpus={SLUG}")["results"][0]["id"],
        imported=imported,
        webhook=webhook,
        aggregation=aggregation,
        earlier=releases[0],
        released=releases[1],
        draft=releases[2],
    )


def _records() -> str:
    """A thread for each way to open one, and a comment for each attack."""
    rows: list[dict[str, Any]] = [
        {"record": "thread", "id": "t1", "title": line(3), "url": "https://evil.example/'\"><b>"},
        {"record": "comment", "id": "c0", "thread_id": "t1", "kind": "article", "text": text()},
    ]
    for number, attack in enumerate(ALL, 1):
        written = f"{attack} https://evil.example/{number}"
        rows.append(
            {
                "record": "comment",
                "id": f"c{number}",
                "thread_id": "t1",
                "author_id": attack[:300],
                "author_name": attack[:300],
                "reply_to": f"c{number // 2}",
                "text": written,
                "html": attack,
                "raw": {attack: attack},
                "links": [{"start": 0, "end": len(attack), "url": f"https://e.example/{number}"}],
            }
        )
    for number, url in enumerate(LINKS):
        link = [{"start": 0, "end": 4, "url": url}]
        rows.append({"record": "comment", "id": f"l{number}", "thread_id": "t1", "text": "here",
                     "links": link})  # fmt: skip
    return "\n".join(map(json.dumps, rows))


def _import(api: Api, name: str, content: str, *ends: str) -> int:
    boundary = uuid4().hex
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="corpus"\r\n\r\n{SLUG}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{name.replace(chr(34), "%22")}"\r\n'
        f"Content-Type: text/html\r\n\r\n{content}\r\n--{boundary}--\r\n"
    )
    kind = f"multipart/form-data; boundary={boundary}"
    run = json.loads(api._send("POST", "imports/", parts.encode(), kind))
    run = api.wait(f"imports/{run['id']}/")
    assert run["state"] in ("done", *ends), run
    number: int = run["id"]
    return number


def _codebook(version: int) -> dict[str, Any]:
    """JSON is YAML."""
    labels = [
        {
            "key": f"l{number}",
            "title": line(number, 100),
            "definition": line(number + 1),
            "example": line(number + 2),
        }
        for number in range(4)
    ]
    return {
        "key": SLUG,
        "version": version,
        "title": line(version),
        "description": text(),
        "licence": line(4, 100),
        "citations": [line(5), *(one for one in LINKS if one.isprintable())],
        "guidelines": text(),
        "confidence": True,
        "questions": [
            {"key": "one", "title": line(6), "kind": "single_label", "help": line(7),
             "labels": labels},
            {"key": "part", "title": line(8), "kind": "span", "labels": labels, "required": False},
            {"key": "why", "title": line(9), "kind": "text", "required": False},
        ],
    }  # fmt: skip


def _campaign(api: Api) -> None:
    wanted = {
        "slug": SLUG,
        "name": line(10),
        "description": text(),
        "corpus": SLUG,
        "codebook": {"key": SLUG, "version": 1},
        "annotators": ["cleo", "ben"],
        "overlap": 2,
        "support_text": text()[:10_000],
        "show_names": True,
        "sample": {"keywords": [], "draw": "all"},
    }
    api.new_campaign(wanted)
    api.insist("POST", f"campaigns/{SLUG}/rulings/", {"text": text()[:20_000]})
    api.insist(
        "POST", f"campaigns/{SLUG}/invitations/", {"role": "viewer", "days": 7, "note": line(11)}
    )
    api.insist("POST", f"campaigns/{SLUG}/members/", {"username": "ada", "role": "adjudicator"})
    fit = {"keywords": [line(n, 60) for n in range(5)], "draw": "random", "size": 1}
    api.insist("POST", f"campaigns/{SLUG}/samples/", fit)
    comments = api.get(f"comments/?corpus={SLUG}")["results"]
    hint = {"comment": comments[3]["id"], "answers": {"one": "l1", "why": line(13)}}
    api.insist(
        "POST", f"campaigns/{SLUG}/suggestions/", {"model": line(14, 100), "suggestions": [hint]}
    )


def _label(api: Api) -> None:
    """Two disagree about many comments, with notes; one skips some."""
    rows = []
    for number in range(1, 30):
        for place, who in enumerate(("cleo", "ben")):
            skips = number % 9 == 0 and who == "ben"
            rows.append(
                {
                    "id": str(uuid4()),
                    "comment_source_id": f"c{number}",
                    "annotator": who,
                    "state": "skipped" if skips else "submitted",
                    "answers": {} if skips else {
                        "one": f"l{(number + place * (number % 2)) % 4}", "why": line(number)
                    },
                    "note": line(number + 1),
                    "flagged": number % 3 == 0,
                    "skip_reason": line(number + 2) if skips else "",
                }
            )  # fmt: skip
    body = "\n".join(map(json.dumps, rows)).encode()
    answer = api._send("POST", f"campaigns/{SLUG}/annotations/", body, "application/x-ndjson")
    *results, counts = map(json.loads, answer.splitlines())
    assert counts["refused"] == 0, [one for one in results if one["outcome"] == "refused"][:3]
    note = api.get(f"campaigns/{SLUG}/notes/")["results"][0]
    found = re.findall(r"'(\w*id|annotation)': (\d+)", str(note))
    reply = {"note": note["note"], "ruling": text()[:20_000], "text": line(15)}
    api.insist(
        "POST", f"campaigns/{SLUG}/notes/{note.get('annotation', found[0][1])}/reply/", reply
    )


def _quality(api: Api) -> None:
    comment = api.get(f"comments/?corpus={SLUG}")["results"][5]["id"]
    known = {"comment": comment, "answers": {"one": "l1"}, "reason": text()[:10_000]}
    api.insist("POST", f"campaigns/{SLUG}/known/", {"purpose": "training", "known": [known]})
    run = api.insist("POST", f"campaigns/{SLUG}/agreement/", {"resamples": 0})
    api.wait(f"agreement/{run['id']}/")


def _webhook(api: Api) -> int:
    url = "https://evil.example/'><img/src=x/onerror=canary(1)>?{{7*7}}"
    wanted = {"url": url, "events": ["export.done"]}
    number: int = api.insist("POST", f"campaigns/{SLUG}/webhooks/", wanted)["id"]
    api.insist("POST", f"campaigns/{SLUG}/webhooks/{number}/ping/")
    return number


def _release(api: Api, version: str, *, confirmed: bool) -> int:
    card = {
        "creators": [{"name": line(16), "affiliation": line(17)}],
        "licence": "CC-BY-4.0",
        "description": text()[:9_000],
        "keywords": [line(18, 90)],
        "funding": line(19),
        "contact": line(20),
        "warnings": [line(21)],
    }
    wanted = {
        "campaign": SLUG,
        "title": line(22),
        "version": version,
        "formats": ["csv", "jsonl"],
        "card": card,
    }
    number: int = api.insist("POST", "releases/", wanted)["id"]
    if confirmed:
        api.insist("POST", f"releases/{number}/confirm/")
        api.wait(f"releases/{number}/")
    return number
