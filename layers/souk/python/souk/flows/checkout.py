"""From what somebody wants to a quote, and from an agreed quote to an order with its stock and its payment."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from souk.domains.catalog.model import Offer
from souk.domains.catalog.store import offers as catalog
from souk.domains.inventory.actions import reservations as inventory
from souk.domains.inventory.model import InsufficientStock
from souk.domains.inventory.store import stock
from souk.domains.merchants.store import sellers
from souk.domains.orders.actions import placing
from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Quote, StaffLine, WantedLine
from souk.domains.orders.model.refusals import PlacedBefore
from souk.domains.orders.model.requests import Checkout, fingerprint_of
from souk.domains.orders.store import orders as order_store
from souk.domains.payments.actions import attempts, velocity
from souk.domains.payments.actions import awaiting as charges
from souk.domains.payments.actions import draws as proofs
from souk.domains.payments.model.attempt import KeptCharge, Wish
from souk.domains.payments.model.draw import NOTHING_DRAWN, Draw
from souk.domains.payments.model.payment import NothingToPay, Payment
from souk.domains.payments.model.start import PaymentStart
from souk.domains.payments.store import payments as payment_store
from souk.domains.stores.model.allocation import Lot, NoPickupThere, Part, allocate_each, need_few
from souk.domains.stores.model.settings import ShopSettings
from souk.domains.stores.model.store import Store
from souk.domains.stores.store.settings import at_hand
from souk.flows import charging, commission, paying
from souk.flows.goods import goods_keys, offers
from souk.flows.serving import candidates_for, pickup_from
from souk.gateways.providers import PaymentRefused
from souk.kernel import ids
from souk.kernel.address import Address, GeoPoint
from souk.kernel.caller import HEAD_OFFICE, Caller
from souk.kernel.errors import TooMany, Unavailable
from souk.kernel.owner import owner_of
from souk.kernel.paying import Device
from souk.table import ask, audit, keys, limits
from souk.table.ask import Rows
from souk.table.port import At
from souk.table.unit import Unit

if TYPE_CHECKING:
    from souk.domains.exchange.model import RateLock
    from souk.domains.orders.model.by_staff import AssistedOrder
    from souk.domains.orders.model.quote_requests import QuoteRequest
    from souk.domains.orders.model.sale_requests import SaleCheckout


class Placed(NamedTuple):
    """`payment` is None where nothing is left to pay, the provider did not answer, or too much was tried already: then
    the buyer asks for it again.
    """

    order: Order
    payment: PaymentStart | None


class Quoted(NamedTuple):
    """Today's quote, why those stores serve it, and the names of the merchants that sell it."""

    quote: Quote
    explanation: list[str]
    sellers: dict[str, str]


class AtOnce(NamedTuple):
    """That an order is charged to a kept method as soon as it stands; `also` is written with it.

    It is known again by the fingerprint of what was asked for, not by what that came to.
    """

    fingerprint: str
    kept: KeptCharge
    also: Callable[[Unit, Order], None]


class _Counter(NamedTuple):
    """What one batch read put on the counter: offers and stock of the goods wanted, and the order if it stands.

    There is a lot of each owner's goods. `pickup` where the buyer fetches them: then one store is asked, and it
    is the address.
    """

    settings: ShopSettings
    pickup: bool
    wanted: dict[str, int]
    lots: list[Lot]
    rows: Rows
    by: Caller | None

    @property
    def home(self) -> Address:
        return self.lots[0].chosen.asked[0].address

    def placed(self) -> Order | None:
        return self.rows.one(keys.ORDER, Order)


def quote(request: "QuoteRequest") -> Quoted:
    counter = _look(request.lines, request.country, request.point, request.pickup_store_id)
    if request.country:
        counter.settings.need_delivery(request.country, request.region)
    quoted, explanation = _quote(counter, request.country or counter.home.country, request.lines)
    return Quoted(charging.offered(quoted, request.currency), explanation, sellers.names(counter.rows))


