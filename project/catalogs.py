"""The sentences of the pages in other languages: collected, and compiled for Django.

``python -m project.catalogs compile`` makes the .mo files that are older than their .po file, and
``update`` (``make messages``) brings the .po files to what code and templates say today. Babel
does both: nobody needs GNU gettext. A sentence of both apps stands in the catalog of annotations.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from project.environment import ROOT

APPS = ("annotations", "importers")
LANGUAGES = ("de", "ar")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
IDLE = ('"Project-Id', '"Report-', '"POT-', '"PO-', '"Last-', '"Language-Team', '"Generated')
COMMENT = "Translators:"


def catalog_files() -> Iterator[tuple[str, str, Path]]:
    """Each app and language, with its .po file."""
    for app in APPS:
        for language in LANGUAGES:
            yield app, language, ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"


def compile_catalogs() -> list[Path]:
    """Makes each .mo file that is missing or older than its .po file; gives those it made.

    A file appears whole under its name, so that several processes may do this at once.
    """
    made = []
    for _, language, source in catalog_files():
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with tempfile.NamedTemporaryFile(dir=source.parent, delete=False) as file:
            write_mo(file, read_catalog(source, language))
        unfinished = Path(file.name)
        unfinished.chmod(0o644)
        unfinished.replace(compiled)
        made.append(compiled)
    return made


def update_catalogs() -> None:
    """Brings the .po files up to date: new sentences are empty in them, old ones are dropped.

    Nothing is guessed from sentences that look alike.
    """
    for app, language, path in catalog_files():
        catalog = read_catalog(path, language)
        catalog.update(said_in(app), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalog))


def written(catalog: Catalog) -> bytes:
    """The .po file, without the times and names in its head that change or say nothing."""
    file = BytesIO()
    write_po(file, catalog, width=100, include_lineno=False)
    lines = file.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(IDLE)).encode()


def read_catalog(path: Path, language: str) -> Catalog:
    """What a .po file holds; a new catalog where there is no file yet."""
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment="")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def said_in(app: str) -> Catalog:
    """All sentences of the app's code and templates, less those that are said in an app below."""
    below = [sentences(other) for other in APPS[: APPS.index(app)]]
    catalog = Catalog(charset="utf-8")
    for message in sentences(app):
        if message.id and not any(other.get(message.id, message.context) for other in below):
            catalog.add(
                message.id,
                locations=message.locations,
                flags=message.flags,
                auto_comments=message.auto_comments,
                context=message.context,
            )
    return catalog


def sentences(app: str) -> Catalog:
    catalog = Catalog()
    for path in sorted((ROOT / app).rglob("*")):
        if path.suffix in (".py", ".html"):
            for message in _sentences_of(path):
                catalog.add(
                    message.id,
                    locations=[(path.relative_to(ROOT).as_posix(), 0)],
                    flags=message.flags,
                    auto_comments=message.auto_comments,
                    context=message.context,
                )
    return catalog


def _sentences_of(path: Path) -> Iterator[Message]:
    text = path.read_text("utf-8")
    code = text if path.suffix == ".py" else _as_python(text, path)
    found = extract("python", BytesIO(code.encode()), KEYWORDS, [COMMENT], {"encoding": "utf-8"})
    for _, words, comments, context in found:
        yield Message(words, auto_comments=comments, context=context)


def _as_python(template: str, path: Path) -> str:
    """The template with its sentences as calls of gettext; how it is indented means nothing."""
    code: str = templatize(template, origin=str(path))
    return "\n".join(line.strip() for line in code.splitlines())


def main(arguments: list[str]) -> None:
    match arguments:
        case ["compile"]:
            compile_catalogs()
        case ["update"]:
            update_catalogs()
        case _:
            raise SystemExit("Say `compile` or `update`.")


if __name__ == "__main__":
    main(sys.argv[1:])
