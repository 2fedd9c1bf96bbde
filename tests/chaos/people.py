"""Accounts for an application, each with a password and a token, and a codebook to begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.application import Application

PASSWORD = "seven-quiet-ferries"
# One hash for all: making one takes a third of a second, on purpose.
MAKE = """
import json
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from annotations.models import ApiToken, Codebook, User
from annotations.services.codebooks import load_codebook
from annotations.services.tokens import create_token
from importers.demo.build import STARTER
if not Codebook.objects.exists():
    load_codebook(text=STARTER.read_text(encoding="utf-8"), now=timezone.now())
password = make_password({password!r})
tokens = {{}}
for name in {names!r}:
    user = User.objects.create(
        username=name, password=password, is_staff=name in {staff!r}, is_superuser=name in {staff!r}
    )
    token = create_token(user=user, name="tests", scopes=ApiToken.Scope.values)
    tokens[name] = token[1]
print("made:" + json.dumps(tokens))
"""


@dataclass(frozen=True)
class Person:
    name: str
    token: str


def make_people(
    application: Application, names: list[str], staff: tuple[str, ...] = ("vera",)
) -> list[Person]:
    script = MAKE.format(password=PASSWORD, names=names, staff=staff)
    output = application.manage("shell", "-v", "0", "-c", script).stdout
    tokens = json.loads(output.split("made:", 1)[1])
    return [Person(name, tokens[name]) for name in names]
