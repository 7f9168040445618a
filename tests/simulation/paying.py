"""What befalls money: orders that are let go before and after they are paid, in every way; a month, a bill."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from souk.domains.payments.actions import attempts
from tests.simulation.buyers import DAY
from tests.simulation.delivery import Letter
from tests.simulation.people import People
from tests.simulation.provider import GOOD, SLOW
from tests.simulation.steps import WANTED, begun, bring, paid, placed, save_up
from tests.support import bills
from tests.support.shop import Answer


def cancelled(people: People, wanted: Mapping[str, int] = WANTED) -> None:
    """Placed and not paid by card, then let go."""
    order_id, _ = placed(people, wanted)
    people.wait()
    people.then(people.buyer.cancel, order_id)


def cancelled_when_paid(people: People) -> None:
    order_id = paid(people)
    people.go_on()
    people.then(people.buyer.cancel, order_id)


def cancelled_when_authorised(people: People) -> None:
    """The money is set aside at the bank when its order is let go, and nobody has been told of it yet."""
    order_id, secret = placed(people)
    if secret:
        people.buyer.use_card(secret, GOOD)
    people.then(people.buyer.cancel, order_id)


def scanned_and_cancelled(people: People, method: str) -> None:
    """Begun by card, which the buyer gives up; paid with the telephone, then let go: the money goes back there."""
    order_id, _ = begun(people)
    people.wait()
    payment: Any = {}
    while payment.get("method") != method and people.order(order_id).awaits_payment:
        payment = people.buyer.ask("POST", "/me/payments", {"order_id": order_id, "method": method}).body
    people.then(people.buyer.pay_with_good, payment)
    people.then(people.buyer.cancel, order_id)


def paid_when_over(people: People, method: str = "card") -> None:
    """The provider takes the money though the order has timed out: it is served after all."""
    people.buyer.methods = (method,)
    order_id, payment = begun(people)
    people.wait()
    people.go_on()
    with patch.object(attempts, "stop", lambda payment: None):
        while people.order(order_id).awaits_payment:
            people.time_out(order_id)
    people.buyer.pay_with_good(payment)
    people.then(people.buyer.ask, "POST", f"/me/payments/{order_id}/return")
    revived = people.order(order_id).has_been("paid")
    people.world.checker.need(revived or people.world.wire.faults, "I9", f"{order_id} was not brought back")


def brought_back_with_the_balance(people: People) -> None:
    """Of which the balance pays a part, anew."""
    save_up(people, 700)
    people.buyer.from_balance_minor = 700
    paid_when_over(people)


def disputed(people: People) -> None:
    """The order's money is on its way back when its buyer's bank takes it; in the end the bank returns it."""
    order_id, secret = placed(people)
    people.then(people.pay, order_id, secret, SLOW)
    people.go_on()
    people.then(people.buyer.cancel, order_id)
    people.then(people.world.provider.dispute, order_id)
    people.world.provider.decide(won=True)
    people.wait()


def paid_from_the_balance(people: People) -> None:
    """Topped up, an order paid with that alone, and let go: it is on the balance again."""
    save_up(people, 5000)
    people.buyer.from_balance_minor = _price(people, {"CUP": 1})
    cancelled(people, {"CUP": 1})


def paid_by_a_code(people: People) -> None:
    """So much of the balance as needs a proof: refused without, then placed once by the code that was sent for it."""
    wanted = {"POT": 2}
    save_up(people, 20_000)
    people.go_on()
    people.buyer.from_balance_minor = _price(people, wanted)
    people.buyer.proof = _code(people, wanted)
    cancelled(people, wanted)


def _code(people: People, wanted: Mapping[str, int]) -> dict[str, str]:
    """Asked for again, a minute later, until it is known to be sent."""
    refused = people.until(403, people.buyer.order, wanted, "the one")
    wish = {name: refused[name] for name in ("order_id", "amount_minor", "currency")}

    def ask() -> Answer:
        people.world.schedule.pause(61.0)
        return people.buyer.ask("POST", "/me/payment-proof/code", wish)

    people.until(202, ask)
    _, title = people.world.sent["mail"][-1]
    return {"code": title.rsplit(" ", 1)[-1]}


def paid_in_part_from_the_balance(people: People) -> None:
    """Held, taken when the card has paid the rest, and each given back what it paid."""
    save_up(people, 700)
    people.go_on()
    people.buyer.from_balance_minor = 700
    order_id = paid(people)
    people.then(people.buyer.cancel, order_id)


def held_of_the_balance(people: People) -> None:
    """Of an order that nobody pays, and that ends."""
    save_up(people, 700)
    people.go_on()
    people.buyer.from_balance_minor = 700
    cancelled(people)


def _price(people: People, wanted: Mapping[str, int]) -> int:
    lines = [{"sku": sku, "quantity": units} for sku, units in wanted.items()]
    asked = {"lines": lines, "country": "PT"}
    return int(people.until(200, people.buyer.ask, "POST", "/me/quotes", asked)["total_minor"])


def paid_by_transfer(people: People) -> None:
    """It says nothing of the order, so staff match it; what comes for no order stays on suspense."""
    order_id, _ = placed(people)
    people.wait()
    people.go_on()
    total_minor = people.order(order_id).total_minor
    entered = [_entered(people, "1", total_minor), _entered(people, "2", 700)]
    while not people.order(order_id).has_been("paid"):
        people.then(people.clerk.match_transfer, entered[0]["transfer_id"], order_id)
    bring(people, order_id)


def _entered(people: People, number: str, amount_minor: int) -> Answer:
    return people.until(201, people.then, people.clerk.enter_transfer, number, amount_minor)


def reconciled(people: People) -> None:
    """Paid, paid out and paid back: the next morning the provider's bill is fetched and compared."""
    order_id = paid(people)
    people.world.provider.pay_out(500, people.buyer.currency or "EUR")
    people.then(people.buyer.cancel, order_id)
    day = people.world.now().date().isoformat()
    people.world.schedule.pause(DAY)
    people.go_on()
    people.then(people.world.delivery.send, Letter("PullBill", bills.due(day)))
