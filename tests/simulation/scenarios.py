"""What befalls most orders, one step after the other: each I/O of it can be made to fail by itself."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from souk.domains.aftersales.model.case import RefundCase
from souk.kernel import clock
from souk.table import keys
from tests.simulation import clicks, paying
from tests.simulation.bookkeeping import month_closed, settled
from tests.simulation.delivery import RETRIES_AFTER, Clocks
from tests.simulation.faults import NONE, Place, Plan
from tests.simulation.history import POTTER, Outcome, concluded, ground
from tests.simulation.people import People, Scenario, abroad, people_of
from tests.simulation.provider import GOOD
from tests.simulation.staff import rung_up
from tests.simulation.steps import bring, delivered, paid, placed
from tests.simulation.world import World
from tests.support.shop import Answer


def refunded(people: People) -> None:
    """Received, a part of it asked back, approved, sent."""
    order_id = delivered(people)
    people.go_on()
    people.then(people.buyer.ask_refund, people.buyer.ask("GET", f"/me/orders/{order_id}"))
    people.then(people.clerk.finish)


def returned(people: People) -> None:
    """Received, sent back, one of the units found damaged."""
    _bring_back(people, delivered(people), "return")


def sent_back(people: People) -> None:
    """What came is not what was sold: it goes back to its buyer, and no money does."""
    people.clerk.refuses = True
    order_id = delivered(people)
    _bring_back(people, order_id, "return")
    (case,) = people.world.checker.rows(keys.CASE, RefundCase)
    people.world.checker.need(case.status == "sent_back", "I25", case)


def exchanged_for_more(people: People) -> None:
    """The difference is paid before the goods are sent back; the others leave as an order of their own."""
    _bring_back(people, delivered(people), "exchange", instead="POT")


def exchanged_for_less(people: People) -> None:
    """A pot for a cup: the difference goes back."""
    _bring_back(people, delivered(people, {"POT": 1}), "exchange", instead="CUP")


def _bring_back(people: People, order_id: str, kind: str, instead: str | None = None) -> None:
    people.go_on()
    line = people.order(order_id).lines[0]
    wanted = {"sku": line.sku, "quantity": 1 if instead else line.quantity, "instead": instead}
    wish = {"order_id": order_id, "kind": kind, "lines": [wanted], "reason": "not_wanted"}
    people.then(people.buyer.ask, "POST", "/me/refunds", wish)
    for _ in range(6):
        for case in people.world.checker.rows(keys.CASE, RefundCase):
            people.then(_see_to, people, case)
    for order in list(people.world.checker.orders.values()):
        if order.exchange_of:
            people.then(people.clerk.handle, order.order_id)


def _see_to(people: People, case: RefundCase) -> None:
    if case.status != "to_pay":
        people.clerk.review(case)
        return
    started = people.buyer.ask("POST", "/me/payments", {"order_id": case.replacement_id})
    if started.status == 200:
        people.pay(str(case.replacement_id), str(started["client_secret"]))


def corrected(people: People) -> None:
    """Going elsewhere for less, of which the difference is paid back; then cancelled."""
    store_id = people.order(order_id := paid(people)).store_id
    people.clerk.set_freight(store_id, 190)
    people.then(people.clerk.correct, order_id)
    people.then(people.buyer.cancel, order_id)


def reviewed(people: People) -> str:
    """Held when it was paid, then approved."""
    order_id = paid(people)
    people.then(people.clerk.handle, order_id)
    return order_id


def reviewed_and_split(people: People) -> None:
    """No store has all of it: it is reviewed as one, and its parts no more."""
    order_id = paid(people, {"TEA": 8})
    people.then(people.clerk.handle, order_id)
    for part in people.order(order_id).became:
        people.clerk.handle(part.order_id)
    people.wait()


def rejected(people: People) -> None:
    order_id = paid(people)
    people.then(people.clerk.ask, "POST", f"/staff/handling/{order_id}/reject", {"reason": "not the buyer's card"})


def transferred(people: People) -> None:
    """Sent to the other store, received but for one unit, which comes back."""
    here, there = people.world.stores()
    sent = people.then(people.clerk.send, here, there, {"TEA": 3, "CUP": 2}, "1")
    people.then(people.clerk.settle, sent["transfer_id"], "receive", {"TEA": 2, "CUP": 2}, "first")
    people.then(people.clerk.settle, sent["transfer_id"], "return", {"TEA": 1}, "second")


def counted(people: People) -> None:
    """Of two cups that an order holds there is but one, and of tea there is more than was thought."""
    order_id, _ = placed(people)
    people.go_on()
    store_id = people.order(order_id).store_id
    opened = people.then(people.clerk.open_stocktake, store_id, "1")
    people.then(people.clerk.enter, opened["stocktake_id"], {"CUP": 1, "TEA": 7})
    people.then(people.clerk.end, opened["stocktake_id"], "post")


def short(people: People) -> None:
    """A cup is broken and other goods take its place, the tea is missing and paid back; the rest is delivered."""
    order_id = paid(people)
    people.go_on()
    for sku, said in (("CUP", {"choice": "substitute", "sku": "POT"}), ("TEA", {"choice": "refund"})):
        report = {"reference": f"S-{sku}", "sku": sku, "units": 1, "reason": "broken", "substitutes": ["POT"]}
        found = people.then(people.clerk.ask, "POST", f"/staff/shortages/{order_id}", report)
        if found.status == 201:
            shortage_id = found["shortages"][-1]["shortage_id"]
            people.then(people.buyer.ask, "POST", f"/me/shortages/{order_id}/{shortage_id}", said)
    people.then(people.clerk.handle, order_id)


def rest_cancelled(people: People) -> None:
    """A part of it has left when the buyer has enough."""
    order_id = paid(people)
    people.go_on()
    people.then(people.clerk.handle, order_id)
    parcel = {"order_id": order_id, "carrier": "other", "tracking_number": "T-1", "units": {"CUP": 1}}
    people.then(people.clerk.ask, "POST", "/staff/shipments", parcel)
    people.buyer.cancel(order_id)


def picked_up(people: People) -> None:
    """Ordered to be fetched, laid out, handed out for the code."""
    shop = people.world.stores()[0]
    order_id = paid(people, pickup_at=shop)
    for _ in range(2):  # confirmed, where the shop has not done it by itself; laid out
        people.then(people.clerk.handle, order_id)
    order = people.buyer.ask("GET", f"/me/orders/{order_id}")
    if order["pickup"]:
        people.buyer.fetch(order)
    people.wait()


def sold_at_the_till(people: People) -> None:
    """Told online, told again from the till's memory, and brought back to another store."""
    world, clerk = people.world, people.clerk
    sale = rung_up(world.stores()[0], "S-1", "TEA", 2, world.checker.price("TEA"))
    people.then(clerk.tell_sale, sale)
    people.then(clerk.tell_again, sale, clock.text(world.now()))
    for order_id in list(world.checker.orders):
        clerk.take_back(order_id, "R-1")


