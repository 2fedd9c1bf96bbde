"""What annotators were told: the codebook's guidelines, and the rulings that came later."""

from __future__ import annotations

from annotations.releases.facts import Facts


def guidelines(facts: Facts) -> bytes:
    """Markdown."""
    book = facts.study.codebook
    parts = [f"# {book.title}", book.guidelines.strip()]
    if facts.circumstances.rulings:
        parts += ["## Rulings", *(ruling.strip() for ruling in facts.circumstances.rulings)]
    if kept_back := facts.circumstances.rulings_kept_back:
        parts += [
            "## Rulings",
            f"{kept_back:,} came later. They may quote comments and name people, so a dataset "
            "whose privacy is not full leaves them out.",
        ]
    return ("\n\n".join(filter(None, parts)) + "\n").encode()
