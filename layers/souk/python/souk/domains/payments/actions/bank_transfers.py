"""Transfers that came to the shop's bank account: entered, credited to an order, or sent back."""

from souk.domains.payments import events
from souk.domains.payments.actions import refunds
from souk.domains.payments.model.bank_transfer import BankTransfer, Credited, OtherCurrency, SentBack, TransferDraft
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.store import bank_transfers as store
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def enter(draft: TransferDraft, by: Caller) -> BankTransfer:
    """Head office's; the money is on suspense until it is known for what it came. Told twice it counts once."""
    by.need_store(None)
    new = draft.transfer(clock.now(), by.id)

    def keep() -> BankTransfer:
        if known := store.find_transfer(new.transfer_id):
            known.need_same(draft)
            return known
        with Unit() as unit:
            unit.book(new.entry("received", "bank", "suspense", new.entered_at))
            return unit.save(keys.BANK_TRANSFER, new, otherwise=ChangedMeanwhile())

    return again(keep)


def send_back(transfer_id: str, said: SentBack, by: Caller) -> BankTransfer:
    """Staff have sent it to whoever it came from; said twice it was sent once."""

    def post() -> BankTransfer:
        found = store.transfer_for(transfer_id, by)
        if found.sent_back_as == said.bank_reference:
            return found
        at = clock.now()
        sent = found.moved("sent_back", at, by.id).but(sent_back_as=said.bank_reference)
        with Unit() as unit:
            unit.book(sent.entry("sent back", "suspense", "bank", at))
            return unit.save(keys.BANK_TRANSFER, sent)

    return again(post)


def match(unit: Unit, transfer: BankTransfer, payment: Payment, outcome: Outcome, by: str) -> BankTransfer:
    """It is that order's, whatever becomes of it there."""
    if transfer.currency != payment.currency:
        raise OtherCurrency(currency=payment.currency)
    moved = transfer.moved("matched", clock.now(), by)
    return unit.save(keys.BANK_TRANSFER, moved.but(order_id=payment.order_id, outcome=outcome))


def keep_part(unit: Unit, payment: Payment, credited: Credited) -> None:
    """Too little: the rest is asked for."""
    kept = unit.save(keys.PAYMENT, payment.but(received_minor=payment.received_minor + credited.kept_minor))
    about = kept.model_dump(include={*events.TransferFellShort.model_fields})
    unit.tell(events.TransferFellShort(**about, missing_minor=kept.due_minor - kept.received_minor))


def owe_over(unit: Unit, payment: Payment, transfer: BankTransfer, credited: Credited) -> Payment:
    """The payment, not saved yet, with what came beyond all that was due, which goes back."""
    if credited.over_minor:
        over = f"{transfer.transfer_id}-over"  # the transfer itself may pay for the order
        refunds.owe_transferred(unit, payment, over, credited.over_minor, "more than was due")
    return payment.but(captured_minor=payment.captured_minor + credited.over_minor)
