"""The sentences of the pages in every language: all there, all said, with the same places."""

from __future__ import annotations

import re
from gettext import c2py
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from django.conf import settings

from project import catalogs
from project.catalogs import catalog_files, compile_catalogs, read_catalog, said_in

PLACE = re.compile(r"%\((\w+)\)s|%%|(%)")
MARKUP = re.compile(r"</?\w+[^>]*>")
ORDER = ("zero", "one", "two", "few", "many", "other")
FILES = pytest.mark.parametrize(("app", "language", "path"), list(catalog_files()))
MEND = "Run `make messages`, then translate what is empty in the .po files."


def forms(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_each_language_of_the_settings_has_catalogs_and_no_other_has() -> None:
    assert ["en", *catalogs.LANGUAGES] == [code for code, _ in settings.LANGUAGES]


@FILES
def test_a_catalog_holds_what_code_and_templates_say_and_nothing_else(
    app: str, language: str, path: Path
) -> None:
    said = {(message.id, message.context) for message in said_in(app) if message.id}
    held = {(message.id, message.context) for message in read_catalog(path, language) if message.id}
    assert held == said, MEND


@FILES
def test_a_catalog_translates_all_of_it(app: str, language: str, path: Path) -> None:
    catalog = read_catalog(path, language)
    messages = [message for message in catalog if message.id]
    assert len(messages) > 50
    for message in messages:
        assert not message.fuzzy, message.id
        assert all(form.strip() for form in forms(message)), f"{message.id!r}: {MEND}"
        if message.pluralizable:
            assert len(forms(message)) == catalog.num_plurals, message.id


@FILES
def test_a_catalog_counts_as_its_language_does(app: str, language: str, path: Path) -> None:
    """The forms stand in the order of Unicode's names: zero, one, two, few, many, other."""
    rule = Locale(language).plural_form
    names = [name for name in ORDER if name in {*rule.tags, "other"}]
    catalog = read_catalog(path, language)
    chosen = c2py(catalog.plural_expr)
    assert [names[chosen(n)] for n in range(250)] == [rule(n) for n in range(250)]


@FILES
def test_a_translation_has_the_places_and_the_markup_of_its_sentence(
    app: str, language: str, path: Path
) -> None:
    for message in read_catalog(path, language):
        if not message.id:
            continue
        *counted, many = english(message)
        for form in forms(message):
            places, wanted = set(PLACE.findall(form)), set(PLACE.findall(many))
            # One, two or none of something may be said without a number.
            assert places == wanted or (counted and places < wanted), form
            assert sorted(MARKUP.findall(form)) == sorted(MARKUP.findall(many)), form


@FILES
def test_a_catalog_is_written_as_make_messages_writes_it(
    app: str, language: str, path: Path
) -> None:
    catalog = read_catalog(path, language)
    catalog.update(said_in(app), no_fuzzy_matching=True)
    assert path.read_bytes() == catalogs.written(catalog), "Run `make messages`."


def test_catalogs_are_compiled_once_and_anew_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = "annotations"
    for _, language, path in catalog_files():
        if app in path.parts:
            copy = tmp_path / app / "locale" / language / "LC_MESSAGES" / path.name
            copy.parent.mkdir(parents=True)
            copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(catalogs, "ROOT", tmp_path)
    monkeypatch.setattr(catalogs, "APPS", (app,))
    first = compile_catalogs()
    assert len(first) == len(catalogs.LANGUAGES)
    assert compile_catalogs() == []
    german = first[0]
    german.with_suffix(".po").touch()
    assert compile_catalogs() == [german]
    with german.open("rb") as file:
        corpus = read_mo(file).get("Corpus")
    assert corpus
    assert corpus.string == "Korpus"


def test_a_sentence_of_both_apps_is_translated_once() -> None:
    assert said_in("annotations").get("Back")
    assert not said_in("importers").get("Back")
