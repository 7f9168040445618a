"""An attempt to pay: with what the buyer wants to, what the provider made of it, and what it says of that."""

from datetime import datetime
from typing import Literal

from souk.kernel import ids
from souk.kernel.errors import TooMany, Unavailable
from souk.kernel.paying import Device
from souk.kernel.shapes import Noun

# What succeeded when its order was over is `late` until it is decided about, and `returned` where it goes back.
AttemptStatus = Literal["open", "declined", "authorised", "canceled", "succeeded", "late", "returned", "lost"]
MOST_ATTEMPTS = 50


class TooManyAttempts(TooMany):
    title = "This order was tried to be paid too often; place another"


class PaymentUndecided(Unavailable):
    title = "The provider is still at work on the payment"


class Answer(Noun):
    """What the provider says of an intent, asked now; `live` where the money is real.

    `amount_minor` is None where it does not say.
    """

    intent_id: str
    order_id: str
    live: bool
    status: str
    amount_minor: int | None
    received_minor: int
    currency: str
    charge_id: str | None
    decline_code: str | None


class Attempt(Noun):
    """One intent at the provider. After a decline it is still open for another card, so a decline is not its end.

    It is `lost`, and without an id, where the provider failed over making it, or had made it for another method.
    `action` is what the buyer's device was told to do, where the provider tells it only once; `payer` is the
    fingerprint of whom it is for, where it is for one alone; `came_from` that of the address it was asked for from.
    """

    number: int
    intent_id: str | None = None
    provider: str = "stripe"
    method: str = "card"
    device: str = "desktop"
    payer: str = ""
    came_from: str = ""
    action: dict[str, str] = {}
    usable_until: datetime | None = None
    status: AttemptStatus = "open"
    charge_id: str | None = None
    decline_code: str | None = None

    def serves(self, wish: "Wish", at: datetime) -> bool:
        """Whether the buyer can go on with it; what was told to another device or another payer is of no use."""
        told = (self.device, self.payer) == (wish.device, wish.payer)
        return self.method == wish.method and self.usable(at) and (told or not self.action)

    def usable(self, at: datetime) -> bool:
        return self.usable_until is None or at < self.usable_until


class Wish(Noun):
    """With what a buyer wants to pay, and on which device; `payer_id` is what the provider knows them by there."""

    method: str = "card"
    device: Device = "desktop"
    payer_id: str = ""
    address: str = ""

    @property
    def payer(self) -> str:
        return ids.fingerprint(self.payer_id) if self.payer_id else ""

    @property
    def came_from(self) -> str:
        return ids.fingerprint(self.address) if self.address else ""


class KeptCharge(Noun):
    """What is charged to a kept method, so far as it is not `given_up`: then its buyer pays otherwise.

    By a mandate it counts on that `day`, and the bank is told that nobody is there to be asked.
    """

    method_id: str
    account_id: str
    mandate_id: str | None = None
    day: str = ""
    given_up: bool = False
