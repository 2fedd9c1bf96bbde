"""``python -m annotations.codebooks``: the JSON Schema of a codebook file, for editors."""

from __future__ import annotations

import json

from annotations.codebooks.schema import json_schema

print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
