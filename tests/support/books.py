"""The books of the shop, read from its journal."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from souk.domains.ledger.model.balance import AccountBalance, DayBalance
from souk.domains.payments.model.payment import Payment
from souk.kernel import ids
from souk.kernel.journal import control_of
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


def replay(entries: Iterable[Entry], span: Literal["month", "day"]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Debits and credits of each span (2026-11 or 2026-11-22), account and currency, added up one by one."""
    sums: defaultdict[tuple[str, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for entry in entries:
        for posting in entry["postings"]:
            place = (
                entry["at"][: len("2026-11" if span == "month" else "2026-11-22")],
                control_of(posting["account"]),
                entry["currency"],
            )
            debit, credit = sums[place]
            sums[place] = debit + max(posting["minor"], 0), credit - min(posting["minor"], 0)
    return dict(sums)


def balances(rows: Iterable[AccountBalance | DayBalance]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The same as the shop has counted it."""
    return {
        (one.day if isinstance(one, DayBalance) else one.month, one.account, one.currency): (
            one.debit_minor,
            one.credit_minor,
        )
        for one in rows
    }


def check(shop: Shop) -> None:
    """Every entry balances; what a buyer owes and what was charged meet, and what is credited and paid back.

    Only what a failed refund has left is still owed to the buyer, and what was paid ahead for an exchange.
    """
    by_order: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries(shop):
        assert sum(posting["minor"] for posting in entry["postings"]) == 0, entry
        by_order[entry["subject"]].append(entry)
    refunds = {refund["refund_id"]: refund for refund in shop.rows("Refund")}
    failed: Counter[str] = Counter()
    for refund_id, refund in refunds.items():
        if refund["status"] == "voided" and not refund["goodwill"] and ids.derived("rfd", refund_id) not in refunds:
            failed[refund["order_id"]] += refund["amount_minor"] - refund["made_up_minor"]
    ahead = {order["order_id"] for order in shop.rows("Order") if order["status"] == "awaiting_return"}
    payments = [Payment.model_validate(one) for one in shop.rows("Payment") if one["order_id"] in ahead]
    paid_ahead = {one.order_id: one.own_minor for one in payments}
    for order_id, booked in by_order.items():
        owed = failed[order_id] + paid_ahead.get(order_id, 0)
        assert accounts(booked)["receivable"] == -owed, (order_id, booked)
    assert accounts(entries(shop))["order_moves"] == 0
    check_balances(shop)
    check_mandates(shop)


def check_mandates(shop: Shop) -> None:
    """A day counts what was charged to a method by mandates, or will be, and is within the limit of one of them."""
    limits: Counter[str] = Counter()
    for one in shop.rows("Mandate"):
        limits[one["method_id"]] = max(limits[one["method_id"]], one["day_limit_minor"])
    charged: Counter[tuple[str, str]] = Counter()
    for row in shop.rows("Payment"):
        payment = Payment.model_validate(row)
        if (kept := payment.kept_charge) and kept.mandate_id:
            charged[kept.method_id, kept.day] += payment.due_minor
    days = {(one["method_id"], one["day"]): one.get("charged_minor", 0) for one in shop.rows("MandateDay")}
    assert {day: minor for day, minor in days.items() if minor} == dict(charged)
    assert all(minor <= limits[method_id] for (method_id, _), minor in days.items())


def check_balances(shop: Shop) -> None:
    """What each buyer has is the sum of what moved it, never below zero, and all of it what the books say is owed them.

    Of it so much is held as orders that await their payment will take.
    """
    wallets = {(one["buyer_id"], one["currency"]): one for one in shop.rows("Wallet")}
    moved: Counter[tuple[str, str]] = Counter()
    for movement in shop.rows("WalletMovement"):
        moved[movement["buyer_id"], movement["currency"]] += movement["amount_minor"]
    held: Counter[tuple[str, str]] = Counter()
    for payment in shop.rows("Payment"):
        if payment["status"] == "awaiting":
            held[payment["buyer_id"], payment["currency"]] += payment["from_balance_minor"]
    owed: Counter[str] = Counter()
    for (buyer_id, currency), wallet in wallets.items():
        available, on_hold = wallet.get("available_minor", 0), wallet.get("held_minor", 0)
        assert (available + on_hold, on_hold) == (moved[buyer_id, currency], held[buyer_id, currency]), wallet
        assert min(available, on_hold) >= 0, wallet
        owed[currency] += available + on_hold
    assert {*moved, *+held} <= {*wallets}
    for entry in entries(shop):
        owed[entry["currency"]] += sum(one["minor"] for one in entry["postings"] if one["account"] == "wallet")
    assert not any(owed.values()), owed


def count(shop: Shop, times: int = 1) -> None:
    """The table's stream brings every entry, `times` times over, to the function that counts them."""
    records = [{"dynamodb": {"NewImage": {"body": {"S": json.dumps(entry)}}}} for entry in entries(shop)]
    for _ in range(times):
        shop.invoke("CountEntries", {"Records": records})
