"""Orders split, merged and paid back in any order: goods, amounts of each kind and intents come out even."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.orders.model import books
from souk.domains.orders.model.goods import Link
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import FREIGHT, Holding
from souk.domains.orders.model.regrouping import MOST_MOVED, TooMuchMoved, merged, need_room_to_move, parts
from souk.domains.payments.model.attempt import Attempt
from souk.domains.payments.model.budget import drawn
from souk.domains.payments.model.fund import Fund, RefundTooHigh, joined, shared_out, together
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.payments.model.regrouping import emptied
from souk.kernel import money
from souk.kernel.charging import Charge
from souk.kernel.paying import BALANCE
from tests.domains.orders import NOW, SUMS, holders, links, orders


def by_kind(them: Iterable[Order]) -> Counter[tuple[str, str]]:
    """Units and amounts of every kind, by SKU."""
    sums: Counter[tuple[str, str]] = Counter()
    for line in (line for order in them for line in order.lines):
        sums[line.sku, "units"] += line.quantity
        for amount in line.amounts:
            sums[line.sku, amount.kind] += amount.minor
    return Counter({place: sum for place, sum in sums.items() if sum})


def need_sound(order: Order) -> None:
    figures = [getattr(order, name) for name in SUMS]
    goods, discount, freight, tax, total = figures
    assert goods - discount + freight + tax == total == sum(line.payable_minor for line in order.lines)
    assert min(goods, freight, tax, total, goods - discount) >= 0
    assert all(line.net_minor >= 0 and line.quantity > 0 for line in order.lines)


@pytest.mark.capability("ORD-11")
@given(st.data())
def test_the_parts_of_an_order_are_the_whole(data: st.DataObject) -> None:
    order = data.draw(orders())
    held = data.draw(holders(order))
    made = parts(order, links(len(held), "ord_1"), held, NOW, "shop")
    assert by_kind(made) == by_kind([order])
    assert [(one.store_id, one.unshipped()) for one in made] == [(one.store_id, one.units) for one in held]
    for name in SUMS:
        assert sum(getattr(one, name) for one in made) == getattr(order, name)
    for part in made:
        need_sound(part)
        assert part.came_from == (Link(order_id="ord_1", number="ord_1"),) and part.discount_minor >= 0
        for line in part.lines:
            assert line.of("goods") == line.unit_price_minor * line.quantity


@pytest.mark.capability("ORD-10")
@given(st.data())
def test_what_was_merged_is_the_sum_and_comes_apart_again(data: st.DataObject) -> None:
    placed = [data.draw(orders(f"ord_{number}")) for number in range(data.draw(st.integers(2, 4)))]
    one = merged(placed, Link(order_id="ord_9", number="ord_9"), NOW, "shop")
    assert by_kind([one]) == by_kind(placed)
    need_sound(one)
    assert len({line.sku for line in one.lines}) == len(one.lines)
    held = data.draw(holders(one))
    again = parts(one, links(len(held), "ord_9"), held, NOW, "shop")
    assert by_kind(again) == by_kind(placed)
    for part in again:
        need_sound(part)


@pytest.mark.capability("PAY-18")
@given(st.permutations([("pi_1", "stripe"), (BALANCE, BALANCE), ("pi_2", "stripe")]), st.integers(1, 600))
def test_what_the_balance_paid_goes_back_last_in_whatever_order_its_payments_were_joined(
    paid: list[tuple[str, str]], back_minor: int
) -> None:
    funds = joined(Fund(intent_id=intent_id, provider=provider, amount_minor=300) for intent_id, provider in paid)
    payment = Books([]).of(900, funds)
    assert all(fund.provider != BALANCE for fund in drawn(payment, back_minor, []))


class Books:
    """Payments of orders that were charged, split and merged; and all that went back out of each intent.

    Some buyers were charged another sum, in another currency.
    """

    def __init__(self, charged: Sequence[int], abroad: Sequence[int] = ()) -> None:
        self.made = 0
        self.charged = {f"pi_{number}": amount for number, amount in enumerate(charged)}
        self.abroad = {f"pi_{number}": minor for number, minor in enumerate(abroad)}
        self.payments = [self._paid(name, amount) for name, amount in self.charged.items()]
        self.refunds: list[Refund] = []

    def _paid(self, intent_id: str, amount: int) -> Payment:
        attempt, minor = Attempt(number=1, intent_id=intent_id, status="succeeded"), self.abroad.get(intent_id)
        rate = {"from_micro": 1, "micro": 1, "source": "ecb", "at": NOW}
        charge = Charge(currency="USD", minor=minor, of_minor=amount, **rate) if minor else None
        return self.of(amount).but(attempts=(attempt,), charge=charge)

    def of(self, amount: int, funds: tuple[Fund, ...] = ()) -> Payment:
        self.made += 1
        of = {"order_id": f"ord_{self.made}", "buyer_id": "mem_ines", "store_id": "sto_1", "currency": "EUR"}
        money_of = {"amount_minor": amount, "captured_minor": amount, "refundable_minor": amount}
        return Payment(**of, **money_of, deadline=NOW, status="captured", funds=funds)

    def split(self, place: int, cut: int) -> None:
        payment = self.payments.pop(place)
        assert emptied(payment).refundable_minor == 0
        amounts = [cut % (payment.amount_minor + 1), payment.amount_minor - cut % (payment.amount_minor + 1)]
        for amount, funds in zip(amounts, shared_out(payment.sources, amounts), strict=True):
            self.payments.append(self.of(amount, funds))

    def merge(self) -> None:
        one, other = self.payments.pop(), self.payments.pop()
        funds = together((*one.sources, *other.sources))
        self.payments.append(self.of(one.amount_minor + other.amount_minor, funds))

    def refund(self, place: int, amount: int) -> None:
        payment = self.payments[place]
        own = [one for one in self.refunds if one.order_id == payment.order_id]
        for fund in drawn(payment, amount, own):
            said = {"order_id": payment.order_id, "buyer_id": "", "store_id": "", "currency": "EUR", "cause": ""}
            refund = Refund(**said, refund_id="", asked_at=NOW, **dict(fund))
            self.refunds.append(refund)
        self.payments[place] = payment.but(refundable_minor=payment.refundable_minor - amount)

    def gone_back(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for refund in self.refunds:
            sums[refund.intent_id] += refund.amount_minor
        return sums

    def gone_abroad(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for refund in self.refunds:
            if refund.charged:
                sums[refund.intent_id] += refund.charged.minor
        return sums


@pytest.mark.capability("ORD-10")
@pytest.mark.capability("ORD-11")
@pytest.mark.capability("FX-02")
@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=4),
    st.lists(st.integers(1, 900), max_size=3),
    st.data(),
)
def test_whatever_is_split_merged_and_paid_back_no_intent_gives_more_than_it_took(
    charged: list[int], abroad: list[int], data: st.DataObject
) -> None:
    books = Books(charged, abroad[: len(charged)])
    for _ in range(data.draw(st.integers(0, 6))):
        if len(books.payments) > 1 and data.draw(st.booleans()):
            books.payments = data.draw(st.permutations(books.payments))
            books.merge()
        else:
            books.split(data.draw(st.integers(0, len(books.payments) - 1)), data.draw(st.integers(0, 500)))
    assert together(fund for one in books.payments for fund in one.sources)
    assert sum(one.amount_minor for one in books.payments) == sum(charged)
    for place in range(len(books.payments)):
        while left := books.payments[place].refundable_minor:
            books.refund(place, data.draw(st.integers(1, left)))
            assert all(gone <= books.charged[intent] for intent, gone in books.gone_back().items())
            assert all(gone <= books.abroad[intent] for intent, gone in books.gone_abroad().items())
    assert (books.gone_back(), books.gone_abroad()) == (Counter(books.charged), Counter(books.abroad))


@pytest.mark.capability("ORD-11")
@given(orders())
def test_what_one_transaction_cannot_move_is_refused(order: Order) -> None:
    units = {f"S{number}": 1 for number in range(MOST_MOVED // 2 + 1)}
    order = order.but(held=(Holding(store_id="A", units=units),))
    need_room_to_move(order, [Holding(store_id="A", units=units)])
    with pytest.raises(TooMuchMoved):
        need_room_to_move(order, [Holding(store_id="B", units=units)])


@pytest.mark.capability("ORD-11")
def test_more_than_the_funds_hold_is_refused() -> None:
    with pytest.raises(RefundTooHigh):
        shared_out([Fund(intent_id="pi_1", amount_minor=5)], [3, 3])


@pytest.mark.capability("ORD-11")
@given(st.data())
def test_what_is_given_back_of_parts_ends_at_what_was_paid_for_the_whole(data: st.DataObject) -> None:
    order = data.draw(orders())
    held = data.draw(holders(order))
    back = 0
    for part in parts(order, links(len(held), "ord_1"), held, NOW, "shop"):
        for line in part.lines:
            for unit in range(line.quantity):
                worth = money.share_of_units(line.payable_minor, line.quantity, unit, 1)
                assert worth >= 0
                back += worth
    assert back == order.total_minor


@given(orders(), st.data())
def test_what_takes_the_place_of_units_is_sold_for_exactly_what_these_would_be_credited_with(
    order: Order, data: st.DataObject
) -> None:
    """Account by account: so the books are right, whatever comes back of either later."""
    line = data.draw(st.sampled_from(order.lines))
    free = tuple(one for one in line.amounts if one.kind != FREIGHT)  # no freight takes what is rounded up
    line = line.but(refunded=data.draw(st.integers(0, line.quantity - 1)), amounts=free)
    units = data.draw(st.integers(1, line.quantity - line.refunded))
    credited = books.credit(order.but(lines=(line,)), {line.sku: units}, {})
    sold = books.sale((line.again(units),))
    assert {name: sold[name] for name in ("tax", "freight", "receivable")} == {
        name: -credited[name] for name in ("tax", "freight", "receivable")
    }
