"""No regular expression of the code can be made to run for ever.

All of them are found in the sources, so a new one is tried from its first day: those of
``re.compile`` and of the calls that take one, by the pattern itself. Each meets strings made of its
own parts, repeated, in a process that is ended where it takes more than its share of the processor.
What people write (rules, filters, recipes, searches) is never taken as a pattern: no call takes one
that is not written in the code.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annotations.exporters import tokens
from importers import markup, wiki_time
from project.environment import ROOT

FOLDERS = ("annotations", "importers", "project", "client/src")
CALLS = frozenset(
    {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
)
# Put together in a function, of parts that are in the code: what comes of it.
BUILT: dict[str, Callable[[], list[str]]] = {
    "annotations/exporters/tokens.py": lambda: [tokens._pattern().pattern],
    # a person's name, escaped
    "annotations/services/erased_account.py": lambda: [rf"(?<!\w){re.escape('a.b+c(')}(?!\w)"],
    "importers/markup.py": lambda: [rf"</{name}[\s/>]" for name in sorted(markup.UNSEEN)],
    "importers/wiki_time.py": lambda: [pattern.pattern for pattern in wiki_time._PATTERNS],
}
FLAGS_AT = {"sub": 4, "subn": 4, "split": 3, "compile": 1}
# Enough for every good one a hundred times over; a bad one needs hours.
CPU_SECONDS = 60
TRY = """
import json, re, sys, resource
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1]) + 1))
from re import _parser as parser
import importlib

IN_CATEGORY = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " \\n", "CATEGORY_WORD": "a_"}

def pieces(tree, found):
    for op, value in tree:
        name = str(op)
        if name == "LITERAL": found.append(chr(value))
        elif name == "NOT_LITERAL": found.append("x" if chr(value) != "x" else "y")
        elif name == "IN":
            for kind, inner in value:
                if str(kind) == "LITERAL": found.append(chr(inner))
                elif str(kind) == "RANGE": found += [chr(inner[0]), chr(inner[1])]
                elif str(kind) == "CATEGORY": found.extend(IN_CATEGORY.get(str(inner), "!"))
                elif str(kind) == "NEGATE": found.append("q")
        elif name == "ANY": found.append("z")
        elif name == "CATEGORY": found.append("a")
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"): pieces(value[2], found)
        elif name == "SUBPATTERN": pieces(value[3], found)
        elif name == "ATOMIC_GROUP": pieces(value, found)
        elif name in ("ASSERT", "ASSERT_NOT"): pieces(value[1], found)
        elif name == "BRANCH":
            for one in value[1]: pieces(one, found)
    return found

def tried(pattern, flags):
    found = re.compile(pattern, flags)
    own = "".join(dict.fromkeys(pieces(parser.parse(pattern, flags), [])))[:40]
    bases = [*own[:12], own, own[::-1], *(a + b for a, b in zip(own[:8], own[1:9])), "a", " ", "0"]
    starts = ["", own]
    for base in dict.fromkeys(bases):
        for start in starts:
            for end in ("!", "\\x00"):
                text = start + base * (SIZE // max(len(base), 1)) + end
                if isinstance(pattern, bytes): text = text.encode("latin-1", "replace")
                found.search(text); found.fullmatch(text)

SIZE = 500
for place, pattern, is_bytes, flags in json.loads(sys.stdin.read()):
    print(place, flush=True)
    tried(pattern.encode("latin-1") if is_bytes else pattern, flags)
print("all")
"""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Each call of the module ``re`` with its place."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "re" and node.func.attr in CALLS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def module_of(place: str) -> str:
    path = place.partition(":")[0].removeprefix("client/src/").removesuffix(".py")
    return path.replace("/", ".").removesuffix(".__init__")


def value(place: str, node: ast.expr) -> object:
    """What an expression of literals and of names of its module is."""
    names = vars(__import__(module_of(place), fromlist=["_"]))
    code = compile(ast.Expression(node), place, "eval")
    return eval(code, dict(names))  # noqa: S307


def patterns() -> list[tuple[str, str, bool, int]]:
    found: list[tuple[str, str, bool, int]] = []
    for place, node in calls():
        try:
            made = value(place, node.args[0])
        except NameError:
            built = BUILT[place.partition(":")[0]]()
            found += [(place, pattern, False, 0) for pattern in built]
            continue
        flags = 0
        at = FLAGS_AT.get(node.func.attr, 2)  # type: ignore[attr-defined]
        given = [*node.args[at : at + 1], *(k.value for k in node.keywords if k.arg == "flags")]
        for one in given:
            flags |= int(value(place, one))  # type: ignore[call-overload]
        if isinstance(made, bytes):
            found.append((place, made.decode("latin-1"), True, int(flags)))
        elif isinstance(made, str):
            found.append((place, made, False, int(flags)))
        else:  # one that was compiled already
            assert hasattr(made, "pattern"), place
    return found


def test_every_pattern_is_written_in_the_code() -> None:
    """None comes from a request, a file or a table: names in it are those of a module."""
    unknown = set()
    for place, node in calls():
        try:
            value(place, node.args[0])
        except NameError:
            unknown.add(place.partition(":")[0])
    assert unknown == BUILT.keys()


def test_no_lookup_takes_a_pattern() -> None:
    """The database's own engines would: ``__regex`` and ``__iregex`` are nowhere."""
    for path, tree in sources():
        words = [n.arg or "" for n in ast.walk(tree) if isinstance(n, ast.keyword)]
        constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        words += [word for word in constants if isinstance(word, str)]
        assert not [word for word in words if word.endswith(("__regex", "__iregex"))], path


@pytest.mark.slow
def test_each_ends_on_strings_made_against_it() -> None:
    found = patterns()
    assert len(found) > 100
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(CPU_SECONDS)],
        input=json.dumps(found),
        capture_output=True,
        text=True,
    )
    last = done.stdout.split()[-1] if done.stdout else ""
    assert last == "all", f"{last}: {done.stderr[-600:]}"
