"""Payments, as they are asked for."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from souk.domains.payments.model.bank_transfer import BankTransfer, NoSuchTransfer, TransferStatus
from souk.domains.payments.model.dispute import Dispute, DisputeCard, NoSuchDispute
from souk.domains.payments.model.kept import MethodBook
from souk.domains.payments.model.mandate import Mandate, MandateDay, NoSuchMandate
from souk.domains.payments.model.money import MoneyEvent, balances
from souk.domains.payments.model.payment import NoSuchPayment, Payment
from souk.domains.payments.model.proof import KeptPassword, PaymentCode, ProofTries
from souk.domains.payments.model.refund import Refund
from souk.domains.payments.model.views import PaymentFile
from souk.domains.payments.model.wallet import Wallet, WalletMovement
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.charging import Sum
from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.port import At

_A_PAGE = 2_000


class Cleared(Noun):
    """A movement on a provider's account, as the index shows it."""

    order_id: str
    transaction_number: str
    cleared_minor: int
    currency: str
    at: datetime
    charged: Sum | None = None

    @property
    def presented(self) -> Sum:
        """As the buyer knows it: into the account, or below zero out of it."""
        if self.charged is None:
            return Sum(currency=self.currency, minor=self.cleared_minor)
        return self.charged.but(minor=self.charged.minor if self.cleared_minor > 0 else -self.charged.minor)


class Proofs(NamedTuple):
    """What a member can prove with, and how often they were wrong."""

    password: KeptPassword | None
    code: PaymentCode | None
    tries: ProofTries


class _RefundCard(Noun):
    order_id: str
    refund_id: str


class _DisputeCard(Noun):
    dispute_id: str


class _PaymentCard(Noun):
    order_id: str


def in_rows(rows: Rows) -> Payment:
    """The payment among the rows of its order."""
    return _only(rows.one(keys.PAYMENT, Payment))


def of_order(order_id: str) -> Payment:
    return _only(ask.find(keys.PAYMENT, Payment, order_id=order_id))


def for_buyer(order_id: str, by: Caller) -> Payment:
    payment = of_order(order_id)
    payment.need_buyer(by)
    return payment


def for_staff(order_id: str, by: Caller) -> Payment:
    payment = of_order(order_id)
    payment.need_scope(by)
    return payment


def file(order_id: str, by: Caller) -> PaymentFile:
    """All that is known of the order's money, from one query."""
    rows = ask.ask(patterns.ORDER_WHOLE, order_id=order_id)
    payment = in_rows(rows)
    payment.need_scope(by)
    events = sorted(rows.all(keys.MONEY_EVENT, MoneyEvent), key=lambda event: (event.at, event.effect))
    return PaymentFile(
        payment=payment,
        refunds=rows.all(keys.REFUND, Refund),
        disputes=rows.all(keys.DISPUTE, Dispute),
        events=events,
        balances=balances(events),
    )


def refund(order_id: str, refund_id: str) -> Refund:
    return ask.get(keys.REFUND, Refund, order_id=order_id, refund_id=refund_id)


def refunds(order_id: str) -> list[Refund]:
    return refunds_in(ask.ask(patterns.REFUNDS_OF_ORDER, order_id=order_id))


def refunds_in(rows: Rows) -> list[Refund]:
    """The refunds among the rows of an order."""
    return rows.all(keys.REFUND, Refund)


def refunds_of_case(order_id: str, case_id: str) -> list[Refund]:
    return [one for one in refunds(order_id) if one.case_id == case_id]


def find_dispute(order_id: str, dispute_id: str) -> Dispute | None:
    return ask.find(keys.DISPUTE, Dispute, order_id=order_id, dispute_id=dispute_id)


def known_disputes(wanted: Iterable[tuple[str, str]]) -> set[str]:
    """Which of these have been heard of: by order and the provider's id, as long a list as it may be."""
    ats = [ask.key(keys.DISPUTE, order_id=order_id, dispute_id=dispute_id) for order_id, dispute_id in wanted]
    return {one.dispute_id for rows in ask.in_batches(ats) for one in rows.all(keys.DISPUTE, _DisputeCard)}


