"""The shop's commission: which rule holds, that it is never above what was paid, and that it goes back to the cent."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.orders.model import books
from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import TAX
from souk.domains.orders.model.regrouping import parts, summed
from souk.domains.settlement.model.fees import EVERY_MERCHANT, FeeRule, rule_for
from tests.domains.orders import NOW, charged, holders, links

PATH = ("teapots", "tea", "kitchen")  # the nearest first
TODAY = date(2026, 11, 22)


@st.composite
def rules(draw: st.DrawFn) -> list[FeeRule]:
    """Of one merchant and of all, of the goods' own categories and of others, begun and to come."""
    return [
        FeeRule(
            rule_id=f"fee_{number}",
            reference=str(number),
            merchant_id=draw(st.sampled_from(["mer_a", EVERY_MERCHANT])),
            category_id=draw(st.sampled_from([None, *PATH, "books"])),
            from_day=draw(st.dates(date(2026, 11, 20), date(2026, 11, 24))),
            currency=draw(st.sampled_from(["EUR", "EUR", "JPY"])),
            basis_points=draw(st.integers(0, 10_000)),
            fixed_minor=draw(st.integers(0, 50)),
            cap_minor=draw(st.none() | st.integers(0, 500)),
            made_at=datetime(2026, 11, 20, number, tzinfo=UTC),
            made_by="boss",
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@pytest.mark.capability("MER-04")
@given(rules())
def test_the_most_specific_rule_holds_and_of_those_the_newest_that_has_begun(known: list[FeeRule]) -> None:
    found = rule_for(known, PATH, "EUR", TODAY)
    begun = [rule for rule in known if rule.from_day <= TODAY and rule.currency == "EUR"]
    for merchant_id in ("mer_a", EVERY_MERCHANT):
        for category_id in (*PATH, None):
            of = [rule for rule in begun if (rule.merchant_id, rule.category_id) == (merchant_id, category_id)]
            if of:
                assert found == max(of, key=lambda rule: (rule.from_day, rule.made_at))
                return
    assert found is None


@pytest.mark.capability("MER-04")
@given(rules().filter(bool), st.integers(0, 100_000), st.integers(1, 20))
def test_a_fee_is_a_part_and_an_amount_a_unit_up_to_its_cap_and_to_what_was_paid(
    known: list[FeeRule], paid: int, units: int
) -> None:
    rule = known[0]
    fee = rule.fee_minor(paid, units)
    assert 0 <= fee <= paid
    wanted = (paid * rule.basis_points + 5_000) // 10_000 + rule.fixed_minor * units
    bounds = [wanted, paid] + ([] if rule.cap_minor is None else [rule.cap_minor * units])
    assert fee == min(bounds)


@pytest.mark.capability("MER-04")
@given(charged(), st.data())
def test_whatever_comes_back_in_whatever_parts_ends_at_the_whole_commission(order: Order, data: st.DataObject) -> None:
    """And so does every other account: what was sold and credited in full has left nothing behind."""
    sums = Counter(books.sale(order.lines))
    while left := {line.sku: line.quantity - line.refunded for line in order.lines if line.refunded < line.quantity}:
        units = data.draw(
            st.fixed_dictionaries({sku: st.integers(0, most) for sku, most in left.items()}).filter(
                lambda d: any(d.values())
            )
        )
        sums.update(books.credit(order, units, {}))
        order = order.refunded_by(units)
        for line in order.lines:
            kept = line.commission_minor or 0
            # Back is what the refunded units' share of it is, within half a cent.
            assert (
                abs(
                    2
                    * (
                        line.quantity * (kept - line.commission_worth(line.quantity - line.refunded))
                        - kept * line.refunded
                    )
                )
                <= line.quantity
            )
    goods = {name: minor for name, minor in sums.items() if name.startswith(("merchants_payable", "commission", "tax"))}
    assert not any(goods.values())
    assert sums["receivable"] == 0


@pytest.mark.capability("MER-04")
@given(charged(), st.data())
def test_the_commission_of_parts_and_of_what_they_are_merged_into_is_that_of_the_whole(
    order: Order, data: st.DataObject
) -> None:
    held = data.draw(holders(order))
    made = parts(order, links(len(held), "ord_1"), held, NOW, "shop")
    assert _kept(summed(made)) == _kept(order.lines)
    together = Counter[str]()
    for part in made:
        together.update(books.sale(part.lines))
    assert together == Counter(books.sale(order.lines))


@pytest.mark.capability("MER-04")
@given(charged())
def test_of_a_merchants_line_the_commission_alone_is_earned_and_the_tax_is_collected(order: Order) -> None:
    earned = books.earned_by_sku(books.sale, order.lines)
    for line in order.lines:
        if line.merchant_id:
            assert earned[line.sku] == line.commission_minor
            owed = line.payable_minor - line.of(TAX) - (line.commission_minor or 0)
            assert books.sale([line])[f"merchants_payable:{line.merchant_id}"] == -owed


@given(charged(), st.data())
def test_what_takes_the_place_of_units_has_their_commission(order: Order, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(order.lines))
    line = line.but(refunded=data.draw(st.integers(0, line.quantity - 1)))
    units = data.draw(st.integers(1, line.quantity - line.refunded))
    credited = Counter(books.credit(order.but(lines=(line,)), {line.sku: units}, {}))
    credited.update(books.sale((line.again(units),)))
    assert not any(minor for name, minor in credited.items() if name.startswith(("merchants", "commission", "tax")))


def _kept(lines: tuple[OrderLine, ...]) -> dict[str, int | None]:
    return {line.sku: line.commission_minor for line in lines}
