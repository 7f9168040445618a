"""Disputes, as they are asked for."""

from collections.abc import Iterable
from datetime import datetime

from souk.domains.payments.model.dispute import Dispute, DisputeCard, NoSuchDispute
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns


class _DisputeCard(Noun):
    dispute_id: str


def find_dispute(order_id: str, dispute_id: str) -> Dispute | None:
    return ask.find(keys.DISPUTE, Dispute, order_id=order_id, dispute_id=dispute_id)


def known_disputes(wanted: Iterable[tuple[str, str]]) -> set[str]:
    """Which of these have been heard of: by order and the provider's id, as long a list as it may be."""
    ats = [ask.key(keys.DISPUTE, order_id=order_id, dispute_id=dispute_id) for order_id, dispute_id in wanted]
    return {one.dispute_id for rows in ask.in_batches(ats) for one in rows.all(keys.DISPUTE, _DisputeCard)}


def dispute_for(order_id: str, dispute_id: str, by: Caller) -> Dispute:
    dispute = ask.get(keys.DISPUTE, Dispute, NoSuchDispute, order_id=order_id, dispute_id=dispute_id)
    dispute.need_scope(by)
    return dispute


def disputes(store_id: str, status: str, limit: int, position: str | None) -> tuple[list[DisputeCard], str | None]:
    rows = ask.ask(patterns.DISPUTE_DESK, limit=limit, position=position, store_id=store_id, status=status)
    return rows.all(keys.DISPUTE, DisputeCard), rows.position


def disputes_to_look_at(until: datetime, most: int) -> list[str]:
    """By the provider's ids, of those that are not decided."""
    rows = ask.ask(patterns.DISPUTES_AWAITED, limit=most, until=clock.text(until))
    return [card.dispute_id for card in rows.all(keys.DISPUTE, _DisputeCard)]