def dispute_for(order_id: str, dispute_id: str, by: Caller) -> Dispute:
    dispute = ask.get(keys.DISPUTE, Dispute, NoSuchDispute, order_id=order_id, dispute_id=dispute_id)
    dispute.need_scope(by)
    return dispute


def disputes(store_id: str, status: str, limit: int, position: str | None) -> tuple[list[DisputeCard], str | None]:
    rows = ask.ask(patterns.DISPUTE_DESK, limit=limit, position=position, store_id=store_id, status=status)
    return rows.all(keys.DISPUTE, DisputeCard), rows.position


def disputes_to_look_at(until: datetime, most: int) -> list[str]:
    """By the provider's ids, of those that are not decided."""
    rows = ask.ask(patterns.DISPUTES_AWAITED, limit=most, until=clock.text(until))
    return [card.dispute_id for card in rows.all(keys.DISPUTE, _DisputeCard)]


def awaited(most: int) -> list[str]:
    """Orders whose payment has no outcome yet, the first deadline first."""
    rows = ask.ask(patterns.PAYMENTS_AWAITED, awaited="awaited", limit=most)
    return [card.order_id for card in rows.all(keys.PAYMENT, _PaymentCard)]


def held(most: int) -> list[str]:
    """Orders for which money came late that nobody has decided about."""
    rows = ask.ask(patterns.PAYMENTS_AWAITED, awaited="held", limit=most)
    return [card.order_id for card in rows.all(keys.PAYMENT, _PaymentCard)]


def overdue(before: datetime, most: int) -> list[str]:
    """Of those, the orders whose deadline was before that time."""
    rows = ask.ask(patterns.PAYMENTS_AWAITED, awaited="awaited", limit=most, until=clock.text(before))
    return [card.order_id for card in rows.all(keys.PAYMENT, _PaymentCard)]


def refunds_awaited(most: int) -> list[tuple[str, str]]:
    """Order and refund of what the provider has not confirmed yet, oldest first."""
    rows = ask.ask(patterns.REFUNDS_AWAITED, awaited="awaited", limit=most)
    return [(card.order_id, card.refund_id) for card in rows.all(keys.REFUND, _RefundCard)]


def refunds_to_look_at(until: datetime, most: int) -> list[tuple[str, str]]:
    """Order and refund of what was posted and is to be looked at again by that time."""
    rows = ask.ask(patterns.REFUNDS_AWAITED, awaited="posted", limit=most, until=clock.text(until))
    return [(card.order_id, card.refund_id) for card in rows.all(keys.REFUND, _RefundCard)]


def refunds_by_hand(limit: int, position: str | None) -> tuple[list[Refund], str | None]:
    """What staff are to transfer, the oldest first."""
    rows = ask.ask(patterns.REFUNDS_AWAITED, awaited="by_hand", limit=limit, position=position).whole()
    return rows.all(keys.REFUND, Refund), rows.position


def find_transfer(transfer_id: str) -> BankTransfer | None:
    return ask.find(keys.BANK_TRANSFER, BankTransfer, transfer_id=transfer_id)


def transfer_for(transfer_id: str, by: Caller) -> BankTransfer:
    """The bank account is head office's."""
    by.need_store(None)
    return ask.get(keys.BANK_TRANSFER, BankTransfer, NoSuchTransfer, transfer_id=transfer_id)


def transfers(status: TransferStatus, limit: int, position: str | None) -> tuple[list[BankTransfer], str | None]:
    """The newest first."""
    rows = ask.ask(patterns.BANK_TRANSFERS, limit=limit, position=position, status=status).whole()
    return rows.all(keys.BANK_TRANSFER, BankTransfer), rows.position


