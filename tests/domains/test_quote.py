"""The quote: pure steps whose amounts add up to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.orders.model.quote import Basket, QuoteLine, StaffLine, WantedLine, by_hand, quote, summed
from souk.kernel.errors import Refused
from souk.kernel.shapes import Texts


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    count = draw(st.integers(1, 40))
    lines = tuple(
        QuoteLine(
            sku=f"S{n}",
            product_id=f"p{n}",
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
        freight_minor=draw(st.integers(0, 10**6)),
        tax_basis_points=draw(st.integers(0, 5_000)),
        free_freight_from_minor=draw(st.none() | st.integers(0, 10**9)),
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
    terms = {
        "currency": "EUR",
        "country": "PT",
        "store_id": "s",
        "freight_minor": 500,
        "free_freight_from_minor": 10_000,
    }
    assert quote(Basket(lines=(line,), **terms)).freight_minor == 0
    assert quote(Basket(lines=(line,), discounts=(1,), **terms)).freight_minor == 500


def test_a_sku_that_stands_twice_is_summed_and_too_many_different_ones_are_refused() -> None:
    twice = [WantedLine(sku="A", quantity=2), WantedLine(sku="B", quantity=1), WantedLine(sku="A", quantity=3)]
    assert summed(twice) == {"A": 5, "B": 1}
    with pytest.raises(Refused):
        summed([WantedLine(sku=f"S{n}", quantity=1) for n in range(41)])


def test_staff_set_price_discount_and_freight() -> None:
    line = QuoteLine(sku="A", product_id="p", name=Texts(en="x"), quantity=12, unit_price_minor=2_100)
    basket = Basket(
        currency="EUR", country="FR", store_id="s", lines=(line,), freight_minor=900, free_freight_from_minor=0
    )
    said = [StaffLine(sku="A", quantity=12, unit_price_minor=1_400, discount_basis_points=1_500)]
    quoted = quote(by_hand(basket, said, 3_238))
    assert (quoted.goods_minor, quoted.discount_minor, quoted.freight_minor) == (16_800, 2_520, 3_238)
    assert quoted.total_minor == 16_800 - 2_520 + 3_238
