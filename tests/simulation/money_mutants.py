"""Bugs of money to plant: what is taken, owed, given back or settled with another than it should be."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from souk.domains.exchange.store import conversion_to_charge_by
from souk.domains.orders.actions import moves
from souk.domains.payments.actions import attempts, charges, movements, refunds, wallets
from souk.domains.payments.model.fund import Fund
from souk.domains.payments.model.money import MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund, RefundAnswer
from souk.domains.reconciliation.actions import bills
from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import MerchantAccount, MerchantMovement, Settlement
from souk.flows import settle_payment
from souk.gateways.providers import Intent
from souk.kernel.charging import Sum
from souk.kernel.journal import JournalEntry
from souk.kernel.paying import BANK
from souk.table import conditions
from souk.table.unit import Unit
from tests.simulation.mutants import Patch, nothing

A_YEAR = timedelta(days=365)


@contextmanager
def what_comes_late_goes_into_a_closed_settlement() -> Iterator[None]:
    """Into the one that was closed last, whatever it says."""

    def placed(movement: MerchantMovement, account: MerchantAccount | None) -> MerchantMovement:
        return movement.but(month=account.last_closed) if account and account.closed_through else movement

    with ExitStack() as stack:
        stack.enter_context(patch.object(settlements, "_placed", placed))
        stack.enter_context(
            patch.object(settlements, "AtMost", lambda name, most: conditions.AtMost(name, most + 10**6))
        )
        yield


def what_is_carried_over_is_forgotten() -> AbstractContextManager[Any]:
    change = Unit.change

    def forgetful(self: Unit, entity: Any, **given: Any) -> None:
        if "brought_forward_minor" not in given.get("add", {}):
            change(self, entity, **given)

    return patch.object(Unit, "change", forgetful)


def a_transfer_is_never_taken_off_suspense() -> AbstractContextManager[Any]:
    """What pays an order comes from the bank, where it was booked from when it came."""
    clearing = MoneyEvent.clearing.fget  # type: ignore[attr-defined]
    return patch.object(
        MoneyEvent, "clearing", property(lambda self: "bank" if self.provider == BANK else clearing(self))
    )


def a_refund_that_failed_gives_nothing_back() -> AbstractContextManager[Any]:
    """What was set aside for it stays set aside."""

    def take_back(unit: Unit, refund: Refund, answer: RefundAnswer, at: datetime) -> int:
        movements.note_refund(unit, refund, "refund_failed", at, answer.provider_id)
        return 0

    return patch.object(refunds, "_take_back", take_back)


def what_goes_back_is_charged_by_the_rate_of_today() -> AbstractContextManager[Any]:
    drawn = Fund.drawn

    def anew(self: Fund, amount_minor: int, gone: Fund) -> Fund:
        found = drawn(self, amount_minor, gone)
        if found.charged is None:
            return found
        today = conversion_to_charge_by("EUR", found.charged.currency, A_YEAR).charge(amount_minor)
        return found.but(charged=Sum(currency=today.currency, minor=today.minor))

    return patch.object(Fund, "drawn", anew)


def what_a_bank_sets_aside_counts_as_taken() -> AbstractContextManager[Any]:
    def capture(payment: Payment, intent: Intent, *, order_awaits: bool) -> Intent:
        return intent._replace(status="succeeded", received_minor=intent.amount_minor or 0)

    return patch.object(attempts, "capture", capture)


def a_line_of_a_bill_counts_twice() -> AbstractContextManager[Any]:
    add = bills._add

    def twice(*given: Any) -> None:
        add(*given)
        add(*given)

    return patch.object(bills, "_add", twice)


def what_is_taken_back_is_booked_once_more() -> AbstractContextManager[Any]:
    def again(self: JournalEntry, cause: str, at: datetime) -> JournalEntry:
        return self.but(cause=cause, at=at)

    return patch.object(JournalEntry, "reversed", again)


MONEY: Mapping[str, Patch] = {
    "what comes late goes into a closed settlement": what_comes_late_goes_into_a_closed_settlement,
    "what is carried over is forgotten": what_is_carried_over_is_forgotten,
    "a payout is not noted": lambda: patch.object(Settlement, "paid_out", lambda self, *given: self),
    "a transfer is never taken off suspense": a_transfer_is_never_taken_off_suspense,
    "a top-up is booked and not given": lambda: patch.object(wallets, "top_up", nothing),
    "what was held of a balance stays held": lambda: patch.object(charges, "_let_balance_go", nothing),
    "a refund that failed gives nothing back": a_refund_that_failed_gives_nothing_back,
    "what goes back is charged by the rate of today": what_goes_back_is_charged_by_the_rate_of_today,
    "what a bank sets aside counts as taken": what_a_bank_sets_aside_counts_as_taken,
    "goods leave for a promise": lambda: patch.object(settle_payment, "taken", lambda rows, source: rows),
    "what is paid is not booked as sold": lambda: patch.object(moves, "note_taken", nothing),
    "a line of a bill counts twice": a_line_of_a_bill_counts_twice,
    "what is taken back is booked once more": what_is_taken_back_is_booked_once_more,
}
