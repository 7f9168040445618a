"""What is told of after-sales cases."""

from souk.kernel.fact import Fact


class _OfCase(Fact):
    """`step` counts what has happened to the case: the same step is the same cause, however often it is told."""

    case_id: str
    step: int
    order_id: str
    order_number: str
    buyer_id: str
    store_id: str
    amount_minor: int
    currency: str

    @property
    def told_minor(self) -> int:
        """What the buyer is told of."""
        return self.amount_minor


class RefundRequested(_OfCase):
    reason: str
    kind: str = "refund"


class RefundMoreAsked(_OfCase):
    """The staff want to know more before they decide."""

    question: str


class RefundAnswered(_OfCase):
    """The buyer has answered; the case waits for the staff again."""


class _WithDue(_OfCase):
    """`due_minor` is what of the amount goodwill had not paid back before; older facts do not tell it."""

    due_minor: int | None = None

    @property
    def told_minor(self) -> int:
        return self.amount_minor if self.due_minor is None else self.due_minor


class RefundApproved(_WithDue):
    by: str


class GoodsReturned(_WithDue):
    """A store has goods of the order back, and the refund is approved with that."""

    returned_to: str
    condition: str
    units: dict[str, int]


class RefundRejected(_OfCase):
    reason: str
    by: str


class RefundCaseOverdue(_OfCase):
    """The case has waited too long in this status: for its review, or for the provider."""

    status: str


class RefundCaseMoved(_OfCase):
    """The money moved: the case is refunding, refunded or failed."""

    status: str


class ReturnMoved(_WithDue):
    """What has become of goods that their buyer sends back, and of what is given for them.

    `difference_minor` is what the goods in exchange cost more, or below zero less.
    """

    status: str
    kind: str
    difference_minor: int = 0
