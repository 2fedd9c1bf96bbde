"""``python -m threadmark`` is the command ``threadmark``."""

from __future__ import annotations

import sys

from threadmark.command import main

sys.exit(main())
