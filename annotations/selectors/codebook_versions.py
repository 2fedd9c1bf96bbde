"""The versions of a codebook beside each other: who uses them, and what changed between two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.db.models import QuerySet

from annotations.codebooks.changes import changes, yaml_diff
from annotations.codebooks.library import library_codebooks, library_files
from annotations.codebooks.places import Fault, examine, located
from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.codebooks.telling import Told, told
from annotations.errors import NotFound
from annotations.models import Campaign, Codebook, User
from annotations.permissions import campaigns_with
from annotations.selectors.codebooks import (
    get_codebook,
    next_version,
    unfounded_in_the_version_before,
)


@dataclass(frozen=True)
class Version:
    """A loaded version with the campaigns on it that the reader may see."""

    codebook: Codebook
    campaigns: list[Campaign]


@dataclass(frozen=True)
class Diff:
    """What is different between two versions; ``yaml`` is the unified diff of their texts."""

    before: Codebook
    after: Codebook
    changes: list[Told]
    yaml: str


@dataclass(frozen=True)
class Preview:
    """A text that may become a codebook.

    ``newest`` is the newest loaded version of its key and ``changes`` what is different from it;
    ``taken`` says that its own version is loaded, with another text; ``next_version`` is free.
    """

    codebook: CodebookFile | None
    faults: list[Fault]
    key: str
    version: int | None
    newest: int | None
    next_version: int
    taken: bool
    loaded: bool
    changes: list[Told]


@dataclass(frozen=True)
class LibraryEntry:
    """A codebook that comes with Threadmark; ``loaded`` says whether this version is."""

    key: str
    version: int
    title: str
    loaded: bool


def versions_of(key: str) -> QuerySet[Codebook]:
    rows = Codebook.objects.filter(key=key).defer("source", "guidelines", "translations")
    return rows.order_by("-version")


def used_versions(user: User, codebooks: list[Codebook]) -> list[Version]:
    """The versions with those of their campaigns that the user may see."""
    seen = campaigns_with(user, "campaign.view").filter(codebook__in=codebooks)
    users: dict[int, list[Campaign]] = {}
    for campaign in seen:
        users.setdefault(campaign.codebook_id, []).append(campaign)
    return [Version(codebook, users.get(codebook.pk, [])) for codebook in codebooks]


def codebook_diff(key: str, before: int, after: int) -> Diff:
    """From one version to the other, whichever is newer. Raises NotFound."""
    one, other = get_codebook(key, before), get_codebook(key, after)
    names = (f"{key}/{before}", f"{key}/{after}")
    found = changes(parse_codebook(one.source), parse_codebook(other.source))
    return Diff(one, other, told(found), yaml_diff(one.source, other.source, names=names))


def codebook_preview(text: str) -> Preview:
    """What the text would be as a codebook, beside what is loaded. Stores nothing."""
    examined = examine(text)
    parsed = examined.codebook
    if parsed is None:
        return Preview(None, examined.faults, "", None, None, 1, False, False, [])
    newest = versions_of(parsed.key).defer(None).first()
    same = Codebook.objects.filter(key=parsed.key, version=parsed.version).first()
    problems = unfounded_in_the_version_before(parsed) if same is None else []
    return Preview(
        codebook=parsed,
        faults=located(text, problems),
        key=parsed.key,
        version=parsed.version,
        newest=newest.version if newest else None,
        next_version=next_version(parsed.key),
        taken=same is not None and same.source != text,
        loaded=same is not None and same.source == text,
        changes=_since_newest(parsed, newest),
    )


def _since_newest(parsed: CodebookFile, newest: Codebook | None) -> list[Told]:
    earlier = examine(newest.source).codebook if newest else None
    if earlier is None:
        return []
    found = changes(earlier, parsed)
    return told([one for one in found if one.field != "version"])


def library_entries() -> list[LibraryEntry]:
    """What comes with Threadmark, by title."""
    found = _library()
    keys = [one.key for one in found]
    loaded = set(Codebook.objects.filter(key__in=keys).values_list("key", "version"))
    entries = [
        LibraryEntry(one.key, one.version, one.title, (one.key, one.version) in loaded)
        for one in found
    ]
    return sorted(entries, key=lambda entry: entry.title)


@cache
def _library() -> list[CodebookFile]:
    """Read once: the files are part of the program."""
    return library_codebooks()


def library_source(key: str) -> str:
    """The YAML text of a library codebook. Raises NotFound."""
    for file in library_files():
        if file.stem == key:
            return file.read_text(encoding="utf-8")
    raise NotFound(f"The library has no codebook {key!r}.")


def by_question(changes: list[Told]) -> list[tuple[str, list[Told]]]:
    """The changes of the codebook itself (key empty), then those of each question."""
    groups: dict[str, list[Told]] = {}
    for change in sorted(changes, key=lambda one: bool(one.question)):
        groups.setdefault(change.question, []).append(change)
    return list(groups.items())
