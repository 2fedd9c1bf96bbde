"""What the Hugging Face hub calls licences and sizes at the head of a README.md."""

from __future__ import annotations

README = "README.md"
FENCE = "---\n"
HUB_LICENCES = {
    **{
        name: name
        for name in (
            *("cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0"),
            *("cc-by-nc-nd-4.0", "cc0-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0", "mit"),
            "apache-2.0",
        )
    },
    "odbl-1.0": "odbl",
    "odc-by-1.0": "odc-by",
    "pddl-1.0": "pddl",
}
SIZES = (
    *((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")),
    *((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B")),
)


def hub_licence(told: str) -> dict[str, str]:
    """The licence by the name that the hub has for it, {} where none is told."""
    if not told:
        return {}
    name = HUB_LICENCES.get(told.strip().casefold())
    return {"license": name} if name else {"license": "other", "license_name": told.strip()}


def size_category(rows: int) -> str:
    """As the hub names sizes: n<1K, 1K<n<10K, ..."""
    return next((name for size, name in SIZES if rows < size), "n>1B")
