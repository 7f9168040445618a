"""A payment with its attempts, and the funds that it is, or that refunds are paid out of."""

from datetime import datetime, timedelta

from souk.domains.payments.model.attempt import (
    MOST_ATTEMPTS,
    Answer,
    Attempt,
    AttemptStatus,
    KeptCharge,
    TooManyAttempts,
)
from souk.domains.payments.model.fund import Fund, RefundTooHigh
from souk.domains.payments.model.outcome import Outcome, Status
from souk.kernel import states
from souk.kernel.caller import Caller, is_guest, is_walk_in
from souk.kernel.charging import Charge, Sum, coin
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.owner import owner_of
from souk.kernel.paying import BALANCE, BANK, KEEPABLE, METHODS, STRIPE, RefundTo
from souk.kernel.shapes import Versioned
from souk.kernel.states import States

# Authorised: the buyer's bank has promised the money. It is taken when something needs it, and is nobody's till then.
# Moved: what was captured is the money of the orders that this one was split or merged into.
# Voided: nobody has paid, unless money comes late that brings the order back.
STATES: States = {
    "awaiting": {"authorised", "captured", "voided"},
    "authorised": {"captured", "voided"},
    "captured": {"moved"},
    "moved": set(),
    "voided": {"captured"},
}

# Banks let go of what they have promised after seven days, where its buyer was there to be asked:
# https://docs.stripe.com/payments/place-a-hold-on-a-payment-method. A day is left for whatever may be down.
MOST_HELD = timedelta(days=6)

# Money that goes over the counter, and goes back over it: no provider knows of it.
TILL_METHODS = {"cash", "card_terminal"}


class NoSuchPayment(Missing):
    title = "No such payment"


class NothingToPay(Conflict):
    title = "There is nothing to pay any more"


class NotTaken(Conflict):
    """`reason` is what the provider says."""

    title = "The money could not be taken: keep the goods, try again, or cancel the order"


class PaymentSetAside(Conflict):
    title = "What was paid does not fit what is due: the shop has to look at it"


class PaymentLapsed(Conflict):
    title = "The money was let go before it was taken: the order has ended, keep the goods"


class MoreThanIsDue(Refused):
    title = "More from the balance than there is to pay"


class NoBalance(Refused):
    title = "Only a member of the shop has a balance with it"


class TakenByMerchant(Refused):
    title = "What a merchant's till took is given back there"


