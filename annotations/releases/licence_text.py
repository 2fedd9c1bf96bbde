"""LICENSE.txt: under which licence the dataset is given, and what it is made of."""

from __future__ import annotations

from annotations.releases.facts import Facts
from annotations.releases.licences import licence

LICENCE = "LICENSE.txt"


def licence_text(facts: Facts) -> bytes:
    """Names the licences; their full texts stand where the addresses lead."""
    edition, study = facts.edition, facts.study
    given = licence(edition.card.licence)
    names = "; ".join(one.name for one in edition.card.creators)
    lines = [
        f"{edition.title}, version {edition.version}",
        f"Copyright (c) {edition.frozen_at.year} {names}",
        "",
        f"This dataset is given under the licence: {given.name}",
    ]
    if given.spdx:
        lines += [f"SPDX-License-Identifier: {given.spdx}", given.url]
    parts = {
        "The texts, as their source gives them": study.corpus_licence,
        "The codebook": study.codebook.licence,
    }
    lines += [f"{part}: {terms}" for part, terms in parts.items() if terms]
    return ("\n".join(lines) + "\n").encode()
