from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

collect_ignore = [] if SAMPLES.is_dir() else ["test_samples.py"]