class Payment(Versioned):
    """What is to be paid for an order; `refundable_minor` is the budget that every refund is taken from first.

    Of what is left `pledged_minor` waits for goods to be exchanged: it will pay for the others. `goodwill_minor` was
    paid back beyond what goods were worth that had come back; what comes back after that is worth so much less.
    `credit_minor` of the amount is to come out of the pledge of another order, `from_balance_minor` out of what the
    buyer has with the shop, where it is held until this is paid. A `top_up` pays for no order, but into that balance.
    `received_minor` has come by bank transfers, and is too little yet.

    All this is in the shop's money. Where providers are to ask for another currency, the `charge` is what is due in it;
    what comes to the shop's own account and what the balance pays is in the shop's nevertheless.

    What banks took back leaves the budget too, if need be below nothing: then more has gone back than was paid. Of that
    `disputed_minor` is undecided and `lost_minor` is lost, so far as it has not paid for goods that were credited. It
    is money of the intents `taken_back`. What the buyer's balance was given of such money, it has given back by
    `reclaimed_minor`, until the bank returns it.

    While it is authorised its `deadline` is when it is taken at the latest.

    An order that was made of others has no attempt of its own: it is paid out of `funds`, of which each intent's other
    part may be another order's. What the balance has paid is a fund, too.

    `merchant_id` says who sells all that it pays for, even while no store has the order; one of an older release does
    not, and is told by its store.
    """

    order_id: str
    buyer_id: str
    store_id: str
    merchant_id: str | None = None
    currency: str
    amount_minor: int
    method: str = "card"
    provider: str = "stripe"
    status: Status = "awaiting"
    attempts: tuple[Attempt, ...] = ()
    deadline: datetime
    captured_minor: int = 0
    refundable_minor: int = 0
    pledged_minor: int = 0
    goodwill_minor: int = 0
    disputed_minor: int = 0
    lost_minor: int = 0
    reclaimed_minor: int = 0
    taken_back: tuple[str, ...] = ()
    kept: KeptCharge | None = None
    credit_minor: int = 0
    from_balance_minor: int = 0
    top_up: bool = False
    received_minor: int = 0
    charge: Charge | None = None
    funds: tuple[Fund, ...] = ()

    @property
    def due_minor(self) -> int:
        """What the buyer is asked for, in the shop's money."""
        return self.amount_minor - self.credit_minor - self.from_balance_minor

    def charged_by(self, provider: str) -> Sum | None:
        """What that provider asks the buyer for, where it is not what the shop counts, or goes back in its coins."""
        if provider in (BANK, BALANCE):
            return None
        if self.charge:
            return Sum(currency=self.charge.currency, minor=self.charge.minor)
        in_coins = provider == STRIPE and coin(self.currency) > 1
        return Sum(currency=self.currency, minor=self.due_minor) if in_coins else None

    def asked_by(self, provider: str) -> Sum:
        return self.charged_by(provider) or Sum(currency=self.currency, minor=self.due_minor)

    @property
    def charged_in(self) -> str:
        return self.charge.currency if self.charge else self.currency

    @property
    def is_covered(self) -> bool:
        """Whether it waits for nothing but to be taken from the balance."""
        return self.status == "awaiting" and self.from_balance_minor > 0 and not self.due_minor

    @property
    def own_minor(self) -> int:
        """What was paid for its order, without what came beyond that; a till has no funds."""
        if self.status != "captured":
            return 0
        return sum(fund.amount_minor for fund in self.sources) if self.sources else self.captured_minor

    @property
    def intact(self) -> bool:
        """Whether nothing of it has gone back."""
        return self.refundable_minor + self.pledged_minor == self.own_minor

    @property
    def awaited(self) -> str | None:
        """Where it is found again: while its outcome is not known, or nobody has decided about what came late."""
        if self.status == "awaiting":
            return "awaited"
        if self.status == "authorised":
            return "authorised"
        return "held" if self.late_intents else None

    @property
    def promised_minor(self) -> int:
        """What is authorised, and not taken yet."""
        return self.due_minor if self.status == "authorised" else 0

    @property
    def live_attempt(self) -> Attempt | None:
        last = self.attempts[-1] if self.attempts else None
        return last if last and last.intent_id and last.status in ("open", "declined", "authorised") else None

    @property
    def live(self) -> str | None:
        """The intent that the buyer can still pay, or has just paid."""
        return self.live_attempt.intent_id if self.live_attempt else None

    @property
    def kept_charge(self) -> KeptCharge | None:
        """What is to be charged without its buyer's doing; one that began to pay otherwise does that."""
        return self.kept if self.kept and not self.kept.given_up else None

    def pays_otherwise(self, method: str) -> bool:
        """Whether an attempt by that method is another than what is charged to a kept one begins with."""
        return method != KEEPABLE or any(attempt.intent_id for attempt in self.attempts)

    @property
    def at_till(self) -> bool:
        return self.method in TILL_METHODS

    @property
    def paid_with(self) -> str:
        """The intent that took the money."""
        for attempt in self.attempts:
            if attempt.intent_id and attempt.status == "succeeded":
                return attempt.intent_id
        raise RefundTooHigh("Nothing has been paid", left_minor=0)

    @property
    def sources(self) -> tuple[Fund, ...]:
        """What the order is paid out of: what a provider took before what the balance paid."""
        if self.funds or not self.attempts:
            return tuple(sorted(self.funds, key=lambda fund: fund.provider == BALANCE))
        return (self.fund_of(self.paid_with),)

    def held_of(self, intent_id: str) -> int:
        """How much of what that intent took is this order's money; what came too late never was."""
        sources = self.sources if self.status == "captured" else ()
        return sum(fund.amount_minor for fund in sources if fund.intent_id == intent_id)

    def through(self, intent_id: str) -> "Payment":
        """As it is paid by that intent: one begun for it, not always the last, or one of what it is paid out of."""
        begun: tuple[Attempt | Fund, ...] = (*self.attempts, *self.funds)
        for one in begun:
            if one.intent_id == intent_id:
                return self.but(method=one.method or self.method, provider=one.provider)
        return self

    def fund_of(self, intent_id: str) -> Fund:
        """All that an intent took of this order's money, or too late to be that."""
        if known := next((fund for fund in self.funds if fund.intent_id == intent_id), None):
            return known
        paid, begun = self.through(intent_id), any(one.intent_id == intent_id for one in self.attempts)
        return Fund(
            intent_id=intent_id,
            provider=paid.provider,
            method=paid.method,
            amount_minor=self.due_minor,
            charged=self.charged_by(paid.provider) if begun else None,
        )

    def may_wait(self, intent_id: str) -> bool:
        """Whether what that intent has authorised may stay so until the goods leave.

        What pays a part only, or for no order, is settled at once; and of what is charged by a mandate, whose owner is
        not there to be asked, Visa lets go after less than five days.
        """
        alone = not (self.top_up or self.credit_minor or self.from_balance_minor or self.received_minor)
        return alone and self.live == intent_id and not (self.kept_charge and self.kept_charge.mandate_id)

    def is_held_by(self, intent_id: str) -> bool:
        """Whether that is the intent that has authorised it."""
        return self.status == "authorised" and self.live == intent_id

    def need_buyer(self, caller: Caller) -> None:
        if self.buyer_id != caller.id:
            raise NoSuchPayment()

    def need_scope(self, by: Caller) -> None:
        if not by.in_scope(self.store_id):
            raise NoSuchPayment()

    def need_way_back(self, to: RefundTo) -> None:
        """What guests and walk-ins were given on a balance nobody could spend; what a merchant took the shop has not,
        and would owe it to the buyer.
        """
        if to != "balance":
            return
        if is_walk_in(self.buyer_id) or is_guest(self.buyer_id):
            raise NoBalance()
        if self.at_till and owner_of(self.store_id):
            raise TakenByMerchant()

    def need_worth_taking(self, back_minor: int) -> None:
        """Refused where it is authorised, and so much could not go back of it though it were taken."""
        if self.status == "authorised" and back_minor > self.amount_minor:
            raise RefundTooHigh(left_minor=self.amount_minor, asked_minor=back_minor)

    def need_awaiting(self) -> None:
        if self.status != "awaiting" or self.is_covered:
            raise NothingToPay(state=self.status)

    def with_balance(self, amount_minor: int) -> "Payment":
        """So much of it out of the buyer's balance."""
        if amount_minor > self.due_minor:
            raise MoreThanIsDue(due_minor=self.due_minor)
        return self.but(from_balance_minor=amount_minor)

    def wanted(self, method: str) -> "Payment":
        """To be paid by that method, and so with its provider."""
        return self.but(method=method, provider=METHODS[method].provider)

    def started(self, attempt: Attempt) -> "Payment":
        """With one more attempt; there is no other while one is live, or two could be paid."""
        return self.but(attempts=(*self.attempts, attempt))

    def lost(self) -> "Payment":
        """With an attempt that came to nothing: nobody has its intent, if there is one, so nobody can pay it."""
        return self.started(Attempt(number=self.next_number(), provider=self.provider, status="lost"))

    def next_number(self) -> int:
        if len(self.attempts) >= MOST_ATTEMPTS:
            raise TooManyAttempts()
        return len(self.attempts) + 1

    def attempt_of(self, answer: Answer, live_money: bool) -> Attempt | None:
        """The one that the answer is of; None where it is not of this payment in all that it says."""
        attempt = next((one for one in self.attempts if one.intent_id == answer.intent_id), None)
        if attempt is None:
            return None
        asked = self.asked_by(attempt.provider)
        amount_minor = asked.minor if answer.amount_minor is None else answer.amount_minor
        said = (answer.order_id, answer.live, amount_minor, answer.currency)
        return attempt if said == (self.order_id, live_money, asked.minor, asked.currency) else None

    def judge(self, answer: Answer, *, order_awaits: bool, live_money: bool) -> Outcome:
        """What the answer means for this payment; an answer that was heard before means nothing new."""
        attempt = self.attempt_of(answer, live_money)
        if attempt is None:
            return Outcome.QUARANTINED
        if answer.status == "succeeded" and answer.received_minor != self.asked_by(attempt.provider).minor:
            return Outcome.QUARANTINED
        if attempt.status in ("succeeded", "late", "returned"):  # whatever has become of it since
            return Outcome.NOTHING_NEW
        if answer.status == "succeeded":
            awaited = self.is_held_by(answer.intent_id) or (self.status == "awaiting" and order_awaits)
            return Outcome.CAPTURED if awaited else Outcome.LATE
        if answer.status == "canceled" and attempt.status != "canceled":
            return Outcome.LAPSED if self.is_held_by(answer.intent_id) else Outcome.CANCELED
        if answer.status == "requires_capture" and self.status == "awaiting" and order_awaits:
            return Outcome.AUTHORISED
        declined = answer.status == "requires_payment_method" and answer.decline_code and self.status == "awaiting"
        known = (answer.charge_id, answer.decline_code) == (attempt.charge_id, attempt.decline_code)
        return Outcome.DECLINED if declined and not known else Outcome.NOTHING_NEW

    def heard(self, answer: Answer, status: AttemptStatus) -> "Payment":
        """With the outcome of the attempt noted on it."""
        return self._noted(
            answer.intent_id, status=status, charge_id=answer.charge_id, decline_code=answer.decline_code
        )

    def _noted(self, intent_id: str, **said: str | None) -> "Payment":
        attempts = (one.but(**said) if one.intent_id == intent_id else one for one in self.attempts)
        return self.but(attempts=tuple(attempts))

    def captured(self, answer: Answer) -> "Payment":
        return self.heard(answer, "succeeded")._paid_through(answer.intent_id)

    def authorised(self, answer: Answer, at: datetime) -> "Payment":
        states.move(STATES, self.status, "authorised", f"The payment of {self.order_id}")
        paid = self.through(answer.intent_id).heard(answer, "authorised")
        return paid.but(status="authorised", deadline=at + MOST_HELD)

    def revived(self, intent_id: str, store_id: str) -> "Payment":
        """What was held pays for the order after all, which that store has now; the balance pays its part anew."""
        return self._noted(intent_id, status="succeeded")._paid_through(intent_id).but(store_id=store_id)

    def covered(self) -> "Payment":
        """Paid out of the balance alone."""
        return self._paid(self._of_balance).but(method=BALANCE, provider=BALANCE)

    def taken(self, method: str) -> "Payment":
        """Money that lies in the till, or came by its terminal."""
        return self._paid().but(method=method)

    def _paid_through(self, intent_id: str) -> "Payment":
        """An intent took all that is due. Where that is all, its attempt says enough, and no fund is written down."""
        funds = (self.fund_of(intent_id), self._of_balance) if self.from_balance_minor else ()
        return self.through(intent_id)._paid(*funds)

    def _paid(self, *funds: Fund) -> "Payment":
        """All of it: what is due, and what the balance pays. A top-up is the buyer's to spend, not to be paid back."""
        states.move(STATES, self.status, "captured", f"The payment of {self.order_id}")
        amount_minor = self.due_minor + self.from_balance_minor
        paid = self.but(status="captured", captured_minor=self.captured_minor + amount_minor)
        if self.top_up:
            return paid
        return paid.but(refundable_minor=self.refundable_minor + amount_minor, received_minor=0, funds=funds)

    @property
    def _of_balance(self) -> Fund:
        """All that a buyer's balance pays is one fund, however many orders are merged."""
        return Fund(intent_id=BALANCE, provider=BALANCE, method=BALANCE, amount_minor=self.from_balance_minor)

    def held(self, answer: Answer) -> "Payment":
        """Money for an order that is over, or is paid, until it is decided what becomes of it."""
        status = "voided" if self.status == "awaiting" else self.status
        return self.heard(answer, "late").but(status=status)

    def returned(self, intent_id: str) -> "Payment":
        """What was held is owed back, all of it, so no budget is left of it."""
        return self._noted(intent_id, status="returned").but(captured_minor=self.captured_minor + self.due_minor)

    @property
    def late_intents(self) -> list[str]:
        """Whose money is held."""
        return [one.intent_id for one in self.attempts if one.intent_id and one.status == "late"]

    def late_attempt(self, intent_id: str) -> Attempt | None:
        """Where its money is held."""
        return next((one for one in self.attempts if (one.intent_id, one.status) == (intent_id, "late")), None)

    def voided(self) -> "Payment":
        states.move(STATES, self.status, "voided", f"The payment of {self.order_id}")
        given_up = tuple(
            attempt.but(status="canceled") if attempt.intent_id and attempt.intent_id == self.live else attempt
            for attempt in self.attempts
        )
        came = self.captured_minor + self.received_minor
        return self.but(status="voided", attempts=given_up, received_minor=0, captured_minor=came)
