"""The release as Croissant 1.0 tells of datasets, with its vocabulary for responsible AI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from annotations.releases.bundle import BundledFile
from annotations.releases.citation import bibtex_of
from annotations.releases.columns import BOOLEAN, INTEGER, NUMBER, TIME
from annotations.releases.facts import Facts
from annotations.releases.known import known_answers
from annotations.releases.licences import licence
from annotations.releases.manifest import utc
from annotations.releases.tables import Table, tables

CROISSANT = "croissant.json"
TYPES = {
    BOOLEAN: "sc:Boolean",
    INTEGER: "sc:Integer",
    NUMBER: "sc:Float",
    TIME: "sc:DateTime",
}
MEDIA_TYPES = {
    "application/jsonl": "application/jsonlines",
    "application/vnd.apache.parquet": "application/x-parquet",
}
SEMANTIC_VERSION = re.compile(r"\d+(\.\d+){0,2}")
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
RESPONSIBLE = {
    "rai:dataCollection": ("acquired", "situation", "curation"),
    "rai:dataCollectionMissingData": ("missing",),
    "rai:dataPreprocessingProtocol": ("cleaning",),
    "rai:dataAnnotationProtocol": ("labeling", "resolution"),
    "rai:dataAnnotationAnalysis": ("noise",),
    "rai:annotatorDemographics": ("annotators",),
    "rai:dataBiases": ("biases",),
    "rai:dataLimitations": ("unfit",),
    "rai:dataUseCases": ("intended", "used"),
    "rai:personalSensitiveInformation": ("sensitive", "consent"),
    "rai:dataReleaseMaintenancePlan": ("maintenance", "updates"),
}


def croissant(facts: Facts, files: Iterable[BundledFile]) -> dict[str, Any]:
    """JSON-LD that lies beside the files. Tables of known columns are record sets."""
    held = sorted(files, key=lambda one: one.name)
    edition, card = facts.edition, facts.edition.card
    given = licence(card.licence)
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.0",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": facts.name,
        "alternateName": edition.title,
        "description": facts.description,
        "version": edition.version if SEMANTIC_VERSION.fullmatch(edition.version) else "",
        "license": given.url or given.name,
        "url": card.url or (f"https://doi.org/{card.doi}" if card.doi else ""),
        "identifier": f"https://doi.org/{card.doi}" if card.doi else "",
        "creator": [_creator(one.name, one.affiliation, one.orcid) for one in card.creators],
        "keywords": list(card.keywords),
        "inLanguage": list(facts.languages),
        "datePublished": utc(edition.frozen_at),
        "citeAs": bibtex_of(facts),
        **_responsible(facts),
        "distribution": [_file(one) for one in held],
        "recordSet": [_record_set(one) for one in tables(facts, held) if one.file.rows],
    }
    return {name: value for name, value in told.items() if value}


def _responsible(facts: Facts) -> dict[str, Any]:
    known = known_answers(facts)
    own = facts.edition.card.answers
    told: dict[str, Any] = {
        name: " ".join(filter(None, [one.get(key, "") for key in keys for one in (own, known)]))
        for name, keys in RESPONSIBLE.items()
    }
    each = facts.counts.per_comment
    told["rai:annotationsPerItem"] = ", ".join(
        f"{each[count]:,} comments with {count}" for count in sorted(each)
    )
    told["rai:dataAnnotationPlatform"] = f"Threadmark {facts.edition.made_with}"
    first, last = facts.counts.first_at, facts.counts.last_at
    if first and last:
        told["rai:dataCollectionTimeframe"] = [utc(first), utc(last)]
    return told


def _creator(name: str, affiliation: str, orcid: str) -> dict[str, Any]:
    told: dict[str, Any] = {"@type": "sc:Person", "name": name}
    if affiliation:
        told["affiliation"] = {"@type": "sc:Organization", "name": affiliation}
    if orcid:
        told["url"] = f"https://orcid.org/{orcid}"
    return told


def _file(file: BundledFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.size} B",
        "encodingFormat": MEDIA_TYPES.get(file.media_type, file.media_type),
        "sha256": file.sha256,
    }


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.key,
        "name": table.key,
        "description": table.title,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.key}/{column.name}",
                "name": column.name,
                "dataType": TYPES.get(column.type, "sc:Text"),
                "source": {
                    "fileObject": {"@id": table.file.name},
                    "extract": {"column": column.name},
                },
            }
            for column in table.columns
        ],
    }