def cleared(provider: str, part: int, since: datetime, until: datetime) -> Iterator[Cleared]:
    """What moved on a provider's account between two moments, of one of the parts by transaction number."""
    last = (until - timedelta.resolution).date()
    for number in range((last - since.date()).days + 1):
        day = (since.date() + timedelta(days=number)).isoformat()
        asked = {"provider": provider, "day": day, "shard": part}
        position: str | None = None
        while True:
            rows = ask.ask(
                patterns.MONEY_CLEARED,
                limit=_A_PAGE,
                position=position,
                since=clock.text(since),
                until=clock.text(until),
                **asked,
            )
            yield from rows.all(keys.MONEY_EVENT, Cleared)
            position = rows.position
            if position is None:
                break


def wallets(buyer_id: str) -> list[Wallet]:
    """One for each currency in which the buyer has, or once had, something with the shop."""
    return ask.ask(patterns.WALLETS_OF_BUYER, buyer_id=buyer_id).all(keys.WALLET, Wallet)


def available(buyer_id: str, currency: str) -> int:
    """What the buyer can spend of the balance."""
    found = ask.find(keys.WALLET, Wallet, buyer_id=buyer_id, currency=currency)
    return found.available_minor if found else 0


def find_movement(like: WalletMovement) -> WalletMovement | None:
    named = like.model_dump(include={"buyer_id", "currency", "movement_id"})
    return ask.find(keys.WALLET_MOVEMENT, WalletMovement, **named)


def movements(
    buyer_id: str, currency: str, limit: int, position: str | None
) -> tuple[list[WalletMovement], str | None]:
    """Newest first."""
    asked = {"buyer_id": buyer_id, "currency": currency}
    rows = ask.ask(patterns.WALLET_STATEMENT, limit=limit, position=position, **asked).whole()
    return rows.all(keys.WALLET_MOVEMENT, WalletMovement), rows.position


def proofs(member_id: str) -> Proofs:
    kinds = (keys.PAYMENT_PASSWORD, keys.PAYMENT_CODE, keys.PROOF_TRIES)
    rows = ask.many([ask.key(kind, member_id=member_id) for kind in kinds])
    return Proofs(
        password=rows.one(keys.PAYMENT_PASSWORD, KeptPassword),
        code=rows.one(keys.PAYMENT_CODE, PaymentCode),
        tries=rows.one(keys.PROOF_TRIES, ProofTries) or ProofTries(member_id=member_id),
    )


def proof_tries(member_id: str) -> ProofTries:
    return ask.find(keys.PROOF_TRIES, ProofTries, member_id=member_id) or ProofTries(member_id=member_id)


def methods_of(member_id: str) -> MethodBook:
    """An empty book where nothing was kept yet."""
    return methods_in(ask.many([methods_key(member_id)]), member_id)


def methods_key(member_id: str) -> At:
    """For a batch read that `methods_in` looks at."""
    return ask.key(keys.METHOD_BOOK, member_id=member_id)


def methods_in(rows: Rows, member_id: str) -> MethodBook:
    return rows.one(keys.METHOD_BOOK, MethodBook) or MethodBook(member_id=member_id)


def mandate(member_id: str, mandate_id: str) -> Mandate:
    return ask.get(keys.MANDATE, Mandate, NoSuchMandate, member_id=member_id, mandate_id=mandate_id)


def find_mandate(member_id: str, mandate_id: str | None) -> Mandate | None:
    return mandate(member_id, mandate_id) if mandate_id else None


def mandates(member_id: str, limit: int, position: str | None) -> tuple[list[Mandate], str | None]:
    """Newest first, those that were revoked too."""
    rows = ask.ask(patterns.MANDATES_OF_MEMBER, limit=limit, position=position, member_id=member_id)
    return rows.all(keys.MANDATE, Mandate), rows.position


def charged(mandate: Mandate, day: str) -> int:
    """On that day to its method, by those before it too."""
    named = {"member_id": mandate.member_id, "method_id": mandate.method_id}
    found = ask.find(keys.MANDATE_DAY, MandateDay, day=day, **named)
    return found.charged_minor if found else 0


def find(order_id: str) -> Payment | None:
    return ask.find(keys.PAYMENT, Payment, order_id=order_id)


def _only(payment: Payment | None) -> Payment:
    if payment is None:
        raise NoSuchPayment()
    return payment
