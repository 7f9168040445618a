"""Methods of payment are kept, forgotten and charged: the provider has them, and says what there is."""

from souk.domains.payments.actions import mandates, velocity
from souk.domains.payments.model.attempt import Wish
from souk.domains.payments.model.kept import (
    KeptMethod,
    MethodBook,
    MethodSetup,
    NoSuchMethod,
    SetupStart,
    StillKept,
)
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.store import kept as kept_store
from souk.domains.payments.store import mandates as mandate_store
from souk.domains.payments.store import payments as store
from souk.gateways import payments as providers
from souk.gateways.providers import AskedOtherwise, Intent, PaymentProviderFailed, PaymentRefused, Setup
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.kernel.paying import KEEPABLE, METHODS
from souk.table import keys, limits
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit

KEEPER = providers.keeper_of(KEEPABLE)


def begin(by: Caller) -> SetupStart:
    """What the browser needs to have another method kept; asked again it is the same, until one is."""
    return again(lambda: _begin(by))


def refresh(member_id: str) -> MethodBook:
    """As the provider says now."""
    return again(lambda: _refresh(member_id))


def set_default(method_id: str, by: Caller) -> MethodBook:
    def once() -> MethodBook:
        book = kept_store.methods_of(by.id)
        return _saved(book, book.with_default(method_id))

    return again(once)


def remove(method_id: str, by: Caller) -> None:
    """The provider first: what it has no more cannot come back, nor be charged by any mandate.

    What it knows no more it refuses to forget, and that is as good.
    """
    kept_store.methods_of(by.id).get(method_id)
    still_kept: Refusal = StillKept()
    try:
        KEEPER.forget_method(method_id)
    except PaymentRefused as refused:
        still_kept = refused
    if any(one.method_id == method_id for one in refresh(by.id).methods):
        raise still_kept


def hear(id: str) -> None:
    """Something has become of a setup or a method, or is said to."""
    owner_id = KEEPER.owner_of(id)
    if not owner_id or not kept_store.methods_of(owner_id).version:
        raise NoSuchMethod()
    refresh(owner_id)


def charge(order_id: str, *, may_try: bool) -> Intent | None:
    """Charges what the order is to be paid with, at most once, however often it is asked for; if it `may_try`.

    The intent as it stands after that; None where there is none yet. A mandate that was revoked meanwhile charges
    nothing. Where the provider failed over it and has charged nothing, its owner pays themselves.
    """
    return again(lambda: _charge(store.of_order(order_id), may_try))


def _charge(payment: Payment, may_try: bool) -> Intent | None:
    if payment.live is None:
        return None
    provider, kept = providers.at(payment.provider), payment.kept_charge
    intent = provider.get_intent(payment.live)
    if kept is None or not (may_try and intent.untried):
        return intent
    mandate = mandate_store.find_mandate(payment.buyer_id, kept.mandate_id)
    if mandate is None or mandate.revoked_at is None:
        try:
            return KEEPER.charge_method(intent.id, kept.method_id, buyer_is_there=mandate is None)
        except PaymentRefused:  # it is there no more
            refresh(payment.buyer_id)
        except PaymentProviderFailed:  # its answer stays the same for a day, whatever has become of it
            intent = provider.get_intent(intent.id)
            if not intent.untried:
                return intent
    with Unit() as unit:
        unit.save(keys.PAYMENT, mandates.give_up(unit, payment))
    return intent


def _begin(by: Caller) -> SetupStart:
    book, wish = kept_store.methods_of(by.id), Wish(address=by.ip)
    limits.need(*velocity.limits_of(by.id, wish))
    if book.setup:
        setup = KEEPER.get_setup(book.setup.setup_id)
        if setup.open and book.setup.is_fresh(clock.now()):
            return _start(setup)
        if setup.open:
            KEEPER.cancel_setup(setup.id)
        book = _refresh(by.id)
    book.need_room()
    limits.count((velocity.SETUPS_OF_MEMBER, by.id))
    number = book.setups + 1
    try:
        account_id = book.account_id or KEEPER.open_account(by.id, number)
        setup = KEEPER.begin_setup(owner_id=by.id, account_id=account_id, number=number)
    except (PaymentProviderFailed, AskedOtherwise):  # its answer to that number stays the same for a day
        _saved(book, book.but(setups=number))
        raise
    begun = MethodSetup(setup_id=setup.id, came_from=wish.came_from, begun_at=clock.now())
    _saved(book, book.but(account_id=account_id, setup=begun, setups=number))
    return _start(setup)


def _start(setup: Setup) -> SetupStart:
    key = providers.at(METHODS[KEEPABLE].provider).publishable_key()
    return SetupStart(setup_id=setup.id, client_secret=setup.client_secret, publishable_key=key)


def _refresh(member_id: str) -> MethodBook:
    book = kept_store.methods_of(member_id)
    if not book.account_id:
        return book
    # Asked before the list is: of a setup that is over, the list has what it kept.
    setup = book.setup if book.setup and _is_open(book.member_id, book.setup) else None
    found = [
        KeptMethod(method_id=one.id, brand=one.brand, last4=one.last4, expires=one.expires)
        for one in KEEPER.kept_methods(book.account_id)
    ]
    return _saved(book, book.holding(found).but(setup=setup))


def _is_open(member_id: str, begun: MethodSetup) -> bool:
    """What was tried too often is taken away from whoever tries."""
    setup = KEEPER.get_setup(begun.setup_id)
    if setup.open and setup.declined and velocity.too_many_tried(member_id, begun):
        setup = KEEPER.cancel_setup(setup.id)
    return setup.open


def _saved(book: MethodBook, changed: MethodBook) -> MethodBook:
    """With what was agreed to for methods that are gone revoked."""
    if changed == book:
        return book
    gone = {*book.mandates.values()} - {*changed.mandates.values()}
    with Unit() as unit:
        for mandate_id in sorted(gone):
            mandates.end(unit, mandate_store.mandate(book.member_id, mandate_id))
        return unit.save(keys.METHOD_BOOK, changed, otherwise=ChangedMeanwhile())
