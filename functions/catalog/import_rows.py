"""Rows of a file of products become products."""

from collections.abc import Callable
from typing import Any

from souk.domains.catalog.actions.imported_rows import import_rows
from souk.domains.catalog.model.imports import RowsMessage
from souk.domains.stores.store.settings import at_hand
from souk.edge.task import queue


def work(message: dict[str, Any], has_time: Callable[[], bool]) -> bool:
    return import_rows(RowsMessage.model_validate(message), at_hand().settings.currency, has_time)


handler = queue(work)
