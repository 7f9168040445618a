"""The outbox: facts that were saved with what they speak of are told on the bus."""

import json
from collections.abc import Mapping
from typing import Any

from souk.gateways import bus


def tell_fact(image: Mapping[str, Any]) -> None:
    """One record of the table's stream, as DynamoDB writes it; only facts pass the template's filter."""
    told = json.loads(image["body"]["S"])
    bus.tell(told["source"], told["detail_type"], told["detail"])