def place(request: Checkout, key: str, by: Caller, at_once: AtOnce | None = None) -> Placed:
    """The order, placed once whatever is repeated. A quote that is not today's is refused with today's."""
    address = _saved_address(request.address_id, key, by) if request.address_id else request.address
    with audit.told_by_itself():
        return _place(request, key, by, address, at_once)


def place_assisted(request: "AssistedOrder", key: str, by: Caller) -> Placed:
    """The order that staff take for a buyer; what they set by hand is audited in the same transaction."""
    request.need_permission(by)
    return _place(request, key, by, request.address)


def _saved_address(address_id: str, key: str, by: Caller) -> Address:
    """As it was when the order was placed, if it was; otherwise as it stands in the buyer's book."""
    from souk.domains.members.store import addresses

    rows = ask.many([ask.key(keys.ORDER, order_id=order_id_of(key, by)), addresses.book_key(by.id)])
    placed = rows.one(keys.ORDER, Order)
    return placed.address if placed else addresses.in_rows(rows, by.id).get(address_id).address


def order_id_of(key: str, by: Caller) -> str:
    return ids.derived("ord", by.id, key)


def _place(
    request: "Checkout | AssistedOrder", key: str, by: Caller, address: Address | None, at_once: AtOnce | None = None
) -> Placed:
    own, by_hand = (request, None) if isinstance(request, Checkout) else (None, request)
    wish = _wish(own, by) if own else None
    order_id, fingerprint = order_id_of(key, by), at_once.fingerprint if at_once else fingerprint_of(request)
    kept_in = own.pickup_store_id if own else None
    country, point = (address.country, address.point) if address else (None, None)
    tried = velocity.limits_of(by.id, wish) if wish else []
    besides = [ask.key(keys.ORDER, order_id=order_id), *limits.places(*tried)]
    try:
        counter = _look(request.lines, country, point, kept_in, besides, by if by_hand else None)
    except NoPickupThere:  # any more, it may be: what was placed before is answered all the same
        if before := order_store.find(order_id):
            return placed_before(before, fingerprint, wish)
        raise
    order, draw = counter.placed(), NOTHING_DRAWN
    if order is None:
        limits.need(*tried, rows=counter.rows)
        if address:
            counter.settings.need_delivery(address.country, address.region or "")
        address = address or counter.home
        freight_minor = by_hand.freight_minor if by_hand else None
        agreed, _ = _quote(counter, address.country, request.lines, freight_minor)
        lock = charging.agreed(agreed, own.quote_id, own.rate_lock) if own else None
        first = counter.settings.first_method
        method = wish.method if wish else first(agreed.total_minor, agreed.currency)
        order = placing.new_order(
            agreed,
            order_id=order_id,
            buyer_id=by_hand.buyer_id if by_hand else by.id,
            address=address,
            contact=request.contact,
            payment_time=counter.settings.payment_time(method),
            fingerprint=fingerprint,
            policy_version=counter.settings.version,
            by=by,
            placed_at=by_hand.placed_at if by_hand else None,
            by_staff=by_hand is not None,
            payment_method=method,
        )
        order = commission.charged(order)
        if own:
            order, draw = to_be_paid(order, own, lock, own.device)
    held = order.reserved()

    def hold(unit: Unit) -> None:
        inventory.move_reservation(unit, {}, held)
        if by_hand and by_hand.overrides:
            unit.because(by_hand.reason, **by_hand.overrides)
        if at_once:
            at_once.also(unit, order)

    return commit(order, fingerprint, hold, wish, draw, at_once.kept if at_once else None)


