"""The books of the shop, read from its journal."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from souk.kernel import ids
from tests.support.shop import Shop

Entry = Mapping[str, Any]


def entries(shop: Shop) -> list[dict[str, Any]]:
    return shop.rows("JournalEntry")


def accounts(entries: Iterable[Entry]) -> Counter[str]:
    """Debits less credits of each account."""
    sums: Counter[str] = Counter()
    for entry in entries:
        for posting in entry["postings"]:
            sums[posting["account"]] += posting["minor"]
    return Counter({account: minor for account, minor in sums.items() if minor})


def check(shop: Shop) -> None:
    """Every entry balances; what a buyer owes and what was charged meet, and what is credited and paid back.

    Only what a failed refund has left is still owed to the buyer.
    """
    by_order: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries(shop):
        assert sum(posting["minor"] for posting in entry["postings"]) == 0, entry
        by_order[entry["subject"]].append(entry)
    refunds = {refund["refund_id"]: refund for refund in shop.rows("Refund")}
    failed: Counter[str] = Counter()
    for refund_id, refund in refunds.items():
        if refund["status"] == "voided" and ids.derived("rfd", refund_id) not in refunds:
            failed[refund["order_id"]] += refund["amount_minor"]
    for order_id, booked in by_order.items():
        assert accounts(booked)["receivable"] == -failed[order_id], (order_id, booked)
    assert accounts(entries(shop))["order_moves"] == 0


def count(shop: Shop, times: int = 1) -> None:
    """The table's stream brings every entry, `times` times over, to the function that counts them."""
    records = [{"dynamodb": {"NewImage": {"body": {"S": json.dumps(entry)}}}} for entry in entries(shop)]
    for _ in range(times):
        shop.invoke("CountEntries", {"Records": records})
