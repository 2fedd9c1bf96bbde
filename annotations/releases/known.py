"""The answers to a data card's questions that follow from what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from annotations.releases.facts import Drawn, Facts
from annotations.releases.licences import licence

PRIVACY = {
    "full": "Texts and authors are as they stand in the corpus.",
    "pseudonymous": (
        "Ids and authors are keyed hashes of this release, and names of authors and handles in "
        "titles and texts are replaced by them. The key is kept by the makers alone."
    ),
    "redacted": (
        "Ids and authors are keyed hashes of this release. Names, handles, e-mail addresses, phone "
        "numbers, web and IP addresses and bank accounts in texts are replaced by placeholders."
    ),
    "dehydrated": (
        "Texts, titles, authors and everything that quotes them are left out. The ids are those "
        "of the source, by which the texts can be fetched again."
    ),
}
CONTEXTS = {
    "comment": "the comment alone",
    "parent": "the comment and what it answers",
    "ancestors": "the comment and all above it",
    "preceding": "the thread up to the comment",
    "thread": "the whole thread",
}


def known_answers(facts: Facts) -> Mapping[str, str]:
    """By the key of the question; what nothing is known of is left out."""
    found = {key: tell(facts).strip() for key, tell in TELLING.items()}
    return {key: told for key, told in found.items() if told}


def _curation(facts: Facts) -> str:
    return " ".join(map(_drawn, facts.circumstances.samples))


def _drawn(sample: Drawn) -> str:
    if sample.kind == "overlap":
        return "More labels were asked for units that were there already."
    recipe = {name: value for name, value in sample.recipe.items() if value not in (None, [], "")}
    filters = {
        name: value
        for name, value in recipe.items()
        if name not in ("draw", "of", "size", "by", "allocation", "seed") and value is not False
    }
    kept = f"with {_pairs(filters)}" if filters else "without filters"
    how = {"all": "all of them", "random": "at random", "stratified": "by strata"}
    return (
        f"{sample.units:,} units were drawn of {sample.candidates:,} candidates {kept}: "
        f"{how.get(recipe.get('draw', 'all'), 'by a recipe')} (seed {recipe.get('seed', 1)})."
    )


def _makers(facts: Facts) -> str:
    card = facts.edition.card
    told = listed(
        f"{one.name} ({one.affiliation})" if one.affiliation else one.name for one in card.creators
    )
    made = f"Made by {told}." if told else ""
    return f"{made} {f'Funding: {card.funding}' if card.funding else ''}"


def _instances(facts: Facts) -> str:
    whole = facts.counts.whole
    parts = [
        f"A comment in its thread. {whole.threads:,} threads, {whole.comments:,} comments "
        f"({whole.labeled:,} labeled), {whole.annotations:,} annotations, "
        f"{whole.answers:,} answers."
    ]
    for name, layer in whole.to_json()["layers"].items():
        parts.append(
            f"Layer {name}: {layer['annotations']:,} annotations, {layer['answers']:,} answers."
        )
    return " ".join(parts)


def _completeness(facts: Facts) -> str:
    drawn = [one for one in facts.circumstances.samples if one.kind != "overlap"]
    return " ".join(f"A sample: {one.units:,} of {one.candidates:,} that fitted." for one in drawn)


def _missing(facts: Facts) -> str:
    withheld = facts.circumstances.withheld
    return (
        f"{withheld:,} sampled comments are withheld because their source took them back."
        if withheld
        else "No sampled comment is withheld."
    )


def _splits(facts: Facts) -> str:
    contents = facts.study.contents
    if contents.split_by == "none":
        return "It is not split."
    shares = listed(f"{share:g}" for share in contents.shares)
    return (
        f"By {contents.split_by} into train, validation and test ({shares}), by a hash of the id "
        f"with seed {contents.seed}. What stands in more than one split is told in leaks.json."
    )


def _noise(facts: Facts) -> str:
    if not facts.circumstances.agreement:
        return "Agreement was not computed."
    return "How far annotators agree is told in agreement.json and agreement.csv."


def _sensitive(facts: Facts) -> str:
    told = [PRIVACY[facts.study.contents.privacy]]
    for one in facts.circumstances.warnings:
        where = "the whole corpus" if one.everywhere else f"{one.comments:,} labeled comments"
        told.append(f"Content warning: {one.title} ({where}).")
    return " ".join([*told, *facts.edition.card.warnings])


def _language(facts: Facts) -> str:
    counted = facts.counts.languages
    return (
        "Detected: "
        + listed(f"{one} ({counted[one]:,})" for one in facts.counts.languages_by_count)
        + "."
        if counted
        else ""
    )


def _situation(facts: Facts) -> str:
    counts = facts.counts
    where = listed(sorted(counts.platforms))
    told = f"Platforms: {where}. " if where else ""
    if counts.first_at and counts.last_at:
        told += f"Posted from {counts.first_at.date()} to {counts.last_at.date()} (UTC)."
    return told


def _acquired(facts: Facts) -> str:
    study = facts.study
    terms = f", licence: {study.corpus_licence}" if study.corpus_licence else ""
    return f"Imported as the corpus {study.corpus_name or study.corpus}{terms}."


def _annotators(facts: Facts) -> str:
    people = facts.study.annotators
    roles: dict[str, int] = {}
    for one in people:
        roles[one.role] = roles.get(one.role, 0) + 1
    told = listed(f"{count} {role}" for role, count in sorted(roles.items()))
    traits = " Traits that they agreed to give away stand in annotators.csv."
    given = any(one.traits for one in people)
    return f"{len(people)} people ({told}).{traits if given else ''}" if people else "Nobody."


def _labeling(facts: Facts) -> str:
    book, told = facts.study.codebook, facts.circumstances
    saw = CONTEXTS.get(told.context, told.context)
    return (
        f"By the codebook {book.key}, version {book.version} (codebook.yaml, guidelines.md). "
        f"{told.labels_each} labels were wanted for each unit"
        + (f"; annotators saw {saw}." if saw else ".")
    )


def _resolution(facts: Facts) -> str:
    study = facts.study
    told = f"Layers in the data: {listed(study.contents.layers)}."
    if study.method:
        told += f" Answers are aggregated by {study.method} (seed {study.method_seed})."
    return told


def _cleaning(facts: Facts) -> str:
    return PRIVACY[facts.study.contents.privacy]


def _terms(facts: Facts) -> str:
    told = [f"The dataset: {licence(facts.edition.card.licence).name}."]
    if facts.study.corpus_licence:
        told.append(f"The texts, as their source gives them: {facts.study.corpus_licence}.")
    if facts.study.codebook.licence:
        told.append(f"The codebook: {facts.study.codebook.licence}.")
    return " ".join(told)


def _maintenance(facts: Facts) -> str:
    card = facts.edition.card
    return " ".join(filter(None, [card.contact, card.url]))


def _updates(_facts: Facts) -> str:
    return (
        "A version never changes: corrections come as a new one. A version that is withdrawn keeps "
        "its manifest, with the reason."
    )


TELLING: Mapping[str, Callable[[Facts], str]] = {
    "curation": _curation,
    "makers": _makers,
    "instances": _instances,
    "completeness": _completeness,
    "missing": _missing,
    "splits": _splits,
    "noise": _noise,
    "sensitive": _sensitive,
    "language": _language,
    "situation": _situation,
    "acquired": _acquired,
    "annotators": _annotators,
    "labeling": _labeling,
    "resolution": _resolution,
    "cleaning": _cleaning,
    "terms": _terms,
    "maintenance": _maintenance,
    "updates": _updates,
}


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _pairs(filters: Mapping[str, Any]) -> str:
    return listed(
        f"{name.replace('_', ' ')} {listed(map(str, value)) if isinstance(value, list) else value}"
        for name, value in sorted(filters.items())
    )