def to_be_paid(
    order: Order, request: "Checkout | SaleCheckout", lock: "RateLock | None", device: Device
) -> tuple[Order, Draw]:
    """What the balance leaves is charged, by that rate if by any, and by a method that takes so much."""
    if rest_minor := payment_for(order, request.from_balance_minor).due_minor:
        order = order.but(charge=lock.by.charge(rest_minor)) if lock else order
        at_hand().settings.need_payment_method(order.payment_method, rest_minor, order.charged_in, device)
    if not request.from_balance_minor:
        return order, NOTHING_DRAWN
    from souk.flows import pay_from_balance

    return order, pay_from_balance.draw(order, request.from_balance_minor, request.proof)


def _wish(request: Checkout, by: Caller) -> Wish:
    method, device, payer_id = request.payment_method, request.device, request.payer_id
    return Wish(method=method, device=device, payer_id=payer_id or "", address=by.ip)


def _look(
    lines: Sequence[WantedLine],
    country: str | None,
    point: GeoPoint | None,
    kept_in: str | None,
    besides: Sequence[At] = (),
    by: Caller | None = None,
) -> _Counter:
    wanted = quoting.summed(lines)
    lots = _lots(wanted, country, point, kept_in, by)
    at_stores = [
        key for lot in lots for key in stock.stock_keys(lot.units, [store.store_id for store in lot.chosen.asked])
    ]
    rows = ask.many([*besides, *goods_keys(wanted), *at_stores])
    return _Counter(at_hand().settings, kept_in is not None, wanted, lots, rows, by)


def _lots(
    wanted: Mapping[str, int], country: str | None, point: GeoPoint | None, kept_in: str | None, by: Caller | None
) -> list[Lot]:
    """What nobody has, or these staff may not see, counts as the retailer's: it is not for sale."""
    groups: dict[str | None, dict[str, int]] = {}
    owners = catalog.owners_of(wanted)
    for sku, units in wanted.items():
        owner = owners.get(sku)
        groups.setdefault(owner if by is None or by.sees_goods_of(owner) else None, {})[sku] = units
    need_few(groups)
    if kept_in:
        if [*groups] != [owner_of(kept_in)]:
            raise NoPickupThere(store_id=kept_in)
        return [Lot(wanted, pickup_from(kept_in))]
    return [Lot(units, candidates_for(country or "", point, by, merchant_id=owner)) for owner, units in groups.items()]


def _quote(
    counter: _Counter, country: str, lines: Sequence[WantedLine], freight_minor: int | None = None
) -> tuple[Quote, list[str]]:
    goods = on_sale(counter.rows, counter.wanted, counter.settings.currency)
    if counter.by:
        for line in goods:
            quoting.need_offer(line.sku, counter.by.sees_goods_of(line.merchant_id))
    for lot in counter.lots:
        lot.chosen.need_some(country)
    available = {at: one.available for at, one in stock.stocks(counter.rows).items()}
    found = allocate_each(counter.lots, available, counter.settings.most_parts)
    explanation = [line for one in found for line in one.explanation]
    if shortage := next((one.shortage for one in found if one.shortage), None):
        raise InsufficientStock(**shortage._asdict(), explanation=explanation)
    homes = [one.store for one in found if one.store]
    parts = [part for one in found for part in one.parts]
    basket = basket_of(goods, counter.settings, homes, country, parts, pickup=counter.pickup)
    by_hand = [line for line in lines if isinstance(line, StaffLine)]
    return quoting.quote(quoting.by_hand(basket, by_hand, freight_minor)), explanation


def on_sale(
    rows: Rows, wanted: Mapping[str, int], currency: str, even_if_delisted: bool = False
) -> tuple[quoting.QuoteLine, ...]:
    """The goods at today's prices; NotForSale where one of them is not to be had."""
    found = catalog.offers(rows) if even_if_delisted else offers(rows)
    for sku in wanted:
        quoting.need_offer(sku, sku in found and found[sku].sold_in(currency, even_if_delisted))
    return tuple(quote_line(found[sku], units) for sku, units in wanted.items())