def split_when_paid(people: People) -> None:
    """No store has all of it: two have it together."""
    order_id = paid(people, {"TEA": 8})
    for part in people.order(order_id).became:
        people.clerk.handle(part.order_id)
    people.wait()


def split_and_merged(people: People) -> None:
    """By hand into three, one of them another store's; the other two go out as one after all."""
    order_id = paid(people)
    people.go_on()
    mine = people.order(order_id).store_id
    other = next(one for one in people.world.stores() if one != mine)
    people.then(people.clerk.split, order_id, {other: {"CUP": 1}, mine: {"CUP": 1}})
    if became := people.order(order_id).became:
        people.clerk.merge([became[0].order_id, became[2].order_id])
    people.wait()


def bought_in_a_sale(people: People) -> None:
    """Set aside, had from two shards, let go while the sale runs, had again and paid; the sale closes by itself."""
    (store_id, *_) = people.world.stores()
    sale_id = ""
    while not sale_id:
        sale_id = people.clerk.plan_sale(store_id, 60.0, 600.0, sku="TEA", units=3, per_buyer=2)
    people.world.schedule.pause(70.0)
    first = _from_sale(people, sale_id, "first")
    people.then(people.buyer.cancel, str(first["order"]["order_id"]))
    second = _from_sale(people, sale_id, "second")
    if secret := (second["payment"] or {}).get("client_secret"):
        people.buyer.use_card(secret, GOOD)
    people.wait()


def _from_sale(people: People, sale_id: str, key: str) -> Answer:
    answer = people.buyer.order_in_sale(sale_id, 2, key)
    while answer.status in (409, 503, 504) and answer["code"] != "sale_over":
        people.world.schedule.pause(3.0)
        answer = people.buyer.order_in_sale(sale_id, 2, key)
    return answer


