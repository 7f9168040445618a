"""The states of an order through the doors: every move that is due is made, every other leaves it as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.market import INES, Market, to_ship
from tests.support.shop import Answer

# Written down once more, so that a slip in the table of states is seen.
DUE = {
    "awaiting_payment": {"pay": "paid", "cancel": "cancelled"},
    "paid": {
        "hold": "held",
        "confirm": "confirmed",
        "decline": "reassigned",
        "assign": "reassigned",
        "split": "split",
        "merge": "merged",
        "cancel": "cancelled",
    },
    "held": {"approve": "released", "reject": "cancelled", "cancel": "cancelled"},
    "released": {
        "confirm": "confirmed",
        "decline": "reassigned",
        "assign": "reassigned",
        "split": "split",
        "merge": "merged",
        "cancel": "cancelled",
    },
    "confirmed": {
        "ship a part": "part_shipped",
        "ship": "shipped",
        "decline": "reassigned",
        "assign": "reassigned",
        "split": "split",
        "merge": "merged",
        "cancel": "cancelled",
    },
    "reassigned": {
        "hold": "held",
        "confirm": "confirmed",
        "decline": "unassigned",
        "assign": "reassigned",
        "split": "split",
        "merge": "merged",
        "cancel": "cancelled",
    },
    "unassigned": {"assign": "reassigned", "split": "split", "cancel": "cancelled"},
    "part_shipped": {"ship a part": "part_shipped", "ship": "shipped", "cancel": "shipped"},
    "shipped": {"receive": "received"},
    "received": {"complete": "completed"},
    "completed": {},
    "split": {},
    "merged": {},
    "cancelled": {},
}
ON_THE_WAY = {
    "awaiting_payment": (),
    "paid": ("pay",),
    "held": ("pay", "hold"),
    "released": ("pay", "hold", "approve"),
    "confirmed": ("pay", "confirm"),
    "reassigned": ("pay", "decline"),
    "unassigned": ("pay", "decline", "decline"),
    "part_shipped": ("pay", "confirm", "ship a part"),
    "shipped": ("pay", "confirm", "ship"),
    "received": ("pay", "confirm", "ship", "receive"),
    "completed": ("pay", "confirm", "ship", "receive", "complete"),
    "split": ("pay", "split"),
    "merged": ("pay", "merge"),
    "cancelled": ("cancel",),
}


class Moves:
    """Every door that moves an order between two stores, for the buyer and for staff."""

    def __init__(self, market: Market, stores: list[str]) -> None:
        self.market, self.stores = market, stores
        self.doors: dict[str, tuple[Callable[[str], Answer], ...]] = {
            "pay": (self.pay,),
            "confirm": (lambda one: self._staff(one, "confirm"),),
            "hold": (self._hold,),
            "approve": (lambda one: self._handle(one, "approve", {}),),
            "reject": (lambda one: self._handle(one, "reject", {"reason": "no"}),),
            "decline": (self._decline,),
            "assign": (self._assign,),
            "split": (self._split,),
            "merge": (self._merge,),
            "ship a part": (lambda one: self._ship(one, units={"TEA": 1}),),
            "ship": (self._ship,),
            "receive": (lambda one: self._buyer(one, "received"), lambda one: self._staff(one, "received")),
            "complete": (lambda one: self._staff(one, "complete"),),
            "cancel": (
                lambda one: self._buyer(one, "cancel", reason="no"),
                lambda one: self._staff(one, "cancel", reason="no"),
            ),
        }

    def make(self, state: str) -> str:
        order_id = self.market.place({"TEA": 3})
        for move in ON_THE_WAY[state]:
            self.doors[move][0](order_id).ok()
        assert self.kept(order_id)["status"] == state
        return order_id

    def kept(self, order_id: str) -> dict[str, Any]:
        return next(row for row in self.market.shop.rows("Order") if row["order_id"] == order_id)

    def pay(self, order_id: str) -> Answer:
        begun = self.market.shop.post("/me/payments", {"order_id": order_id}, as_=INES)
        if begun.status >= 300:
            return begun
        self.market.stripe.buyer.pay(begun["client_secret"])
        return self.market.shop.post(f"/me/payments/{order_id}/return", as_=INES)

    def _hold(self, order_id: str) -> Answer:
        """As the workflow does where the shop wants every order reviewed."""
        before = self.kept(order_id)["version"]
        self.market.set_up(review_above_minor=0)
        self.market.lay_out(order_id)
        self.market.set_up(review_above_minor=None)
        return Answer(200 if self.kept(order_id)["version"] > before else 409, {})

    def _ship(self, order_id: str, **units: Any) -> Answer:
        number = f"T-{self.market.shop.next_number():04d}"
        said = {"units": to_ship(self.market.shop, order_id), **units}
        parcel = {"order_id": order_id, "carrier": "other", "tracking_number": number, **said}
        return self.market.shop.post("/staff/shipments", parcel, as_=self.market.shop.boss)

    def _decline(self, order_id: str) -> Answer:
        said = {"store_id": self.kept(order_id)["store_id"], "reason": "no"}
        return self._handle(order_id, "decline", said)

    def _assign(self, order_id: str) -> Answer:
        other = next(one for one in self.stores if one != self.kept(order_id)["store_id"])
        return self._handle(order_id, "assign", {"store_id": other, "reason": "yes"})

    def _split(self, order_id: str) -> Answer:
        """Otherwise than before, for the same once more is answered as it was."""
        shares = (2, 1) if self.kept(order_id)["status"] == "split" else (1, 2)
        parts = [{"store_id": one, "units": {"TEA": units}} for one, units in zip(self.stores, shares, strict=True)]
        return self._handle(order_id, "split", {"parts": parts, "reason": "yes"})

    def _merge(self, order_id: str) -> Answer:
        """With another of its store."""
        other = self.market.place({"TEA": 1})
        self.pay(other).ok()
        place = {"store_id": self.kept(order_id)["store_id"], "reason": "yes"}
        if self.kept(other)["store_id"] != place["store_id"]:
            self._handle(other, "assign", place)
        said = {"order_ids": [order_id, other], "reason": "yes"}
        return self.market.shop.post("/staff/handling/merge", said, as_=self.market.shop.boss)

    def _handle(self, order_id: str, verb: str, said: dict[str, Any]) -> Answer:
        return self.market.shop.post(f"/staff/handling/{order_id}/{verb}", said, as_=self.market.shop.boss)

    def _buyer(self, order_id: str, verb: str, **said: Any) -> Answer:
        return self.market.shop.post(f"/me/orders/{order_id}/{verb}", said, as_=INES)

    def _staff(self, order_id: str, verb: str, **said: Any) -> Answer:
        return self.market.shop.post(f"/staff/orders/{order_id}/{verb}", said, as_=self.market.shop.boss)


@pytest.fixture
def moves(market: Market) -> Moves:
    stores = [market.store(), market.store("Souk Baixa")]
    market.goods({"TEA": 500}, dict.fromkeys(stores, 100))
    market.set_up(confirm_by_hand=True)
    return Moves(market, stores)


@pytest.mark.capability("ORD-07")
@pytest.mark.parametrize("state", DUE)
def test_a_move_that_is_due_is_made_and_any_other_is_refused_and_changes_nothing(moves: Moves, state: str) -> None:
    order_id = moves.make(state)
    before = moves.kept(order_id)
    for move in moves.doors.keys() - DUE[state].keys():
        for door in moves.doors[move]:
            assert (move, door(order_id).status) == (move, 409)
    assert moves.kept(order_id) == before

    for move, after in DUE[state].items():
        for door in moves.doors[move]:
            order_id = moves.make(state)
            version = moves.kept(order_id)["version"]
            door(order_id).ok()
            kept = moves.kept(order_id)
            assert (kept["status"], kept["version"], kept["history"][-1]["status"]) == (after, version + 1, after)


def test_every_door_is_due_in_some_state_and_every_state_is_reached(moves: Moves) -> None:
    assert {move for due in DUE.values() for move in due} == set(moves.doors)
    assert {after for due in DUE.values() for after in due.values()} | {"awaiting_payment"} == set(DUE)
