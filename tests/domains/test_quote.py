"""The quote: pure steps whose amounts add up to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.orders.model.quote import (
    FREIGHT,
    Basket,
    Freight,
    QuoteLine,
    StaffLine,
    WantedLine,
    by_hand,
    quote,
    summed,
)
from souk.kernel.errors import Refused
from souk.kernel.shapes import Texts


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    count = draw(st.integers(1, 40))
    owners = draw(st.lists(st.sampled_from([None, "mer_1", "mer_2"]), min_size=1, unique=True))
    lines = tuple(
        QuoteLine(
            sku=f"S{n}",
            product_id=f"p{n}",
            merchant_id=draw(st.sampled_from(owners)),
            name=Texts(en="x"),
            quantity=draw(st.integers(1, 999)),
            unit_price_minor=draw(st.integers(0, 10**7)),
        )
        for n in range(count)
    )
    discounts = tuple(draw(st.lists(st.integers(0, 10_000), min_size=count, max_size=count)))
    return Basket(
        currency="EUR",
        country="PT",
        store_id="sto_1",
        lines=lines,
        discounts=discounts,
        freights=tuple(
            Freight(
                merchant_id=owner,
                minor=draw(st.integers(0, 10**6)),
                free_from_minor=draw(st.none() | st.integers(0, 10**9)),
            )
            for owner in owners
        ),
        tax_basis_points=draw(st.integers(0, 5_000)),
    )


@pytest.mark.capability("ORD-02")
@given(baskets())
def test_the_lines_add_up_to_what_is_paid(basket: Basket) -> None:
    quoted = quote(basket)
    assert quoted.total_minor == sum(line.payable_minor for line in quoted.lines)
    assert quoted.total_minor == quoted.goods_minor - quoted.discount_minor + quoted.freight_minor + quoted.tax_minor
    assert all(line.payable_minor >= 0 for line in quoted.lines)
    assert min(quoted.goods_minor, quoted.discount_minor, quoted.freight_minor, quoted.tax_minor) >= 0


@given(baskets())
def test_the_same_basket_gives_the_same_quote_and_another_price_another(basket: Basket) -> None:
    assert quote(basket) == quote(basket)
    dearer = basket.lines[0].but(unit_price_minor=basket.lines[0].unit_price_minor + 1)
    assert quote(basket.but(lines=(dearer, *basket.lines[1:]))).quote_id != quote(basket).quote_id


def test_freight_is_free_from_what_is_left_after_discounts() -> None:
    line = QuoteLine(sku="A", product_id="p", name=Texts(en="x"), quantity=2, unit_price_minor=5_000)
    freights = (Freight(minor=500, free_from_minor=10_000),)
    terms = {"currency": "EUR", "country": "PT", "store_id": "s", "freights": freights}
    assert quote(Basket(lines=(line,), **terms)).freight_minor == 0
    assert quote(Basket(lines=(line,), discounts=(1,), **terms)).freight_minor == 500


@pytest.mark.capability("MER-06")
@given(baskets())
def test_each_sellers_goods_bear_the_freight_that_they_would_bear_alone(basket: Basket) -> None:
    together = quote(basket)
    for owner in {line.merchant_id for line in basket.lines}:
        own = [place for place, line in enumerate(basket.lines) if line.merchant_id == owner]
        its = {"lines": tuple(basket.lines[i] for i in own), "discounts": tuple(basket.discounts[i] for i in own)}
        alone = quote(basket.but(**its))
        assert [line.of(FREIGHT) for line in alone.lines] == [together.lines[i].of(FREIGHT) for i in own]


def test_a_sku_that_stands_twice_is_summed_and_too_many_different_ones_are_refused() -> None:
    twice = [WantedLine(sku="A", quantity=2), WantedLine(sku="B", quantity=1), WantedLine(sku="A", quantity=3)]
    assert summed(twice) == {"A": 5, "B": 1}
    with pytest.raises(Refused):
        summed([WantedLine(sku=f"S{n}", quantity=1) for n in range(41)])


def test_staff_set_price_discount_and_freight() -> None:
    line = QuoteLine(sku="A", product_id="p", name=Texts(en="x"), quantity=12, unit_price_minor=2_100)
    freights = (Freight(minor=900, free_from_minor=0),)
    basket = Basket(currency="EUR", country="FR", store_id="s", lines=(line,), freights=freights)
    said = [StaffLine(sku="A", quantity=12, unit_price_minor=1_400, discount_basis_points=1_500)]
    quoted = quote(by_hand(basket, said, 3_238))
    assert (quoted.goods_minor, quoted.discount_minor, quoted.freight_minor) == (16_800, 2_520, 3_238)
    assert quoted.total_minor == 16_800 - 2_520 + 3_238
