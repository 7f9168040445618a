"""The last moments of an unpaid order: it is paid or its stock is back once, whoever comes first."""

from contextlib import suppress
from itertools import permutations
from typing import Any

import pytest

from souk.kernel.errors import Conflict
from tests.support.market import Market
from tests.support.table import before_next_write, calls

REFUSED = ("already_paid", "not_in_that_state", "changed_meanwhile")
# What happens first, and how it may end then.
ENDS = {
    "pays": {"paid", "cancelled"},
    "webhook": {"paid", "cancelled"},
    "cancels": {"cancelled"},
    "deadline": {"cancelled"},
}


class Ending:
    """An unpaid order for four units, and what may happen to it."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.before = market.stock("TEA")
        self.placed = market.checkout({"TEA": 4})
        self.order_id = str(self.placed.ok()["order"]["order_id"])

    def pays(self) -> None:
        """At the provider, where a canceled payment cannot be paid any more."""
        if self.intent()["status"] != "canceled":
            self.market.pay(self.placed)

    def webhook(self) -> None:
        assert {answer.status for answer in self.market.hear()} <= {200}

    def cancels(self) -> None:
        answer = self.market.cancel(self.order_id)
        assert answer.status == 200 or answer["code"] in REFUSED

    def deadline(self) -> None:
        """The scheduler sends it once more where it failed."""
        with suppress(Conflict):
            self.market.shop.invoke("CloseUnpaid", {"order_id": self.order_id})
        self.market.shop.invoke("CloseUnpaid", {"order_id": self.order_id})

    def intent(self) -> dict[str, Any]:
        intent: dict[str, Any] = self.market.stripe.fake.account.objects["payment_intent"][
            self.placed["payment"]["intent_id"]
        ]
        return intent

    def check(self) -> str:
        """Once all webhooks are heard the order is paid for and its stock reserved, or neither; how it ended."""
        self.webhook()
        history = [step["status"] for step in self.market.order(self.order_id)["history"]]
        money = self.market.money(self.order_id)
        owed_back = sum(refund["amount_minor"] for refund in money["refunds"])
        paid, stock = self.intent()["amount_received"] - owed_back, self.market.stock("TEA")
        if history == ["awaiting_payment", "paid"]:
            reserved = self.before["reserved"] + 4
            assert (paid, stock) == (2000, {"on_hand": 100, "reserved": reserved, "available": 100 - reserved})
        else:
            assert history in (["awaiting_payment", "cancelled"], ["awaiting_payment", "paid", "cancelled"])
            assert (paid, stock) == (0, self.before)
        return history[-1]


@pytest.fixture
def tea(market: Market) -> Market:
    market.goods({"TEA": 500}, {market.store(): 100})
    return market


@pytest.mark.capability("INV-04")
@pytest.mark.parametrize("first", ENDS)
def test_in_whatever_order_it_happens_the_order_is_paid_or_its_stock_is_back_once(tea: Market, first: str) -> None:
    ends = set()
    for order_of_events in permutations(sorted(ENDS.keys() - {first})):
        ending = Ending(tea)
        for event in (first, *order_of_events):
            getattr(ending, event)()
        ends.add(ending.check())
    assert ends == ENDS[first]


@pytest.mark.capability("INV-04")
@pytest.mark.filterwarnings("ignore:No application metrics")  # one command runs within the other
@pytest.mark.parametrize("paid", [True, False])
def test_of_two_that_end_it_at_the_same_moment_one_does(
    tea: Market, monkeypatch: pytest.MonkeyPatch, paid: bool
) -> None:
    ways = ("webhook", "cancels", "deadline") if paid else ("cancels", "deadline")
    for slow, quick in permutations(ways, 2):
        ending = Ending(tea)
        met: list[str] = []
        if paid:
            ending.pays()

        def meanwhile(ending: Ending = ending, quick: str = quick, met: list[str] = met) -> None:
            met.append(quick)
            getattr(ending, quick)()

        before_next_write(monkeypatch, meanwhile, of="Order")
        getattr(ending, slow)()
        assert met == [quick]
        assert ending.check() == ("paid" if paid else "cancelled")


@pytest.mark.capability("ORD-12")
@pytest.mark.filterwarnings("ignore:No application metrics")
def test_what_is_paid_while_the_deadline_is_looking_stays_paid(tea: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, number = 1, 0
    while number < looks:  # at each of its calls, as many as there are
        number += 1
        ending = Ending(tea)
        ending.pays()

        def hear_at(call: int, ending: Ending = ending, number: int = number) -> None:
            if call == number:
                ending.webhook()

        with monkeypatch.context() as watched:
            made = calls(watched, of="CloseUnpaid", then=hear_at)
            ending.deadline()
        looks = max(looks, len(made))
        assert ending.check() == "paid"
    assert looks > 1
