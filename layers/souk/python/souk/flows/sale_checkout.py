"""Buying in a flash sale: the order with its payment and units of a shard or several, in one transaction."""

from datetime import timedelta
from typing import NamedTuple

from souk.domains.catalog.model import Offer
from souk.domains.members.store import addresses
from souk.domains.members.store import profile as profiles
from souk.domains.orders.actions import placing
from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.goods import SaleShare
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import NotForSale, Quote
from souk.domains.orders.model.quote_requests import SaleQuoteRequest
from souk.domains.orders.model.requests import fingerprint_of
from souk.domains.orders.model.sale_requests import SaleCheckout
from souk.domains.payments.actions import velocity
from souk.domains.payments.model import attempt
from souk.domains.payments.model.draw import Draw
from souk.domains.promotions import actions as promotions
from souk.domains.promotions import store
from souk.domains.promotions.actions import Picks
from souk.domains.promotions.model.flash_sale import FlashSale, PriorityTaken, PriorityWindow, SaleOver, SaleSoldOut
from souk.domains.promotions.model.shards import STOCK, Left, home, picked
from souk.domains.stores.store.settings import at_hand
from souk.flows import charging, checkout, commission
from souk.flows.checkout import Placed
from souk.flows.goods import offers_of
from souk.flows.serving import terms_of
from souk.kernel import clock
from souk.kernel.address import GeoPoint
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.kernel.kept import kept
from souk.table import ask, audit, keys, limits
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Contended


class Terms(NamedTuple):
    """What is the same for every buyer of a sale."""

    sale: FlashSale
    offer: Offer | None


class Wish(NamedTuple):
    """What one buyer wants of it, and looks for in which pools from which shard on."""

    sale: FlashSale
    units: int
    window: PriorityWindow | None
    home: int

    @property
    def pools(self) -> tuple[str, ...]:
        return (STOCK, self.window.pool) if self.window and self.window.pool else (STOCK,)


def quote(sale_id: str, request: SaleQuoteRequest) -> Quote:
    """What so many would cost now; whether they can be had is decided when they are ordered."""
    quoted = _quote(_terms(sale_id), request.quantity, request.country, request.region, request.point)
    return charging.offered(quoted, request.currency)


def place(sale_id: str, request: SaleCheckout, key: str, by: Caller) -> Placed:
    """The order, placed once whatever is repeated."""
    with audit.told_by_itself():
        return _place(sale_id, request, key, by)


@kept(timedelta(seconds=2))
def _terms(sale_id: str) -> Terms:
    """A rush asks for the same again and again, and one item is read three thousand times a second at most.

    A sale that is ended, or whose goods are taken off the shelf, is so to everybody two seconds later; to orders a
    sale that was ended is over at once, for its shards are gone.
    """
    sale = store.get(sale_id)
    return Terms(sale, offers_of([sale.sku]).get(sale.sku))


def _place(sale_id: str, request: SaleCheckout, key: str, by: Caller) -> Placed:
    terms, order_id = _terms(sale_id), checkout.order_id_of(key, by)
    sale, first = terms.sale, home(order_id, terms.sale.shards)
    fingerprint = fingerprint_of(request, sale_id)
    by_card = attempt.Wish(address=by.ip)
    rows = ask.many(
        [
            ask.key(keys.ORDER, order_id=order_id),
            store.shard_key(sale_id, STOCK, first),
            *([addresses.book_key(by.id)] if request.address_id else []),
            *([profiles.key(by.id)] if sale.windows else []),
            *limits.places(*velocity.limits_of(by.id, by_card)),
        ]
    )
    order = rows.one(keys.ORDER, Order)
    if order:
        return checkout.placed_before(order, fingerprint)
    wish = Wish(sale, request.quantity, sale.window_for(profiles.in_rows(rows, by.id).tier, clock.now()), first)
    sale.need_units(wish.units)
    address = request.address or addresses.in_rows(rows, by.id).get(str(request.address_id)).address
    agreed = _quote(terms, wish.units, address.country, address.region or "", address.point)
    lock, settings = charging.agreed(agreed, request.quote_id, request.rate_lock), at_hand().settings
    rest_minor = agreed.total_minor - request.from_balance_minor
    charged_in = lock.by.currency if lock else agreed.currency
    method = settings.first_method(rest_minor if rest_minor > 0 else agreed.total_minor, charged_in)
    limits.need(*velocity.limits_of(by.id, by_card.but(method=method)), rows=rows)
    order = placing.new_order(
        agreed,
        order_id=order_id,
        buyer_id=by.id,
        address=address,
        contact=request.contact,
        payment_time=settings.payment_time(method),
        fingerprint=fingerprint,
        policy_version=settings.version,
        by=by,
        payment_method=method,
    )
    left = store.left(rows, [STOCK])[STOCK]
    at_home = {STOCK: {first: wish.units}} if left.get(first, 0) >= wish.units and wish.pools == (STOCK,) else None
    order = commission.charged(order.but(sale=_share(wish)))
    order, draw = checkout.to_be_paid(order, request, lock, by_card.device)
    return _take(order, fingerprint, wish, at_home, draw)


def _quote(terms: Terms, units: int, country: str, region: str | None, point: GeoPoint | None) -> Quote:
    sale, shop = terms.sale, at_hand()
    sale.need_announced()
    shop.settings.need_delivery(country, region)
    currency = shop.settings.currency
    if terms.offer is None or sale.currency != currency or not terms.offer.sold_in(currency):
        raise NotForSale(f"{sale.sku} is not for sale", sku=sale.sku)
    at = terms_of(sale.store_id, country, point)
    line = checkout.quote_line(terms.offer, units).but(unit_price_minor=sale.price_minor)
    return quoting.quote(checkout.basket_of([line], shop.settings, [at], country))


def _share(wish: Wish) -> SaleShare:
    return SaleShare(
        sale_id=wish.sale.sale_id,
        store_id=wish.sale.store_id,
        sku=wish.sale.sku,
        units=wish.units,
        shard=wish.home,
        tier=wish.window.pool if wish.window else None,
    )


def _take(order: Order, fingerprint: str, wish: Wish, at_home: Picks | None, draw: Draw) -> Placed:
    """From the shard at home if it had enough when it was read, else from wherever there is."""
    known = [at_home] if at_home else []

    def try_once() -> Placed:
        picks = known.pop() if known else _look(wish)
        return checkout.commit(
            order,
            fingerprint,
            lambda unit: promotions.take(unit, wish.sale, order.buyer_id, wish.units, picks),
            draw=draw,
        )

    try:
        return again(try_once)
    except ChangedMeanwhile:
        raise Contended() from None


def _look(wish: Wish) -> Picks:
    """Which shards to take from. Nobody is sent away but upon seeing all of them at one instant.

    ChangedMeanwhile while others are at work on them, unless it can be seen nevertheless where to try.
    """
    at_once = store.left_at_once(wish.sale, wish.pools)
    found = at_once or store.left_about_now(wish.sale, wish.pools)
    picks: dict[str, dict[int, int]] = {}
    for pool, left in found.items():
        taken = picked(left, wish.units, wish.home)
        if taken is None:
            raise _nothing_left(wish, pool, left) if at_once else ChangedMeanwhile()
        picks[pool] = taken
    return picks


def _nothing_left(wish: Wish, pool: str, left: Left) -> Refusal:
    if not left:
        return SaleOver()
    return SaleSoldOut() if pool == STOCK else PriorityTaken(starts_at=clock.text(wish.sale.starts_at))
