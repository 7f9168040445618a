"""Orders as examples are drawn of them, and what they become: units dealt out among stores, fees of merchants."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import strategies as st

from souk.domains.orders.model.goods import Link, OrderLine, Step
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Basket, Freight, Holding, QuoteLine, quote
from souk.kernel.address import Address, Contact
from souk.kernel.shapes import Texts

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ADDRESS = Address(name="Inês", street="Avenida 200", city="Lisboa", country="PT")
SKUS = ("TEA", "CUP", "POT")
SUMS = ("goods_minor", "discount_minor", "freight_minor", "tax_minor", "total_minor")


@st.composite
def orders(draw: st.DrawFn, order_id: str = "ord_1") -> Order:
    """As it was quoted: with prices of next to nothing too, where rounding does its worst."""
    goods = draw(st.lists(st.sampled_from(SKUS), min_size=1, unique=True))
    lines = tuple(
        QuoteLine(
            sku=sku,
            product_id=sku,
            name=Texts(en=sku),
            quantity=draw(st.integers(1, 7)),
            unit_price_minor=draw(st.integers(0, 9) | st.integers(0, 10_000)),
        )
        for sku in goods
    )
    agreed = quote(
        Basket(
            currency="EUR",
            country="PT",
            store_id="sto_1",
            lines=lines,
            discounts=tuple(draw(st.integers(0, 10_000)) for _ in lines),
            freights=(Freight(minor=draw(st.integers(0, 999))),),
            tax_basis_points=draw(st.integers(0, 2_500)),
        )
    )
    sums = {name: getattr(agreed, name) for name in SUMS}
    return Order(
        order_id=order_id,
        number=order_id,
        status="paid",
        buyer_id="mem_ines",
        store_id="sto_1",
        currency="EUR",
        lines=tuple(OrderLine(**dict(line)) for line in agreed.lines),
        address=ADDRESS,
        contact=Contact(name="Inês", phone="+351 910 000 117"),
        placed_at=NOW,
        pay_until=NOW,
        request_fingerprint="",
        history=(Step(status="paid", at=NOW, by="shop"),),
        **sums,
    )


@st.composite
def holders(draw: st.DrawFn, order: Order) -> list[Holding]:
    """Its units dealt out among up to four stores."""
    dealt: dict[str, Counter[str]] = {}
    for line in order.lines:
        for _ in range(line.quantity):
            dealt.setdefault(draw(st.sampled_from("ABCD")), Counter())[line.sku] += 1
    return [Holding(store_id=store_id, units=dict(units)) for store_id, units in dealt.items()]


def links(number: int, of: str) -> list[Link]:
    return [Link(order_id=f"{of}-{place}", number=f"{of}-{place}") for place in range(number)]


@st.composite
def charged(draw: st.DrawFn) -> Order:
    """An order with goods of the shop's own and of two merchants, each with a commission of up to what was paid."""
    order = draw(orders())
    whose = {line.sku: draw(st.sampled_from([None, "mer_a", "mer_b"])) for line in order.lines}
    lines = tuple(line.but(merchant_id=whose[line.sku]) for line in order.lines)
    kept = {line.sku: draw(st.integers(0, line.net_minor)) for line in lines if line.merchant_id}
    return order.but(lines=lines).with_commission(kept)