def basket_of(
    lines: Sequence[quoting.QuoteLine],
    settings: ShopSettings,
    homes: Sequence[Store],
    country: str,
    parts: Sequence[Part] = (),
    *,
    pickup: bool = False,
) -> quoting.Basket:
    """What is quoted by the terms of each owner's store; `parts` say what comes from where, if not all from one."""
    freights = [
        quoting.Freight(
            merchant_id=home.merchant_id, minor=home.freight_minor, free_from_minor=home.free_freight_from_minor
        )
        for home in homes
    ]
    return quoting.Basket(
        currency=settings.currency,
        country=country,
        store_id=homes[0].store_id if len(homes) == 1 else HEAD_OFFICE,
        delivery_method="pickup" if pickup else "parcel",
        lines=tuple(lines),
        parcels=tuple(quoting.Holding(**part._asdict()) for part in parts),
        freights=() if pickup else tuple(freights),
        tax_basis_points=settings.tax_basis_points,
    )


def quote_line(offer: Offer, units: int) -> quoting.QuoteLine:
    return quoting.QuoteLine(
        sku=offer.sku,
        product_id=offer.product_id,
        merchant_id=offer.merchant_id,
        name=offer.name,
        options=offer.options,
        quantity=units,
        unit_price_minor=offer.price_minor,
    )


def commit(
    order: Order,
    fingerprint: str,
    hold: Callable[[Unit], None],
    wish: Wish | None = None,
    draw: Draw = NOTHING_DRAWN,
    kept: KeptCharge | None = None,
) -> Placed:
    """The order with its payment and the goods that `hold` takes for it, in one transaction; or as placed before.

    Without a wish it is paid by the order's own method, on a device of which nothing is known.
    """
    if order.version:
        return placed_before(order, fingerprint, wish)
    try:
        with Unit() as unit:
            placed = placing.place(unit, order, otherwise=PlacedBefore())
            begun = payment_for(order, draw.subject.amount_minor).wanted(order.payment_method)
            payment = charges.await_payment(unit, begun.but(kept=kept))
            proofs.count_unproved(unit, order.buyer_id, draw)
            hold(unit)
    except PlacedBefore:
        return placed_before(order_store.get(order.order_id), fingerprint, wish)
    return _with_payment(placed, payment, wish)


def payment_for(order: Order, from_balance_minor: int = 0) -> Payment:
    order.need_something_to_pay()
    payment = Payment(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        store_id=order.store_id,
        merchant_id=order.merchant_id,
        amount_minor=order.total_minor,
        currency=order.currency,
        deadline=order.pay_until,
        charge=order.charge,
    )
    return payment.with_balance(from_balance_minor)


def placed_before(order: Order, fingerprint: str, wish: Wish | None = None) -> Placed:
    """A repeated command meets its own first run; another under the same key is refused."""
    order.need_same_request(fingerprint)
    return _with_payment(order, None, wish)


def _with_payment(order: Order, payment: Payment | None, wish: Wish | None) -> Placed:
    if not order.awaits_payment:
        return Placed(order, None)
    repeated, payment = payment is None, payment or payment_store.of_order(order.order_id)
    if payment.is_covered:
        from souk.flows import pay_from_balance

        pay_from_balance.settle(order.order_id, order.buyer_id)
        return Placed(order_store.get(order.order_id), None)
    address = order.origin.ip if order.origin else ""
    wish = (wish or Wish(address=address)).but(method=payment.method)
    authorise_first = at_hand().settings.authorises_first
    try:
        if repeated:
            limits.need(*velocity.limits_of(order.buyer_id, wish, order.order_id))
        with audit.told_by_itself():
            begun = attempts.start(order.order_id, payment, wish, resumed=True, authorise_first=authorise_first)
        return Placed(order, paying.with_account(begun, payment, order))
    except (TooMany, Unavailable, PaymentRefused, NothingToPay):
        return Placed(order, None)