def bought_of_two_sellers(people: People) -> None:
    """Paid at once, and then an order of each, even if that has to be done once more."""
    order_id = paid(people, {"TEA": 1, "POT": 1})
    people.world.schedule.pause(sum(RETRIES_AFTER))
    whole = people.order(order_id)
    people.world.checker.need(len(whole.became) == len(whole.lines), "I6", whole)


def suspended_and_let_back_in(people: People) -> None:
    """What was ordered before is sent; nothing can be ordered until the merchant is let back in."""
    order_id = paid(people, {"POT": 1})
    people.go_on()
    people.then(people.clerk.decide, POTTER, "suspended")
    refused = people.buyer.order({"POT": 1}, "meanwhile")
    people.world.checker.need(refused is None or refused.status != 201, "I36", "sold by who may not sell")
    bring(people, order_id)
    people.then(people.clerk.decide, POTTER, "active")
    sold = people.buyer.order({"POT": 1}, "afterwards")
    may = (sold and sold.status == 201) or people.world.wire.faults
    people.world.checker.need(may, "I36", "not sold by who may sell")


SCENARIOS: Mapping[str, Scenario] = {
    "delivered": delivered,
    "cancelled": paying.cancelled,
    "cancelled when paid": paying.cancelled_when_paid,
    "paid when over": paying.paid_when_over,
    "refunded": abroad(refunded),
    "disputed": abroad(paying.disputed),
    "returned": returned,
    "sent back": sent_back,
    "exchanged for more": abroad(exchanged_for_more),
    "exchanged for less": exchanged_for_less,
    "paid from the balance": paying.paid_from_the_balance,
    "paid in part from the balance": paying.paid_in_part_from_the_balance,
    "held of the balance": paying.held_of_the_balance,
    "paid by a code": paying.paid_by_a_code,
    "brought back with the balance": paying.brought_back_with_the_balance,
    "paid by transfer": paying.paid_by_transfer,
    "transferred": transferred,
    "counted": counted,
    "short": short,
    "the rest cancelled": rest_cancelled,
    "picked up": picked_up,
    "sold at the till": sold_at_the_till,
    "split when paid": split_when_paid,
    "split and merged": abroad(split_and_merged),
    "flash sale": bought_in_a_sale,
    "bought of two sellers": bought_of_two_sellers,
    "suspended and let back in": suspended_and_let_back_in,
    "corrected": corrected,
    "reviewed": reviewed,
    "rejected": rejected,
    "reviewed and split": reviewed_and_split,
    "a month is closed": month_closed,
    "settled": settled,
    "reconciled": abroad(paying.reconciled),
    **clicks.SCENARIOS,
    "authorised": paid,
    "cancelled when authorised": paying.cancelled_when_authorised,
    "taken as it leaves": delivered,
    "let go before it was taken": paying.cancelled_when_paid,
    "taken for what is short": short,
    "paid by WeChat Pay": partial(paying.scanned_and_cancelled, method="wechat_pay"),
    "paid by Alipay": partial(paying.scanned_and_cancelled, method="alipay"),
    "paid by WeChat Pay when over": partial(paying.paid_when_over, method="wechat_pay"),
    "paid by Alipay when over": partial(paying.paid_when_over, method="alipay"),
}


# What the shop is like (see `ground`), where it is not like the others.
TERMS: Mapping[str, set[str]] = {
    "authorise": {"authorised", "cancelled when authorised"},
    "at_shipment": {"taken as it leaves", "let go before it was taken", "taken for what is short"},
    "review": {"reviewed", "rejected", "reviewed and split"},
    "bazaar": {"settled", "bought of two sellers", "suspended and let back in"},
    "china": {name for name in SCENARIOS if "WeChat" in name or "Alipay" in name},
}


def perform(name: str, plan: Plan = NONE) -> Outcome:
    terms: Any = {term: name in names for term, names in TERMS.items()}
    return play(SCENARIOS[name], plan, **terms)


def play(scenario: Scenario, plan: Plan = NONE, clocks: Clocks = (), units: int = 6, **terms: Any) -> Outcome:
    world = World(1, plan, ground(False, units, **terms).rows)
    people = people_of(world)
    return concluded(world, lambda: world.schedule.spawn("scenario", lambda: scenario(people)), clocks)


def places(name: str) -> dict[Place, bool]:
    """Every I/O that is the scenario's own, where nothing fails, and whether it changes anything."""
    outcome = perform(name)
    assert outcome.violation is None, outcome.violation
    wire = outcome.world.wire
    return {place: place not in wire.reads for place in wire.places[wire.familiar :]}
