"""Disputes by what the provider says of them, in whatever order it is heard."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest

from souk.domains.payments.model.dispute import Dispute, DisputeAnswer

NOW = datetime(2026, 11, 2, tzinfo=UTC)
KNOWN = Dispute(
    dispute_id="dp_1",
    order_id="o",
    buyer_id="b",
    store_id="s",
    intent_id="i",
    currency="EUR",
    amount_minor=1000,
    reason="fraudulent",
    status="inquiry",
    opened_at=NOW,
    look_at=NOW,
)
OPENED = DisputeAnswer(
    dispute_id="dp_1",
    status="open",
    reason="fraudulent",
    amount_minor=1000,
    currency="EUR",
    withdrawn_minor=1000,
    reinstated_minor=0,
    opened_at=NOW,
    respond_by=NOW + timedelta(days=7),
    evidence=None,
)
ANSWERED = OPENED.but(status="under_review", evidence="The parcel was signed for at the door.")
ENDS = {
    "won": ANSWERED.but(status="won", reinstated_minor=1000, respond_by=None),
    "lost": ANSWERED.but(status="lost", respond_by=None),
}


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize("end", ENDS)
def test_answers_in_any_order_and_repeated_say_the_same(end: str) -> None:
    told = (OPENED, ANSWERED, ENDS[end])
    found = [
        reduce(lambda known, answer: known.heard(answer, NOW), answers, KNOWN)
        for ways in permutations(told)
        for answers in (ways, ways + ways)
    ]
    assert all(one == found[0] for one in found)
    assert (found[0].status, found[0].taken_minor) == (end, 0 if end == "won" else 1000)
    assert (found[0].respond_by, found[0].evidence) == (OPENED.respond_by, ANSWERED.evidence)
