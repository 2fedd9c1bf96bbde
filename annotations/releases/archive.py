"""The archive of a release: everything in it is made of a frozen dataset and its card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotations.exporters.cells import FORMULAS
from annotations.exporters.dataset import Dataset
from annotations.exporters.frozen import Frozen
from annotations.exporters.hub import README
from annotations.exporters.leaks import leaks
from annotations.exporters.registry import Exporter, exporter
from annotations.exporters.rows import Row
from annotations.releases.agreement import figures_table
from annotations.releases.annotators import ANNOTATORS, annotators_table, formulas_told
from annotations.releases.bundle import Bundle
from annotations.releases.citation import CITATION, citation_cff
from annotations.releases.counts import count
from annotations.releases.croissant import CROISSANT, croissant
from annotations.releases.datapackage import DATAPACKAGE, datapackage
from annotations.releases.facts import Circumstances, Edition, Facts
from annotations.releases.guidelines import guidelines
from annotations.releases.licence_text import LICENCE, licence_text
from annotations.releases.manifest import CHECKSUMS, MANIFEST, as_json, checksums, manifest
from annotations.releases.readme import hub_facts, readme
from annotations.releases.zenodo import ZENODO, zenodo

HUB = "huggingface"


def readings(formats: int) -> int:
    """How often the rows are read: to count them, to look for leaks, for each format."""
    return 2 + formats


def write_archive(
    frozen: Frozen, edition: Edition, path: Path, report: Callable[[Row], Row]
) -> dict[str, Any]:
    """Write the archive to ``path``, and return its manifest.

    The same rows and edition give the same bytes. ``report`` is called with each row at each
    reading, gives it back, and may raise to stop.
    """
    watched = frozen.dataset.through(report)
    facts = Facts(
        edition=edition,
        study=frozen.dataset.study,
        circumstances=Circumstances.from_json(frozen.beside),
        counts=count(watched),
        leaks=leaks(watched).to_json(),
    )
    with Bundle(path) as bundle:
        for name in edition.formats:
            _write_format(exporter(name), watched, bundle)
        facts = replace(facts, formulas=watched.told[FORMULAS] + formulas_told(facts))
        _write_study(facts, bundle)
        _write_papers(facts, bundle)
        told = manifest(facts, bundle.files)
        bundle.add(MANIFEST, as_json(told))
        bundle.add(CHECKSUMS, checksums(bundle.files))
    return told


def _write_format(chosen: Exporter, dataset: Dataset, bundle: Bundle) -> None:
    """One file in a folder called as the format, or the format's files there."""
    name = f"{dataset.study.campaign}.{chosen.extension}"
    with bundle.of_format(chosen.name) as folder:
        if chosen.write is not None:
            with folder.open(name) as file:
                file.writelines(chosen.write(dataset))
            return
        assert chosen.write_files is not None
        if chosen.many_files:
            with bundle.packed(f"{chosen.name}/{name}") as packed:
                chosen.write_files(dataset, packed)
        else:
            chosen.write_files(dataset, folder)


def _write_study(facts: Facts, bundle: Bundle) -> None:
    """What the labels are of, who gave them, how units were drawn, how far people agree."""
    told = facts.circumstances
    bundle.add("codebook.yaml", facts.study.codebook.source.encode())
    bundle.add("guidelines.md", guidelines(facts))
    bundle.add(ANNOTATORS, annotators_table(facts))
    if told.agreement:
        bundle.add("agreement.json", as_json(told.agreement))
        bundle.add("agreement.csv", figures_table(told.agreement))
    bundle.add("sample.json", as_json({"samples": told.to_json()["samples"]}))
    bundle.add("leaks.json", as_json(facts.leaks))


def _write_papers(facts: Facts, bundle: Bundle) -> None:
    """What describes the files that are there by now."""
    bundle.add(LICENCE, licence_text(facts))
    bundle.add(CITATION, citation_cff(facts))
    bundle.add(ZENODO, as_json(zenodo(facts)))
    data = tuple(bundle.files)
    hub = hub_facts(bundle.cards[HUB], HUB) if HUB in bundle.cards else {}
    bundle.add(README, readme(facts, data, hub))
    bundle.add(CROISSANT, as_json(croissant(facts, data)))
    bundle.add(DATAPACKAGE, as_json(datapackage(facts, data)))
