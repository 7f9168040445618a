"""How stores handle their orders: what they answer, and how long each step took."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from souk.domains.orders.model.corrections import Correction, Question
from souk.domains.orders.model.order import Decline, Order
from souk.kernel.caller import Caller
from souk.kernel.shapes import Id, Input, Line, Noun


class Declining(Input):
    """A store will not serve the order. It is named, so that saying it twice does not speak for the next store."""

    store_id: Id
    reason: Line


class Assignment(Input):
    """The store that shall serve the order, by head office's choice."""

    store_id: Id
    reason: Line


class Holder(Noun):
    """An order that holds goods of a store."""

    order_id: str
    number: str
    status: str
    units: int


class Handled(Noun):
    """Something that was done for an order."""

    step: str
    at: datetime
    by: str


class TimedStep(Handled):
    """`seconds` since the step before."""

    seconds: int


class Timeline(Noun):
    """What was done for an order.

    `accept_by` is until when the store should say whether it serves the order; None where it need not, or has.
    `held_for` says why it was held for review, `prints` how often its packing slips were printed: the step is the last.
    """

    order_id: str
    number: str
    status: str
    store_id: str
    accept_by: datetime | None
    chased_at: datetime | None
    steps: list[TimedStep]
    declines: list[Decline]
    prints: int
    held_for: tuple[str, ...]
    corrections: tuple[Correction, ...]
    questions: tuple[Question, ...]


def timeline(
    order: Order, done: Iterable[Handled], *, prints: int, accept_time: timedelta | None, by: Caller
) -> Timeline:
    """The order's own steps and what else was `done`, in order; of other stores' answers only those in scope."""
    own = (Handled(step=step.status, at=step.at, by=step.by) for step in order.history)
    corrected = (Handled(step="corrected", at=one.at, by=one.by) for one in order.corrections)
    asked = (Handled(step="buyer_asked", at=one.at, by=one.by) for one in order.questions)
    steps = sorted((*own, *corrected, *asked, *done), key=lambda one: one.at)
    before = [steps[0], *steps]
    return Timeline(
        order_id=order.order_id,
        number=order.number,
        status=order.status,
        store_id=order.store_id,
        accept_by=order.accept_by(accept_time) if accept_time else None,
        chased_at=order.chased_at,
        steps=[
            TimedStep(**dict(one), seconds=(one.at - last.at) // timedelta(seconds=1))
            for one, last in zip(steps, before, strict=False)
        ],
        prints=prints,
        held_for=order.held_for,
        corrections=order.corrections,
        questions=order.questions,
        declines=[decline for decline in order.declines if by.in_scope(decline.store_id)],
    )
