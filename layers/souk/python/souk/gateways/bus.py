"""The event bus that facts are told on."""

import json
from collections.abc import Mapping
from typing import Any

from souk.gateways.aws import client
from souk.kernel import settings
from souk.kernel.errors import Unavailable


def tell(source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
    """One fact. The bus may take a call and still refuse its entry: that counts as not told."""
    entry = {
        "EventBusName": settings.bus_name(),
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail, ensure_ascii=False),
    }
    answer = client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise Unavailable(f"the bus refused {detail_type}: {answer['Entries'][0].get('ErrorCode')}")
