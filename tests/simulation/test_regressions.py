"""What users of other shops have lost, each named after the thread that told of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from infra.local.stripe import disputes
from souk.domains.inventory.model import Stock
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.table import keys
from tests.simulation import provider
from tests.simulation.buyers import DAY, Buyer
from tests.simulation.delivery import image
from tests.simulation.faults import IO_KINDS, Dealt, Place
from tests.simulation.history import Outcome as End
from tests.simulation.mutants import a_balance_is_spent_unasked, lost_updates, read_then_write_stock
from tests.simulation.people import A_WHILE, People, Scenario
from tests.simulation.provider import GOOD
from tests.simulation.races import Racers, every_order
from tests.simulation.scenarios import play
from tests.simulation.steps import delivered, paid, placed, save_up

POT = [{"sku": "POT", "quantity": 1}]
BYSTANDER = "mem_ana"
A_MOMENT = 0.01
MANY = 4  # ways in which two commands of one read and one write each can go into each other


def checkouts(people: People, lines: list[dict[str, Any]]) -> Racers:
    """Two buyers with the same goods, about to order them."""
    Buyer(people.world, "ana").order({"TEA": 1}, "before")  # to processes that are warm
    ways = []
    for name in ("ines", "rui"):
        buyer = Buyer(people.world, name)
        request = buyer.request_of(lines)
        ways.append(lambda buyer=buyer, request=request: buyer.submit(request, "the one"))
    return ways


def statuses(end: End) -> Counter[str]:
    return Counter(order.status for order in end.world.checker.orders.values())


def all_hold(prepare: Callable[[People], Racers], units: int = 6) -> Iterator[End]:
    """Every order of the steps of what is done at once; no promise is broken in any."""
    orders = 0
    for orders, end in enumerate(every_order(prepare, units), start=1):
        assert end.violation is None, (orders, end.violation, end.world.wire.trace[-60:])
        yield end
    assert orders > MANY


@pytest.mark.capability("INV-04")
@pytest.mark.parametrize(("units", "answers"), [(1, [201, 409]), (2, [201, 201])])
def test_two_buyers_and_the_last_unit_vendure_3508(units: int, answers: list[int]) -> None:
    """As many come through as there are units."""
    for end in all_hold(lambda people: checkouts(people, POT), units):
        assert sorted(answer.status for buyer, _, answer in end.world.placed if buyer != BYSTANDER) == answers


def test_a_race_can_be_lost() -> None:
    """Where whoever finds enough takes it, both do in some order of their steps."""
    with read_then_write_stock():
        assert any(end.violation for end in every_order(lambda people: checkouts(people, POT), units=1))


@pytest.mark.capability("INV-04")
def test_one_sku_in_two_lines_is_taken_once_and_whole_medusa_16502() -> None:
    """Of three units, two buyers with two lines of one each: one of them has two."""
    for end in all_hold(lambda people: checkouts(people, [*POT, *POT]), units=3):
        assert sorted(answer.status for buyer, _, answer in end.world.placed if buyer != BYSTANDER) == [201, 409]


def give_up(people: People) -> Racers:
    """The buyer cancels, and so does the deadline; of the same goods another has some too."""
    Buyer(people.world, "ana").order({"TEA": 1, "CUP": 2}, "hers")
    order_id, _ = placed(people)
    return [lambda: people.buyer.cancel(order_id), lambda: people.time_out(order_id)]


@pytest.mark.capability("INV-04")
def test_what_is_given_up_twice_is_given_back_once_medusa_16569() -> None:
    """What is reserved is what orders hold, to the unit, at every step."""
    for end in all_hold(give_up):
        assert statuses(end) == {"cancelled": 2}
        assert all(stock.available == stock.on_hand for stock in end.world.checker.rows(keys.STOCK, Stock))
    with lost_updates():
        assert any(end.violation for end in every_order(give_up))


def spend_in_two_tabs(people: People) -> Racers:
    """Each order takes more than half of what the buyer has with the shop."""
    save_up(people, 700)
    people.buyer.from_balance_minor = 400
    request = people.buyer.request({"CUP": 1})
    return [partial(people.buyer.submit, request, key) for key in ("left", "right")]


@pytest.mark.capability("PAY-18")
def test_a_balance_is_spent_in_two_tabs_spree_11284() -> None:
    """One order has it, and when nobody pays the rest, the buyer has it again."""
    for end in all_hold(spend_in_two_tabs):
        assert sorted(answer.status for _, _, answer in end.world.placed) == [201, 409]
        (wallet,) = end.world.checker.balances.wallets.values()
        assert (wallet.available_minor, wallet.held_minor) == (700, 0)
    with a_balance_is_spent_unasked():
        assert any(end.violation for end in every_order(spend_in_two_tabs))


@pytest.mark.capability("PAY-16")
def test_paid_when_the_time_was_over_and_the_stock_somebody_elses_vendure_3065() -> None:
    """The deadline comes while the buyer pays, and another waits for the unit: sold once, and no money is kept."""

    def pay_late(people: People) -> Racers:
        order_id, secret = placed(people, {"POT": 1})
        other = Buyer(people.world, "rui")
        people.world.schedule.spawn("rui", lambda: other.order({"POT": 1}, "the other"), after=A_WHILE)
        return [lambda: people.time_out(order_id), lambda: people.pay(order_id, secret)]

    ends: Counter[str] = Counter()
    for end in all_hold(pay_late, units=1):
        (first, *others) = sorted(end.world.checker.orders.values(), key=lambda order: order.placed_at)
        ends[first.status] += 1
        assert bool(others) == (first.status == "cancelled")
    assert min(ends["completed"], ends["cancelled"]) > 0, ends


@pytest.mark.capability("PAY-16")
def test_return_page_and_webhook_at_once_capture_once_medusa_13301() -> None:
    def both(people: People) -> Racers:
        order_id, secret = placed(people)
        people.buyer.use_card(secret, GOOD)
        paid = people.world.provider.told("payment_intent.succeeded")
        return [
            lambda: people.buyer.ask("POST", f"/me/payments/{order_id}/return"),
            lambda: people.world.provider.hand_over(paid),
        ]

    for end in all_hold(both):
        assert statuses(end) == {"completed": 1}
        (payment,) = end.world.checker.rows(keys.PAYMENT, Payment)
        assert payment.captured_minor == payment.amount_minor
        told = Counter(fact["detail-type"] for fact in end.world.delivery.told.values())
        assert told["OrderPaid"] == 1


@pytest.mark.capability("ANA-13")
def test_entries_counted_at_once_are_counted_once_double_entry_114() -> None:
    """Whoever else counts some of them: the balances are the entries, none of them twice."""

    def count(people: People) -> Racers:
        order_id, secret = placed(people)
        people.pay(order_id, secret)
        journal = sorted(people.world.checker.books.journal, key=lambda at: at.sk)
        records = [image(people.world.table.rows[at]) for at in journal]
        assert len(records) > 1
        return [
            lambda: people.world.alone("CountEntries", {"Records": records}),
            lambda: people.world.alone("CountEntries", {"Records": records[1:]}),
        ]

    for end in all_hold(count):
        assert len(end.world.checker.books.journal) > 1


@pytest.mark.capability("PAY-15")
def test_a_refund_is_booked_once_whoever_tells_of_it_first_smartstore_1544() -> None:
    """It is sent, and the provider's webhook is here before its answer is written down, or after that."""
    heard = set()

    def both(people: People) -> Racers:
        people.buyer.cancel(paid(people))
        told = people.world.delivery.told
        while not (owed := [fact for fact in told.values() if fact["detail-type"] == "RefundOwed"]):
            people.world.schedule.pause(A_MOMENT)

        def hear() -> None:
            for event in people.world.provider.objects("event"):
                if event["type"] == "refund.created":
                    (refund,) = people.world.checker.rows(keys.REFUND, Refund)
                    heard.add(refund.status)
                    people.world.provider.hand_over(event["id"])

        return [lambda: people.world.alone("SendRefund", owed[0]), hear]

    for end in all_hold(both):
        (refund,) = end.world.checker.rows(keys.REFUND, Refund)
        (sent,) = end.world.provider.objects("refund")
        assert (refund.status, refund.amount_minor) == ("posted", sent["amount"])
        assert end.world.checker.books.accounts["refunds_payable"] == 0
    assert heard == {"pending", "posted"}


