"""Settlements grow with the journal, are adjusted and closed by head office, and paid out once."""

from collections.abc import Iterable, Sequence
from functools import partial

from souk.domains.settlement.events import SettlementClosed, SettlementPaid
from souk.domains.settlement.model.settlement import (
    CLOSING_GRACE,
    AdjustmentDraft,
    EarlierSettlementOpen,
    MerchantAccount,
    MerchantMovement,
    MovementLine,
    PayoutDraft,
    Place,
    Settlement,
    SettlementTooLong,
    movements_of,
    number_of,
    totals,
)
from souk.domains.settlement.model.sheet import rows_of
from souk.domains.settlement.store import settlements as store
from souk.gateways import sheets
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.kernel.journal import JournalEntry
from souk.kernel.months import month_of, next_month
from souk.kernel.sheet import Sheet
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import AtMost
from souk.table.unit import MOST_ACTIONS, ChangedMeanwhile, Unit

MOST_ROWS, _A_PAGE = 20_000, 1_000  # what one answer has room for
_A_BATCH = MOST_ACTIONS // 3  # each may write itself, a settlement and an account of its own


def enter(entries: Iterable[JournalEntry]) -> None:
    """Each movement falls into one settlement, once, however often its entry is delivered."""
    found = [one for entry in entries for one in movements_of(entry)]
    for start in range(0, len(found), _A_BATCH):
        again(partial(_enter_unknown, found[start : start + _A_BATCH]))


def adjust(merchant_id: str, draft: AdjustmentDraft, by: Caller) -> MerchantMovement:
    """Head office's; the same reference is the same adjustment."""
    by.need_store(None)
    new = draft.movement(merchant_id, clock.now(), by.id)

    def once() -> MerchantMovement:
        if found := store.find_movement(new):
            found.need_same(draft)
            return found
        with Unit() as unit:
            unit.because(draft.reason)
            unit.book(new.entry())
            (entered,) = _enter(unit, [new])
            return entered

    return again(once)


def close(merchant_id: str, month: str, currency: str, by: Caller) -> Settlement:
    """For good, one month after the other: what comes later falls into the next. What is below zero goes on there."""
    by.need_store(None)

    def once() -> Settlement:
        account = store.account(merchant_id, currency)
        settlement = store.get(merchant_id, month, currency)
        if settlement.closed:
            return settlement
        settlement.need_over(clock.now())
        if earlier := store.open_before(account, month):
            raise EarlierSettlementOpen(month=earlier[0].month)
        return _close(account, settlement, by)

    return again(once)


def close_what_is_over(by: Caller) -> None:
    """Every settlement that may be closed by now. What a run has not come to, the next one closes.

    One that is refused does not stop those of others: what was refused is said at the end.
    """
    first_open = month_of((clock.now() - CLOSING_GRACE).date())
    refused = list[Refusal]()
    for account in store.each_account():
        try:
            # What is carried over may begin a month in between, of which there was nothing before.
            while found := store.open_before(account, first_open):
                close(account.merchant_id, found[0].month, account.currency, by)
        except Refusal as refusal:
            refusal.add_note(f"{account.merchant_id} {account.currency}")
            refused.append(refusal)
    if refused:
        raise ExceptionGroup("Settlements that could not be closed", refused)


def pay_out(merchant_id: str, month: str, currency: str, said: PayoutDraft, by: Caller) -> Settlement:
    """Head office has paid it; told twice it is paid once."""
    by.need_store(None)

    def once() -> Settlement:
        settlement = store.get(merchant_id, month, currency)
        if settlement.is_paid_as(said):
            return settlement
        now = clock.now()
        paid = settlement.paid_out(said, now, by.id)
        with Unit() as unit:
            unit.book(paid.payout_entry(now))
            _count_owed(unit, (merchant_id, currency), -paid.payable_minor)
            told = {name: getattr(paid, name) for name in ("merchant_id", "month", "currency", "payable_minor")}
            unit.tell(SettlementPaid(**told, bank_reference=said.bank_reference))
            return unit.save(keys.SETTLEMENT, paid, otherwise=ChangedMeanwhile())

    return again(once)


def every_movement(of: Settlement) -> list[MerchantMovement]:
    """In the order in which they were booked; SettlementTooLong where no file has room for them."""
    found, position = store.movements(of, _A_PAGE, None)
    while position and len(found) <= MOST_ROWS:
        more, position = store.movements(of, _A_PAGE, position)
        found += more
    if len(found) > MOST_ROWS:
        raise SettlementTooLong(most=MOST_ROWS)
    return found


def statement(of: Settlement, merchant: str, movements: Iterable[MovementLine]) -> Sheet:
    rows = rows_of(of, merchant, movements)
    return sheets.sheet(f"settlement-{of.merchant_id}-{of.month}-{of.currency}", rows)


def _enter_unknown(movements: Sequence[MerchantMovement]) -> None:
    with Unit() as unit:
        _enter(unit, store.not_known(movements))


def _enter(unit: Unit, movements: Sequence[MerchantMovement]) -> list[MerchantMovement]:
    """Into the settlement of its month, or the first after it that is open when this is committed."""
    accounts = store.accounts({one.place for one in movements})
    placed = [_placed(one, accounts.get(one.place)) for one in movements]
    for one in placed:
        unit.add(keys.MERCHANT_MOVEMENT, one, otherwise=ChangedMeanwhile())
    for (merchant_id, month, currency), counts in totals(placed).items():
        unit.change(keys.SETTLEMENT, merchant_id=merchant_id, month=month, currency=currency, add=counts)
    for place in dict.fromkeys(one.place for one in placed):
        its = [one for one in placed if one.place == place]
        before = number_of(min(one.month for one in its)) - 1
        _count_owed(unit, place, sum(one.payable_minor for one in its), AtMost("closed_through", before))
    return placed


def _placed(movement: MerchantMovement, account: MerchantAccount | None) -> MerchantMovement:
    return movement.but(month=account.month_for(movement.at)) if account else movement


def _close(account: MerchantAccount, settlement: Settlement, by: Caller) -> Settlement:
    """Of what the stream brings at this moment the account knows: then it has changed, and all is looked at anew."""
    closed = settlement.closed_now(clock.now(), by.id)
    with Unit() as unit:
        through = account.but(closed_through=number_of(settlement.month))
        unit.save(keys.MERCHANT_ACCOUNT, through, otherwise=ChangedMeanwhile())
        if closed.status == "carried" and closed.payable_minor:
            unit.change(
                keys.SETTLEMENT,
                merchant_id=closed.merchant_id,
                month=next_month(closed.month),
                currency=closed.currency,
                add={"brought_forward_minor": closed.payable_minor},
            )
        unit.tell(SettlementClosed(**{name: getattr(closed, name) for name in SettlementClosed.model_fields}))
        return unit.save(keys.SETTLEMENT, closed, otherwise=ChangedMeanwhile())


def _count_owed(unit: Unit, place: Place, minor: int, *only_if: AtMost) -> None:
    merchant_id, currency = place
    unit.change(
        keys.MERCHANT_ACCOUNT,
        merchant_id=merchant_id,
        currency=currency,
        add={"owed_minor": minor},
        only_if=only_if,
        otherwise=ChangedMeanwhile(),
    )
