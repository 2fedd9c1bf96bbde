"""How much data is measured, and how often."""

from __future__ import annotations

SIZES = {
    "small": (1_000, 10_000),
    "full": (1_000, 10_000, 100_000, 1_000_000),
    "xl": (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
}


def sizes_of(told: str) -> tuple[int, ...]:
    """A name from the table, or numbers as ``1000,100000``, ascending. Raises ValueError."""
    if told in SIZES:
        return SIZES[told]
    numbers = sorted({int(number.replace("_", "")) for number in told.split(",")})
    if numbers[0] < 1:
        raise ValueError(told)
    return tuple(numbers)


def runs(size: int) -> int:
    """How often each side is measured: what takes long is measured less often."""
    return 5 if size <= 10_000 else 3 if size <= 100_000 else 1
