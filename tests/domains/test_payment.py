"""Payments as they were kept."""

from datetime import UTC, datetime

import pytest

from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund

NOW = datetime(2026, 11, 2, tzinfo=UTC)
OF_ORDER = {"order_id": "o", "buyer_id": "b", "store_id": "s", "currency": "EUR", "amount_minor": 1}
KEPT = {
    "payment": Payment(**OF_ORDER, deadline=NOW, status="captured"),
    "refund": Refund(**OF_ORDER, refund_id="r", intent_id="i", cause="c", asked_at=NOW, status="posted"),
}


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_money_that_was_kept_under_the_former_word_is_where_it_was(kept: Payment | Refund) -> None:
    former = kept.model_dump_json().replace('"status":', '"state":')
    assert former != kept.model_dump_json() and type(kept).model_validate_json(former) == kept
