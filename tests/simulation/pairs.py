"""Two faults in one run: the second befalls what is done because of the first, too."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import sqrt
from zlib import crc32

from souk.domains.aftersales.model.case import RefundCase
from souk.table import keys
from tests.simulation.faults import IO_KINDS, NONE, Dealt, Place, Plan, Without
from tests.simulation.history import Outcome
from tests.simulation.people import People
from tests.simulation.provider import GOOD
from tests.simulation.run import on_every_core
from tests.simulation.scenarios import SCENARIOS, perform, play
from tests.simulation.steps import WANTED, delivered, paid, placed

# Of the kinds that the caller of a service cannot tell apart one each: what is over before, or after it was done.
APART = ("crash_before", "crash_after", "timeout_after", "error_after", "throttle")
Command = Callable[[], object]
Fault = tuple[Place, str]


def checkout(people: People) -> Command:
    request = people.buyer.request(WANTED)
    return lambda: people.buyer.submit(request, "the one")


def settle_by_webhook(people: People) -> Command:
    _, secret = placed(people)
    people.buyer.use_card(secret, GOOD)
    event_id = people.world.provider.told("payment_intent.succeeded")

    def hear() -> None:
        while people.world.provider.hand_over(event_id) != 200:
            people.wait()

    return hear


def cancel(people: People) -> Command:
    order_id = paid(people)
    return lambda: people.buyer.cancel(order_id)


def approve_refund(people: People) -> Command:
    order_id = delivered(people)
    people.buyer.ask_refund(people.buyer.ask("GET", f"/me/orders/{order_id}"))
    (case,) = people.world.checker.rows(keys.CASE, RefundCase)
    return lambda: people.clerk.review(case)


def ship(people: People) -> Command:
    order_id = paid(people)
    return lambda: people.clerk.ship(order_id)


COMMANDS: Mapping[str, Callable[[People], Command]] = {
    "checkout": checkout,
    "settle by webhook": settle_by_webhook,
    "cancel": cancel,
    "approve refund": approve_refund,
    "ship": ship,
}


def run_command(name: str, plan: Plan = NONE) -> Outcome:
    """The command is given in a task of its own, and nobody else tells of the payment."""

    def scenario(people: People) -> None:
        command = COMMANDS[name](people)
        people.world.schedule.spawn("command", command)

    return play(scenario, Without(("webhook",), plan) if name == "settle by webhook" else plan)


def seconds(first: Fault, outcome: Outcome, kinds: tuple[str, ...], task: str = "") -> Iterator[Plan]:
    """Plans of two faults: the first one, and another at every I/O that is reached after it."""
    reached = outcome.world.wire.places
    later = reached[reached.index(first[0]) + 1 :]
    return (Dealt(dict([first, (place, kind)])) for place in later if place[0].startswith(task) for kind in kinds)


def of_scenarios(share: float) -> bool:
    """Every pair in every scenario, or about that share of them, drawn by their names; whether all promises held."""
    each = sqrt(share)
    tasks = [
        (name, first, each)
        for name in SCENARIOS
        for first in product(perform(name).world.wire.places, IO_KINDS)
        if _is_drawn(f"{name} {first}", each)
    ]
    found = [*on_every_core(_after, tasks, " first faults")]
    bad = [plan for _, broken in found for plan in broken]
    print(*bad[:20], sep="\n")
    print(f"{sum(played for played, _ in found)} pairs of faults ({share:.2%} of all): {len(bad)} broke a promise")
    return not bad


def _after(task: tuple[str, Fault, float]) -> tuple[int, list[str]]:
    name, first, share = task
    outcome = perform(name, Dealt(dict([first])))
    plans = [plan for plan in seconds(first, outcome, IO_KINDS) if _is_drawn(f"{name} {plan}", share)]
    broken = [(plan, perform(name, plan).violation) for plan in plans]
    return len(plans), [f"{name}: {plan} {violation}" for plan, violation in broken if violation]


def _is_drawn(name: str, share: float) -> bool:
    return crc32(name.encode()) < share * 2**32
