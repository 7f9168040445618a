"""A transfer that came to the shop's bank account pays the order that it names, in part or in full, or too late."""

from collections.abc import Iterable, Mapping

from souk.domains.orders.model.order import Order
from souk.domains.orders.model.refusals import NoSuchOrder
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import bank_transfers
from souk.domains.payments.model.bank_transfer import (
    MOST_LINES,
    BankTransfer,
    Credited,
    EnteredLine,
    Statement,
    StatementTooLong,
    TransferDraft,
    TransferTakenBack,
    by_transfer,
    draft_of,
    transfer_number,
)
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.references import numbers_in
from souk.domains.payments.store import bank_transfers as transfer_store
from souk.domains.payments.store import payments as payment_store
from souk.flows import settle_payment
from souk.gateways import bank, camt053, statements
from souk.gateways.metrics import count
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit

Line = tuple[int, Mapping[str, object] | None]


def enter(draft: TransferDraft, by: Caller) -> BankTransfer:
    """Kept first and then credited, so that what breaks off between the two is not lost, and is credited later."""
    kept = bank_transfers.enter(draft, by)
    order_id = _meant(kept) if kept.status == "unmatched" else None
    return match(kept.transfer_id, order_id, by) if order_id else kept


def enter_all(statement: Statement, by: Caller) -> list[EnteredLine]:
    """Nothing where one of its lines is not as it must be, and otherwise each line by itself; sent again, what was
    entered before is as it was.
    """
    by.need_store(None)
    statement.need_one()
    csv = statement.csv or ""
    lines: Iterable[Line] = camt053.read(statement.camt053) if statement.camt053 else statements.read(csv)
    drafts = [(line, draft_of(line, said) if said else None) for line, said in lines]
    if len(drafts) > MOST_LINES:
        raise StatementTooLong(most=MOST_LINES)
    return [_entered(line, draft, by) for line, draft in drafts]


def match_by_hand(transfer_id: str, number: str, by: Caller) -> BankTransfer:
    """To an order of whatever state: what is not due there goes back. Said twice it counts once."""
    by.need_store(None)
    return match(transfer_id, order_lists.id_of_number(number), by)


def match(transfer_id: str, order_id: str, by: Caller) -> BankTransfer:
    def credit() -> BankTransfer:
        transfer = transfer_store.transfer_for(transfer_id, by)
        if transfer.order_id == order_id:
            return transfer
        return _credit(transfer, order_id, by)

    return again(credit)


def _entered(line: int, draft: TransferDraft | None, by: Caller) -> EnteredLine:
    if draft is None:
        return EnteredLine(line=line, refused=TransferTakenBack.code())
    try:
        return EnteredLine(line=line, transfer=enter(draft, by))
    except Refusal as refusal:
        return EnteredLine(line=line, refused=refusal.code())


def _meant(transfer: BankTransfer) -> str | None:
    """The one order that its text names, and that is in its currency."""
    named = numbers_in(transfer.text or "")
    if len(named) != 1:
        return None
    try:
        order_id = order_lists.id_of_number(named.pop())
    except NoSuchOrder:
        return None
    return order_id if payment_store.of_order(order_id).currency == transfer.currency else None


def _credit(transfer: BankTransfer, order_id: str, by: Caller) -> BankTransfer:
    rows = store.whole(order_id)
    order, payment = store.in_rows(rows), payment_store.in_rows(rows)
    credited = Credited.of(
        transfer.amount_minor, payment, order_awaits=order.takes_payment, may_revive=order.may_revive
    )
    with Unit() as unit:
        if credited.kept_minor:
            bank_transfers.keep_part(unit, payment, credited)
            outcome = Outcome.FELL_SHORT
        elif credited.paid_minor:
            rest = bank_transfers.owe_over(unit, payment, transfer, credited)
            outcome = _pay(unit, order, rest, transfer, by)
        else:
            unit.save(keys.PAYMENT, bank_transfers.owe_over(unit, payment, transfer, credited))
            outcome = Outcome.LATE
        matched = bank_transfers.match(unit, transfer, payment, outcome, by.id)
    if outcome in (Outcome.CAPTURED, Outcome.LATE):
        count(outcome)
    return matched


def _pay(unit: Unit, order: Order, payment: Payment, transfer: BankTransfer, by: Caller) -> Outcome:
    """All that is due is there: from here on it is as if any provider had said so."""
    due = payment.due_minor
    intent = bank.create_intent(
        order_id=payment.order_id,
        attempt=transfer_number(payment),
        amount_minor=due,
        currency=payment.currency,
    )
    paid = intent._replace(status="succeeded", received_minor=due, charge_id=transfer.transfer_id)
    return settle_payment.apply(unit, order, by_transfer(payment, paid.id), paid, by.id, clock.now())
