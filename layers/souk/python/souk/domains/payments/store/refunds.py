"""Refunds, as they are asked for."""

from datetime import datetime

from souk.domains.payments.model.refund import Refund
from souk.kernel import clock
from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns
from souk.table.ask import Rows


class _RefundCard(Noun):
    order_id: str
    refund_id: str


def refund(order_id: str, refund_id: str) -> Refund:
    return ask.get(keys.REFUND, Refund, order_id=order_id, refund_id=refund_id)


def refunds(order_id: str) -> list[Refund]:
    return refunds_in(ask.ask(patterns.REFUNDS_OF_ORDER, order_id=order_id))


def refunds_in(rows: Rows) -> list[Refund]:
    """The refunds among the rows of an order."""
    return rows.all(keys.REFUND, Refund)


def refunds_of_case(order_id: str, case_id: str) -> list[Refund]:
    return [one for one in refunds(order_id) if one.case_id == case_id]


def refunds_awaited(most: int) -> list[tuple[str, str]]:
    """Order and refund of what the provider has not confirmed yet, oldest first."""
    rows = ask.ask(patterns.REFUNDS_AWAITED, awaited="awaited", limit=most)
    return [(card.order_id, card.refund_id) for card in rows.all(keys.REFUND, _RefundCard)]


def refunds_to_look_at(until: datetime, most: int) -> list[tuple[str, str]]:
    """Order and refund of what was posted and is to be looked at again by that time."""
    rows = ask.ask(patterns.REFUNDS_AWAITED, awaited="posted", limit=most, until=clock.text(until))
    return [(card.order_id, card.refund_id) for card in rows.all(keys.REFUND, _RefundCard)]


def refunds_by_hand(limit: int, position: str | None) -> tuple[list[Refund], str | None]:
    """What staff are to transfer, the oldest first."""
    rows = ask.ask(patterns.REFUNDS_AWAITED, awaited="by_hand", limit=limit, position=position).whole()
    return rows.all(keys.REFUND, Refund), rows.position
