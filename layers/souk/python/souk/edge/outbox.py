"""The outbox: facts that were saved with what they speak of are told on the bus."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from souk.gateways import bus
from souk.table.record import text_of


def tell_fact(image: Mapping[str, Any]) -> None:
    """One record of the table's stream, as DynamoDB writes it; only facts pass the template's filter."""
    row = {name: b64decode(value["B"]) if "B" in value else value.get("S") for name, value in image.items()}
    told = json.loads(text_of(row))
    bus.tell(told["source"], told["detail_type"], told["detail"])
