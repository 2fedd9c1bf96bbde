"""What is kept out of the logs."""

from __future__ import annotations

import logging
import re

JOIN = re.compile(r"/join/[^/\s?\"']+")


class WithoutTokens(logging.Filter):
    """Takes the tokens of invitations out of addresses: who reads a log must not come in by it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/join/" in message:
            record.msg, record.args = JOIN.sub("/join/…", message), ()
        return True
