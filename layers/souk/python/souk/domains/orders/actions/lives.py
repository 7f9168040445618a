"""The workflow at work on an order: its tokens, its runs, and that it was parked."""

from souk.domains.orders.actions.saving import about
from souk.domains.orders.events import moving as events
from souk.domains.orders.model.lifecycle import Life
from souk.domains.orders.model.order import Order
from souk.kernel import clock
from souk.table import keys
from souk.table.unit import ChangedMeanwhile, Unit


def park(unit: Unit, order: Order, life: Life, failure: str) -> None:
    """The workflow gives up; said again of the same run it is the same."""
    if life.parked_run != life.run:
        _save(unit, life.but(parked_run=life.run, parked_at=clock.now(), failure=failure))
        unit.tell(events.OrderParked(**about(order), run=life.run, failure=failure))


def unpark(life: Life) -> None:
    """A later run is at work on it; the run that was parked is over."""
    if life.parked_run is not None and life.parked_run < life.run:
        with Unit() as unit:
            _save(unit, life.but(parked_run=None, parked_at=None, failure=None))


def keep_token(life: Life, step: str, token: str) -> Life:
    """Remembers whom to tell when what the step waits for has happened."""
    with Unit() as unit:
        return _save(unit, life.but(tokens={**life.tokens, step: token}))


def next_run(life: Life) -> Life:
    """A fresh workflow for the order: the tokens of the old one are void."""
    with Unit() as unit:
        return _save(unit, life.but(run=life.run + 1, tokens={}))


def _save(unit: Unit, life: Life) -> Life:
    """Whoever comes first makes it, so that it is there already means no more than that it has changed."""
    return unit.save(keys.LIFE, life, otherwise=ChangedMeanwhile())
