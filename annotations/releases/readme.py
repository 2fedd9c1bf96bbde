"""README.md: the data card, headed by what the Hugging Face hub reads of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from annotations.exporters.cells import formula_warning
from annotations.exporters.hub import FENCE, hub_licence, size_category
from annotations.exporters.readme import asked
from annotations.releases.bundle import BundledFile
from annotations.releases.citation import bibtex_of, citation, dump
from annotations.releases.counts import Part
from annotations.releases.facts import Facts
from annotations.releases.known import known_answers, warnings
from annotations.releases.licences import licence
from annotations.releases.loading import loading
from annotations.releases.questions import QUESTIONS, SECTIONS, CardQuestion

UNPACK = "unpack the ZIP in it"
NO_FILES = "not there: nothing of this data fits in the format"


def readme(facts: Facts, files: Sequence[BundledFile], hub: Mapping[str, Any]) -> bytes:
    """``hub`` is what the files of the Hugging Face format say of themselves, {} without them."""
    head = FENCE + dump(_front_matter(facts, hub)).decode() + FENCE
    parts = [
        f"# {facts.edition.title}",
        facts.description,
        _warnings(facts),
        _summary(facts),
        _amounts(facts),
        _loading(facts, files, hub),
        *asked(facts.study.codebook),
        _files(files),
        _answers(facts),
        _citation(facts),
    ]
    return (head + "\n" + "\n\n".join(filter(None, parts)) + "\n").encode()


def hub_facts(card: bytes, folder: str) -> dict[str, Any]:
    """Where the data lies and what it is, of a card whose folder came into another one."""
    _, head, _ = card.decode().split(FENCE, 2)
    told = yaml.safe_load(head) or {}
    kept = {name: told[name] for name in ("configs", "dataset_info") if name in told}
    for config in kept.get("configs", ()):
        config["data_files"] = _moved(config["data_files"], folder)
    return kept


def _moved(files: Any, folder: str) -> Any:
    """The same patterns of paths, seen from above ``folder``."""
    if isinstance(files, str):
        return f"{folder}/{files}"
    if isinstance(files, list):
        return [_moved(one, folder) for one in files]
    return {**files, "path": _moved(files["path"], folder)}


def _front_matter(facts: Facts, hub: Mapping[str, Any]) -> dict[str, Any]:
    given = licence(facts.edition.card.licence)
    told: dict[str, Any] = {
        "pretty_name": facts.edition.title,
        **hub_licence(given.spdx or given.name),
    }
    told["language"] = list(facts.languages)
    told["annotations_creators"] = ["expert-generated"] if facts.study.annotators else []
    told["task_categories"] = ["text-classification"]
    told["tags"] = list(facts.edition.card.keywords)
    told["size_categories"] = [size_category(facts.counts.whole.annotations)]
    told["version"] = facts.edition.version
    return {name: value for name, value in (told | dict(hub)).items() if value}


def _warnings(facts: Facts) -> str:
    return "\n".join(
        f"> **{line}**" if place == 0 else f"> {line}" for place, line in enumerate(warnings(facts))
    )


def _summary(facts: Facts) -> str:
    edition, study, book = facts.edition, facts.study, facts.study.codebook
    given = licence(edition.card.licence)
    linked = f"[{given.name}]({given.url})" if given.url else given.name
    rows = {
        "Version": edition.version,
        "Frozen": f"{facts.day} (UTC)",
        "Licence": linked,
        "DOI": f"[{edition.card.doi}](https://doi.org/{edition.card.doi})"
        if edition.card.doi
        else "",
        "Codebook": f"{book.title} ({book.key}, version {book.version})",
        "Campaign": study.name,
        "Corpus": study.corpus_name,
        "Layers": ", ".join(facts.counts.whole.to_json()["layers"]),
        "Privacy": study.contents.privacy,
        "Made with": f"Threadmark {edition.made_with}",
        "Contact": edition.card.contact,
    }
    return "\n".join(f"- **{name}:** {value}" for name, value in rows.items() if value)


def _amounts(facts: Facts) -> str:
    lines = [
        "## How much",
        "",
        "| part | threads | comments | labeled | annotations | answers |",
        "|---|---:|---:|---:|---:|---:|",
        _amount("all", facts.counts.whole),
        *(_amount(name, facts.counts.splits[name]) for name in sorted(facts.counts.splits)),
    ]
    return "\n".join(lines)


def _amount(name: str, part: Part) -> str:
    counted = (part.threads, part.comments, part.labeled, part.annotations, part.answers)
    return f"| {name} | {' | '.join(f'{one:,}' for one in counted)} |"


def _loading(facts: Facts, files: Sequence[BundledFile], hub: Mapping[str, Any]) -> str:
    """A line for each folder of data, from where this card lies."""
    formats = facts.edition.formats
    lines = loading(formats, [{"format": one.format, "name": one.name} for one in files])
    written = {one.format for one in files}
    rows = [
        f"| `{name}/` | {f'`{lines[name]}`' if name in lines else UNPACK} |"
        if name in written
        else f"| {name} | {NO_FILES} |"
        for name in formats
    ]
    parts = [
        "## How to load",
        "In Python, in the folder of this file:",
        "\n".join(["| folder | how |", "|---|---|", *rows]),
    ]
    if facts.formulas:
        parts.append(f"CSV files: {formula_warning(facts.formulas)}.")
    if configs := [one["config_name"] for one in hub.get("configs", ())]:
        tables = ", ".join(f"`{name}`" for name in configs)
        parts.append(
            f"`huggingface/` has the tables {tables}, such as "
            f'`datasets.load_dataset("huggingface", "{configs[-1]}")`. The folder of this file, '
            "called by its name, loads in the same way."
        )
    return "\n\n".join(parts)


def _files(files: Sequence[BundledFile]) -> str:
    rows = [
        f"| `{one.name}` | {'' if one.rows is None else f'{one.rows:,}'} | {one.size:,} |"
        for one in sorted(files, key=lambda one: one.name)
    ]
    return "\n".join(
        [
            "## Files",
            "",
            "Their checksums stand in `SHA256SUMS`: `sha256sum --check SHA256SUMS`. "
            "All else that is known of them stands in `manifest.json`.",
            "",
            "| file | rows | bytes |",
            "|---|---:|---:|",
            *rows,
        ]
    )


def _answers(facts: Facts) -> str:
    known, own = known_answers(facts), facts.edition.card.answers
    parts = [
        "## Data card",
        "Questions after Gebru et al. 2021, *Datasheets for Datasets* "
        "(doi:10.1145/3458723), and Bender & Friedman 2018, *Data Statements* "
        "(doi:10.1162/tacl_a_00041). " + _open_questions(known, own),
    ]
    for section in SECTIONS:
        parts.append(f"### {section}")
        parts += [
            _answer(one, own.get(one.key, ""), known.get(one.key, ""))
            for one in QUESTIONS
            if one.section == section
        ]
    return "\n\n".join(parts)


def _open_questions(known: Mapping[str, str], own: Mapping[str, str]) -> str:
    number = sum(not (own.get(one.key, "").strip() or known.get(one.key)) for one in QUESTIONS)
    return f"Not answered: {number} of {len(QUESTIONS)}."


def _answer(question: CardQuestion, own: str, known: str) -> str:
    told = "\n\n".join(filter(None, [own.strip(), known])) or "*Not answered.*"
    return f"**{question.question}**\n\n{told}"


def _citation(facts: Facts) -> str:
    edition = facts.edition
    line = citation(edition.card, edition.title, edition.version, edition.frozen_at.year)
    return f"## How to cite\n\n{line}\n\n```bibtex\n{bibtex_of(facts)}\n```"