@pytest.mark.capability("AFS-03")
def test_refund_and_chargeback_at_once_pay_the_buyer_once_hyperswitch_10533() -> None:
    """The buyer cancels while the bank is heard of that has taken all of it: no refund is left over, sent or owed."""

    def both(people: People) -> Racers:
        order_id, secret = placed(people)
        people.pay(order_id, secret)
        (charge,) = people.world.provider.objects("charge")
        disputes.open(people.world.provider.fake.account, charge, "chargeback")
        disputed = people.world.provider.told("charge.dispute.created")
        return [
            lambda: people.buyer.cancel(order_id),
            lambda: people.world.provider.hand_over(disputed),
        ]

    for end in all_hold(both):
        (payment,) = end.world.checker.rows(keys.PAYMENT, Payment)
        left = (payment.refundable_minor, payment.disputed_minor, payment.lost_minor)
        assert (statuses(end), left) == ({"cancelled": 1}, (0, 0, 0))
        assert end.world.provider.objects("refund") == []
        assert end.world.checker.books.accounts["receivable"] == 0


def browser_closed(people: People) -> None:
    """Paid, and nobody came back to the shop: there is the webhook alone."""
    _, secret = placed(people)
    if secret:
        people.buyer.use_card(secret, GOOD)
    people.wait()


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("kind", IO_KINDS)
def test_paid_at_the_provider_is_paid_in_the_shop_medusa_12790(kind: str) -> None:
    """Whatever fails between charge and order: the webhook finishes it."""
    reached = io_of(browser_closed, "webhook")
    for place in reached:
        end = play(browser_closed, Dealt({place: kind}))
        assert end.violation is None and end.world.wire.faults == 1, (place, end.violation)
        (order,) = end.world.checker.orders.values()
        assert [step.by for step in order.history if step.status == "paid"] == ["system:webhook"], place


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_a_webhook_that_comes_back_after_days_changes_nothing_dshop_898(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It broke off half-way, the order went its way meanwhile, and two and a half days later it is sent again."""
    monkeypatch.setattr(provider, "WEBHOOK_RETRIES", (2.5 * DAY,))
    for place in io_of(delivered, "webhook"):
        end = play(delivered, Dealt({place: kind}))
        assert end.violation is None and end.world.wire.faults == 1, (place, end.violation)
        assert end.world.schedule.now > 2.5 * DAY
        assert statuses(end) == {"completed": 1}
        told = Counter(fact["detail-type"] for fact in end.world.delivery.told.values())
        assert (told["OrderPlaced"], told["OrderPaid"]) == (1, 1), place


def io_of(scenario: Scenario, task: str) -> list[Place]:
    """The I/O of tasks of that name, where nothing fails."""
    outcome = play(scenario)
    assert outcome.violation is None, outcome.violation
    reached = [place for place in outcome.world.wire.places if place[0].startswith(task)]
    assert len(reached) >= 4
    return reached
