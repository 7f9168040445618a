"""The outbox: facts that were saved with what they speak of are told on the bus."""

import json
from collections.abc import Mapping
from typing import Any

from souk.edge.watch import logger
from souk.gateways import bus
from souk.table.record import row_in, text_of


def tell_fact(image: Mapping[str, Any]) -> None:
    """One record of the table's stream, as DynamoDB writes it; only facts pass the template's filter."""
    told = json.loads(text_of(row_in(image)))
    detail = told["detail"]
    bus.tell(told["source"], told["detail_type"], detail)
    logger.info(
        "told",
        extra={
            "fact": detail["fact_id"],
            "detail_type": told["detail_type"],
            "order_id": detail["data"].get("order_id"),
            "correlation_id": detail.get("correlation_id"),
        },
    )
