"""Whether what a shop has written down agrees with itself and with its provider, once it has come to rest."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import requests
from boto3.dynamodb.types import TypeDeserializer
from pydantic import BaseModel

from infra.local.shop import Shop
from infra.local.stripe.config import API_KEY
from souk.domains.inventory.model import Stock, StockEntry
from souk.domains.ledger.model.balance import AccountBalance, DayBalance
from souk.domains.orders.model.lifecycle import REGROUPED
from souk.domains.orders.model.order import Order
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.reports.model import DaySales
from souk.kernel.journal import JournalEntry
from souk.table import keys, record
from souk.table.entity import Entity
from souk.table.port import Row
from tests.support import books as journal

M = TypeVar("M", bound=BaseModel)
AT_REST_SECONDS = 3.0  # without a change
MOST_SECONDS = 300.0


class Books:
    """The table's content and the provider's intents, at one time."""

    def __init__(self, rows: Iterable[Row], intents: Iterable[dict[str, Any]]) -> None:
        self._by_kind: dict[object, list[Row]] = defaultdict(list)
        for row in rows:
            self._by_kind[row["kind"]].append(row)
        self.taken = {
            str(intent["metadata"]["order_id"]): int(intent["amount_received"])
            for intent in intents
            if intent["status"] == "succeeded"
        }

    def of(self, entity: Entity, model: type[M]) -> list[M]:
        return [record.to(model, row) for row in self._by_kind[entity.kind]]

    def faults(self) -> Iterator[str]:
        """What promises are broken, by their numbers; nothing where all is well."""
        yield from self._stock()
        yield from self._orders()
        yield from self._money()
        yield from self._ledger()
        yield from self._reports()

    def _stock(self) -> Iterator[str]:
        on_hand, reserved = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for entry in self.of(keys.STOCK_ENTRY, StockEntry):
            on_hand[entry.store_id, entry.sku] += entry.delta
        for order in self.of(keys.ORDER, Order):
            for store_id, held in order.reserved().items():
                for sku, units in held.items():
                    reserved[store_id, sku] += units
        for stock in self.of(keys.STOCK, Stock):
            at = stock.store_id, stock.sku
            if min(stock.on_hand, stock.reserved, stock.available) < 0:
                yield f"I1: {stock}"
            if (stock.on_hand, stock.reserved) != (on_hand[at], reserved[at]):
                yield f"I2: {stock}, by its ledger {on_hand[at]}, by the orders {reserved[at]}"

    def _orders(self) -> Iterator[str]:
        for order in self.of(keys.ORDER, Order):
            sums = (order.goods_minor, -order.discount_minor, order.freight_minor, order.tax_minor)
            if not sum(sums) == order.total_minor == sum(line.payable_minor for line in order.bought):
                yield f"I6: {order.number} does not add up"

    def _money(self) -> Iterator[str]:
        payments = {one.order_id: one for one in self.of(keys.PAYMENT, Payment)}
        going = Counter[str]()
        for refund in self.of(keys.REFUND, Refund):
            going[refund.order_id] += refund.amount_minor if refund.status != "voided" else 0
        for order in self.of(keys.ORDER, Order):
            charged = order.has_been("paid") and not order.came_from
            if charged and self.taken.get(order.order_id) != order.total_minor:
                yield f"I8: {order.number} is paid, and the provider took {self.taken.get(order.order_id)}"
        for order_id, amount in self.taken.items():
            if payments[order_id].captured_minor != amount and payments[order_id].status != "moved":
                yield f"I9: {order_id} was paid, and is {payments[order_id].status}"
        captured = sum(payment.captured_minor for payment in payments.values() if payment.method == "card")
        if captured != sum(self.taken.values()):
            yield f"I9: orders have {captured}, and the provider took {sum(self.taken.values())}"
        for payment in payments.values():
            if payment.refundable_minor != payment.captured_minor - going[payment.order_id]:
                yield f"I11: {payment}"

    def _ledger(self) -> Iterator[str]:
        entries = self.of(keys.JOURNAL_ENTRY, JournalEntry)
        accounts = Counter[tuple[str, str]]()
        for entry in entries:
            for posting in entry.postings:
                accounts[entry.currency, posting.account] += posting.minor
        if sum(accounts.values()):
            yield f"I15: the accounts sum to {sum(accounts.values())}"
        booked = [entry.model_dump(mode="json") for entry in entries]
        days, months = self.of(keys.DAY_BALANCE, DayBalance), self.of(keys.ACCOUNT_BALANCE, AccountBalance)
        for counted, replayed in (
            (journal.balances(days), journal.replay(booked, "day")),
            (journal.balances(months), journal.replay(booked, "month")),
        ):
            if counted != replayed:
                yield f"I16: the balances are {counted}, by the entries {replayed}"
        refunds = self.of(keys.REFUND, Refund)
        given_back = sum(one.amount_minor for one in refunds if one.status == "posted" and one.method == "card")
        at_provider = sum(minor for (_, account), minor in accounts.items() if account == "clearing:stripe")
        if at_provider != sum(self.taken.values()) - given_back:
            yield f"I17: {at_provider} is at the provider by the books"
        failed = sum(one.amount_minor for one in refunds if one.status == "voided")
        owed = sum(minor for (_, account), minor in accounts.items() if account == "receivable")
        if not -failed <= owed <= 0:
            yield f"I18: buyers owe {owed}, and refunds of {failed} have failed"

    def _reports(self) -> Iterator[str]:
        days = self.of(keys.DAY_SALES, DaySales)
        sold = (one for one in self.of(keys.ORDER, Order) if one.has_been("paid") or one.sold_at_till)
        paid = [one for one in sold if one.status not in REGROUPED]
        counted = sum(day.orders for day in days), sum(day.total_minor for day in days)
        if counted != (len(paid), sum(order.total_minor for order in paid)):
            yield f"I22: reports count {counted}, paid are {len(paid)}"


def faults(shop: Shop) -> list[str]:
    """What is wrong once the shop has come to rest; nothing where all is well."""
    books = Books(_at_rest(shop), _intents(shop))
    orders = books.of(keys.ORDER, Order)
    print(f"{len(orders)} orders, {sum(order.has_been('paid') for order in orders)} of them paid")
    return list(books.faults())


def _at_rest(shop: Shop) -> list[Row]:
    """The table's rows when nothing changes any more: facts have been told and heard."""
    before, since, began = list[Row](), time.monotonic(), time.monotonic()
    while time.monotonic() - since < AT_REST_SECONDS:
        rows = sorted(_rows(shop), key=lambda row: (str(row["PK"]), str(row["SK"])))
        if rows != before:
            before, since = rows, time.monotonic()
        if time.monotonic() - began > MOST_SECONDS:
            break
        time.sleep(1)
    return before


def _rows(shop: Shop) -> Iterator[Row]:
    read = TypeDeserializer().deserialize
    for page in shop.client("dynamodb").get_paginator("scan").paginate(TableName=shop.outputs["TableName"]):
        for item in page["Items"]:
            yield {name: _plain(read(value)) for name, value in item.items()}


def _plain(value: Any) -> str | int | bytes:
    """Numbers and bytes as the shop's own table answers them."""
    if isinstance(value, str):
        return value
    return bytes(value.value) if hasattr(value, "value") else int(value)


def _intents(shop: Shop) -> Iterator[dict[str, Any]]:
    after: dict[str, str] = {}
    while True:
        page = requests.get(
            f"{shop.stripe}/v1/payment_intents", params={"limit": "100", **after}, auth=(API_KEY, ""), timeout=10
        ).json()
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}
