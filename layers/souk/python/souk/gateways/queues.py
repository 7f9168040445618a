"""Queues of work that others do."""

import json
from collections.abc import Iterable
from typing import Any

from souk.gateways.aws import client
from souk.kernel.errors import Unavailable

LARGEST = 200_000  # bytes of all messages in one call, below SQS's limit of 256 KB; so of one message too
_MOST = 10
_REFUSED = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}  # by SQS, as they are; JSON has no need of them outside its texts


def send(queue: str, messages: Iterable[Any]) -> None:
    """All of them, by as few calls as may be; Unavailable where one was refused, and then some may have been sent."""
    batch: list[str] = []
    size = 0
    for message in messages:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).translate(_REFUSED)
        length = len(body.encode())
        if batch and (len(batch) == _MOST or size + length > LARGEST):
            _send(queue, batch)
            batch, size = [], 0
        batch.append(body)
        size += length
    if batch:
        _send(queue, batch)


def _send(queue: str, bodies: list[str]) -> None:
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    answer = client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    if refused := answer.get("Failed"):
        raise Unavailable(f"the queue refused {len(refused)} messages: {refused[0].get('Code')}")
