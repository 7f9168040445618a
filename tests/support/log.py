"""What functions write into their log: lines of the logger, and metrics, which are printed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from souk.edge.watch import logger


@contextmanager
def written() -> Iterator[io.StringIO]:
    log, handler = io.StringIO(), logger.registered_handler
    stream = handler.setStream(log)  # type: ignore[attr-defined]
    try:
        with redirect_stdout(log):
            yield log
    finally:
        if stream:
            handler.setStream(stream)  # type: ignore[attr-defined]
