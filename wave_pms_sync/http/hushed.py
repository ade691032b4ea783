"""Keeping what our URLs ask for out of the logs of urllib3, which writes each of them down.

A query may hold a key of the API, or the e-mail address that is looked for.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Source: the source code of urllib3, 1.26 and 2: these log URLs, the first at WARNING, too.
_LOGGERS: Final = tuple(
    logging.getLogger(f"urllib3.{name}") for name in ("connection", "connectionpool", "poolmanager", "util.retry")
)


class _Ours(threading.local):
    """Whether this thread sends a request of ours just now."""

    sending = False


_ours: Final = _Ours()


class _WithoutQueries(logging.Filter):
    """Changes only what is logged while a request of ours is under way in the same thread."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, ours without queries and without what a server sent."""
        if _ours.sending:
            record.exc_info = record.exc_text = None
            if isinstance(record.args, tuple):
                record.args = tuple(map(_plain, record.args))
        return True


_FILTER: Final = _WithoutQueries()


@contextmanager
def without_queries() -> Iterator[None]:
    """Within the block, what urllib3 logs of this thread names no query and quotes no server."""
    for logger in _LOGGERS:
        logger.addFilter(_FILTER)  # twice is once
    _ours.sending = True
    try:
        yield
    finally:
        _ours.sending = False


def _plain(told: object) -> object:
    if isinstance(told, BaseException):
        return type(told).__name__
    return told.partition("?")[0] if isinstance(told, str) else told
