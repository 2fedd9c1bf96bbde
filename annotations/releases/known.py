"""The answers to a data card's questions that follow from what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from annotations.exporters.splits import SPLITS
from annotations.releases.facts import Drawn, Facts
from annotations.releases.licences import licence

PRIVACY = {
    "full": "Texts and authors are as they stand in the corpus.",
    "pseudonymous": (
        "Ids and authors are keyed hashes of this release, and names of authors and handles in "
        "titles and texts are replaced by them. The key is kept by the makers alone."
    ),
    "redacted": (
        "Ids and authors are keyed hashes of this release, and names of authors in titles and "
        "texts are replaced by them. The key is kept by the makers alone. Other handles, e-mail "
        "addresses, phone numbers, web and IP addresses and bank accounts in texts are replaced by "
        "placeholders."
    ),
    "dehydrated": (
        "Texts, titles, authors and everything that quotes them are left out. The ids are those "
        "of the source, by which the texts can be fetched again."
    ),
}
ESCAPED = (
    "In CSV files, texts that a spreadsheet would take for a formula have an apostrophe in front: "
    "there, spans do not fit them."
)
LAYERS = {
    "human": "each person's labels",
    "aggregated": "one answer made of them",
    "adjudication": "what adjudicators decided",
    "gold": "answers known to be right",
    "model": "what models suggested",
}
STAGES = {
    "training": "to train annotators",
    "test": "to test them before they begin",
    "check": "to check them unseen",
}
METHODS = {
    "majority": "majority",
    "weighted": "weighted majority",
    "dawid_skene": "the model of Dawid and Skene",
    "mace": "MACE",
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
    drawn = recipe.get("draw", "all")
    if drawn == "all":
        return f"All {sample.units:,} units that fitted were taken, {kept}."
    how = {"random": "at random", "stratified": "by strata"}.get(drawn, "by a recipe")
    return (
        f"{counted(sample.units, 'unit')} of {sample.candidates:,} that fitted, {kept}, "
        f"drawn {how} (seed {recipe.get('seed', 1)})."
    )


def _makers(facts: Facts) -> str:
    card = facts.edition.card
    told = listed(
        f"{one.name} ({one.affiliation})" if one.affiliation else one.name for one in card.creators
    )
    parts = [f"Made by {told}."] if told else []
    if card.funding:
        parts.append(f"Funding: {card.funding.removesuffix('.')}.")
    return " ".join(parts)


def _instances(facts: Facts) -> str:
    whole = facts.counts.whole
    parts = [
        f"A comment in its thread. {counted(whole.threads, 'thread')}, "
        f"{counted(whole.comments, 'comment')} ({whole.labeled:,} labeled), "
        f"{_said(whole.annotations, whole.answers)}."
    ]
    for name, layer in whole.to_json()["layers"].items():
        parts.append(f"Layer {name}: {_said(layer['annotations'], layer['answers'])}.")
    return " ".join(parts)


def _said(annotations: int, answers: int) -> str:
    return f"{counted(annotations, 'annotation')}, {counted(answers, 'answer')}"


def _completeness(facts: Facts) -> str:
    drawn = [one for one in facts.circumstances.samples if one.kind != "overlap"]
    return " ".join(
        f"All {one.units:,} units that fitted were drawn."
        if one.units == one.candidates
        else f"A sample: {one.units:,} of {one.candidates:,} that fitted."
        for one in drawn
    )


def _missing(facts: Facts) -> str:
    withheld = facts.circumstances.withheld
    if not withheld:
        return "No sampled comment is withheld."
    return f"Withheld because the source took them back: {counted(withheld, 'sampled comment')}."


def _splits(facts: Facts) -> str:
    contents = facts.study.contents
    if contents.split_by == "none":
        return "It is not split."
    shares = " / ".join(f"{share * 100:g}" for share in contents.shares)
    return (
        f"By {contents.split_by} into train, validation and test ({shares} percent), by a hash of "
        f"the id with seed {contents.seed}. What stands in more than one split is told in "
        f"leaks.json.{_without_rows(facts)}"
    )


def _without_rows(facts: Facts) -> str:
    names = empty_splits(facts.leaks, facts.study.contents.shares)
    return f" Nothing fell into {listed(names)}." if names else ""


def empty_splits(leaks: Mapping[str, Any], shares: Iterable[float]) -> list[str]:
    """The splits without rows that were to have some: few threads or authors seldom meet the
    shares."""
    sizes = leaks["splits"]
    return [
        name
        for name, share in zip(SPLITS, shares, strict=True)
        if share and not any(sizes[name].values())
    ]


def _noise(facts: Facts) -> str:
    if not facts.circumstances.agreement:
        return "Agreement was not computed."
    told = "How far annotators agree is told in agreement.json and agreement.csv."
    return told + _newer(facts.circumstances.newer_than_agreement, "these figures")


def _sensitive(facts: Facts) -> str:
    told = [PRIVACY[facts.study.contents.privacy]]
    for one in facts.circumstances.warnings:
        where = "the whole corpus" if one.everywhere else counted(one.comments, "labeled comment")
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
    told = listed(counted(count, role) for role, count in sorted(roles.items()))
    traits = " Traits that they agreed to give away stand in annotators.csv."
    given = any(one.traits for one in people)
    return f"People: {told}.{traits if given else ''}" if people else "No people."


def _labeling(facts: Facts) -> str:
    book, told = facts.study.codebook, facts.circumstances
    saw = CONTEXTS.get(told.context, told.context)
    return (
        f"By the codebook {book.key}, version {book.version} (codebook.yaml, guidelines.md). "
        f"{counted(told.labels_each, 'label')} {'was' if told.labels_each == 1 else 'were'} "
        "wanted for each unit" + (f"; annotators saw {saw}." if saw else ".") + _stages(told.known)
    )


def _stages(known: Mapping[str, int]) -> str:
    if not known:
        return ""
    told = listed(f"{number:,} {STAGES[purpose]}" for purpose, number in known.items())
    return f" Units with known answers, which are not in the data: {told}."


def _resolution(facts: Facts) -> str:
    study = facts.study
    layers = listed(f"{name} ({LAYERS[name]})" for name in facts.counts.whole.to_json()["layers"])
    told = f"Layers in the data: {layers or 'none'}."
    if study.method:
        method = METHODS.get(study.method, study.method)
        told += f" Answers are aggregated by {method} (seed {study.method_seed})."
        told += _newer(facts.circumstances.newer_than_aggregation, "these answers")
    return told


def _newer(labels: int, computed: str) -> str:
    if not labels:
        return ""
    return f" {counted(labels, 'label')} {'is' if labels == 1 else 'are'} newer than {computed}."


def _cleaning(facts: Facts) -> str:
    contents = facts.study.contents
    told = PRIVACY[contents.privacy]
    return f"{told} {ESCAPED}" if contents.formulas == "escape" else told


def _terms(facts: Facts) -> str:
    told = [f"The dataset: {licence(facts.edition.card.licence).name}."]
    if facts.study.corpus_licence:
        told.append(f"The texts, as their source gives them: {facts.study.corpus_licence}.")
    if facts.study.codebook.licence:
        told.append(f"The codebook: {facts.study.codebook.licence}.")
    return " ".join(told)


def _maintenance(facts: Facts) -> str:
    card = facts.edition.card
    told = {"Contact": card.contact, "Address": card.url}
    return listed(f"{name}: {value}" for name, value in told.items() if value)


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


def warnings(facts: Facts) -> list[str]:
    """What a reader should know before reading: what the content is warned of, then the sentences
    of the card."""
    told = [
        f"{one.title} "
        f"({'everywhere' if one.everywhere else counted(one.comments, 'labeled comment')})"
        for one in facts.circumstances.warnings
    ]
    of_content = [f"Content warnings: {'; '.join(told)}."] if told else []
    return [*of_content, *facts.edition.card.warnings]


def counted(number: int, noun: str) -> str:
    """Such as 1,200 threads, or 1 thread."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _pairs(filters: Mapping[str, Any]) -> str:
    return listed(
        f"{name.replace('_', ' ')} {listed(map(str, value)) if isinstance(value, list) else value}"
        for name, value in sorted(filters.items())
    )
