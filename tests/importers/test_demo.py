"""The demo shows something on every page, and is made once, even where it was interrupted."""

from __future__ import annotations

import io
import json
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from annotations.models import (
    Annotation,
    ApiToken,
    Campaign,
    Comment,
    ExportRun,
    Revision,
    User,
)
from annotations.selectors.assignments import progress
from importers.demo import build

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def var(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.VAR_DIR = tmp_path
    return tmp_path


def load() -> str:
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def accounts(var: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((var / "demo.json").read_text())
    return written


def counts() -> Counter[str]:
    models = (User, ApiToken, Campaign, Comment, Annotation, Revision, ExportRun)
    return Counter({model.__name__: model._default_manager.count() for model in models})


def test_its_figures(var: Path) -> None:
    assert "demo.json" in load()
    campaign = Campaign.objects.get()
    comments = campaign.corpus.comments
    assert (campaign.state, campaign.overlap) == ("open", 3)
    roles = {m.user.username: m.role for m in campaign.memberships.all() if m.user}
    assert roles == {"researcher": "manager", **dict.fromkeys(("ada", "ben", "cleo"), "annotator")}
    assert (comments.filter(kind="article").count(), comments.filter(kind="comment").count()) == (
        1,
        30,
    )
    assert comments.filter(reply_to__isnull=False).count() >= 15
    done = {
        member.user.username: progress(member)
        for member in campaign.memberships.filter(role="annotator")
        if member.user
    }
    assert {name: one.left for name, one in done.items()} == {
        "ada": 0,
        "ben": 0,
        "cleo": campaign.units.count() - build.LABELED_BY_CLEO,
    }
    assert Annotation.objects.filter(state="submitted").count() == 64
    export = ExportRun.objects.get()
    assert (export.state, default_storage.exists(export.file)) == ("done", True)
    assert export.rows == Annotation.objects.exclude(state="draft").count()


def test_it_has_the_texts_that_are_hard_to_show() -> None:
    load()
    texts = list(Comment.objects.values_list("text", flat=True))
    assert any("\u0590" <= sign <= "\u06ff" for text in texts for sign in text)
    assert any(ord(sign) > 0xFFFF for text in texts for sign in text)
    annotations = Annotation.objects.select_related("unit__comment").prefetch_related("answers")
    for annotation in annotations:
        assert annotation.unit.comment is not None
        for answer in annotation.answers.all():
            if answer.start is not None:
                assert answer.quote == annotation.unit.comment.text[answer.start : answer.end]


def test_its_accounts_are_for_their_owner_s_eyes(var: Path) -> None:
    load()
    written = accounts(var)
    for name in ("demo.json", "demo-token"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o600
    passwords = [account["password"] for account in written["accounts"]]
    assert len(set(passwords)) == len(passwords) == 5
    assert all(len(password) >= 12 for password in passwords)
    for account in written["accounts"]:
        assert User.objects.get(username=account["username"]).check_password(account["password"])
    assert {u.username for u in User.objects.filter(is_superuser=True)} == {"admin"}
    assert (var / "demo-token").read_text() == written["token"]
    assert ApiToken.objects.get().user.username == "researcher"


def test_it_is_loaded_once(var: Path) -> None:
    load()
    before, written = counts(), accounts(var)
    assert load() == "The demo is there already.\n"
    assert (counts(), accounts(var)) == (before, written)


def test_somebody_who_has_a_name_of_the_demo_is_left_alone(var: Path) -> None:
    mine = User.objects.create_user("ada", password="my own words", is_staff=True)
    with pytest.raises(CommandError, match="user 'ada'"):
        load()
    mine.refresh_from_db()
    assert mine.is_staff
    assert mine.check_password("my own words")
    assert list(User.objects.all()) == [mine]


@pytest.mark.parametrize("step", ["_corpus", "save_annotation", "start_export"])
def test_what_was_interrupted_is_finished(
    var: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C before each of its steps."""

    def interrupt(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(build, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            load()
    load()
    found = counts()
    assert (found["Annotation"], found["Revision"]) == (64, 64)
    assert (found["User"], found["Campaign"], found["ExportRun"]) == (5, 1, 1)
    assert load() == "The demo is there already.\n"
