"""Faults, one or more for each alarm, in a shop that CloudWatch looks at: begun, and mended again.

A fault of the shop's own is brought about through its doors. Where only AWS sees it, its metric is sent as the page of
that service on its metrics says.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from souk.domains.orders.actions import moves
from souk.domains.orders.store import orders as order_store
from souk.domains.payments.actions import charges
from souk.domains.payments.store import payments as payment_store
from souk.gateways import aws
from souk.kernel.errors import Unavailable
from souk.table import current
from souk.table.port import TryAgain
from souk.table.unit import Unit
from tests.support import files, imports
from tests.support.cloudwatch import Alarm, CloudWatch, Metric, alarms
from tests.support.market import INES, Market
from tests.support.people import People
from tests.support.shop import Answer
from tests.support.step_functions import StepFunctions
from tests.support.table import calls

DAILY = {
    "copies": Metric("AWS/Backup", "NumberOfBackupJobsCompleted", frozenset({("BackupVaultName", "Vault")})),
    "exports": Metric("AWS/SNS", "NumberOfMessagesPublished", frozenset({("TopicName", "Finished")})),
}


class Scene:
    """The shop with all that is measured of it; what AWS and the timers do day by day is done, unless it is `off`."""

    def __init__(self, market: Market, people: People, output: pytest.CaptureFixture[str]) -> None:
        self.market, self.shop, self.people = market, market.shop, people
        self.cloudwatch, self._output, self._call = CloudWatch(), output, market.shop.call
        self.off: set[str] = set()
        self.shop.keep_in_memory()
        self.shop.call = self._at_the_gateway  # type: ignore[method-assign]
        market.goods({"TEA": 500}, {market.store(): 100})
        self.later(minutes=20)

    def raised(self) -> set[str]:
        self._read()
        return {name for name, one in alarms().items() if self.cloudwatch.state(one, self.shop.clock.at) == "ALARM"}

    def later(self, **span: float) -> None:
        self._read()
        self.shop.pass_time(**span)
        if "search" not in self.off:
            self.shop.invoke("FindStuckOrders", {})
        for name in DAILY.keys() - self.off:
            self.cloudwatch.record(DAILY[name], 1, self.shop.clock.at)

    @contextmanager
    def without(self, what: str, **span: float) -> Iterator[None]:
        self.off.add(what)
        self.later(**span)
        yield
        self.off.remove(what)

    def over(self, alarm: Alarm) -> None:
        """So much later that nothing of before counts any more."""
        self.later(seconds=alarm.period * int(alarm.defined["EvaluationPeriods"]))

    def send(self, namespace: str, name: str, value: float, periods: int = 1, seconds: int = 60, **of: str) -> None:
        """A metric of AWS's, in so many periods after each other."""
        for _ in range(periods):
            self.later(seconds=seconds)
            self.cloudwatch.record(Metric(namespace, name, frozenset(of.items())), value, self.shop.clock.at)

    def _read(self) -> None:
        self.cloudwatch.read(self._output.readouterr().out.splitlines(), self.shop.clock.at)

    def _at_the_gateway(self, *asked: Any, **more: Any) -> Answer:
        begun = self.shop.clock.at
        answer = self._call(*asked, **more)
        took = (self.shop.clock.at - begun) / timedelta(milliseconds=1)
        for name, value in (("Count", 1), ("5XXError", answer.status >= 500), ("Latency", took)):
            metric = Metric("AWS/ApiGateway", name, frozenset({("ApiName", "souk-test")}))
            self.cloudwatch.record(metric, float(value), self.shop.clock.at)
        return answer


Fault = Callable[[Scene], AbstractContextManager[None]]


# -- what buyers meet
@contextmanager
def table_too_busy(scene: Scene) -> Iterator[None]:
    """Requests are refused after all tries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current.table(), "read", _throttled)
        answers = [scene.shop.get("/me/orders/ord_0", as_=INES) for _ in range(4)]
    assert {answer.status for answer in answers} == {503}
    yield


@contextmanager
def two_in_a_hundred_wait(scene: Scene) -> Iterator[None]:
    table = current.table()

    def slow(*asked: Any) -> Any:
        scene.shop.clock.at += timedelta(seconds=4)
        return type(table).query(table, *asked)

    for _ in range(3):
        scene.later(seconds=292)
        with pytest.MonkeyPatch.context() as patch:
            for number in range(100):
                if number == 98:
                    patch.setattr(table, "query", slow)
                scene.shop.get("/shop/categories").ok()
    yield


@contextmanager
def nobody_is_known(scene: Scene) -> Iterator[None]:
    assert {scene.people.admitted("Bearer of.no.token") for _ in range(60)} == {401}
    yield


# -- the functions
@contextmanager
def unforeseen(scene: Scene) -> Iterator[None]:
    """A function that nobody calls over HTTP falls over, again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current.table(), "query", _falls_over)
        for _ in range(4):
            with pytest.raises(RuntimeError):
                scene.shop.invoke("SweepOrders", {})
    yield


@contextmanager
def account_at_its_limit(scene: Scene) -> Iterator[None]:
    scene.send("AWS/Lambda", "Throttles", 1, periods=2)
    yield


@contextmanager
def crowd(scene: Scene) -> Iterator[None]:
    scene.send("AWS/Lambda", "ConcurrentExecutions", 801, periods=3)
    yield


# -- facts, timers and workflows
@contextmanager
def stream_held_up(scene: Scene) -> Iterator[None]:
    scene.send("AWS/Lambda", "IteratorAge", 60_001, periods=3, FunctionName="souk-test-tell-facts")
    yield


@contextmanager
def dead_letter(scene: Scene) -> Iterator[None]:
    scene.send("AWS/SQS", "ApproximateNumberOfMessagesVisible", 1, QueueName="DeadLetters")
    yield


@contextmanager
def dead_import(scene: Scene) -> Iterator[None]:
    scene.send("AWS/SQS", "ApproximateNumberOfMessagesVisible", 1, QueueName="ImportDeadLetters")
    yield


@contextmanager
def dead_letter_of_three_days(scene: Scene) -> Iterator[None]:
    for name, value in (("ApproximateNumberOfMessagesVisible", 1), ("ApproximateAgeOfOldestMessage", 259_201)):
        scene.send("AWS/SQS", name, value, QueueName="DeadLetters")
    yield


@contextmanager
def file_that_nobody_reads(scene: Scene) -> Iterator[None]:
    scene.shop.make_queues()
    imports.sent(scene.shop, imports.as_csv(imports.lead("POT")))
    scene.later(minutes=31)
    waiting = aws.client("sqs").get_queue_attributes(
        QueueUrl=files.queue_url("Uploads"), AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]["ApproximateNumberOfMessages"]
    assert int(waiting) > 0
    scene.send("AWS/SQS", "ApproximateAgeOfOldestMessage", 31 * 60, QueueName="Uploads")
    yield
    scene.shop.deliver()


@contextmanager
def workflow_that_ends_early(scene: Scene) -> Iterator[None]:
    of = "arn:aws:states:eu-west-1:123456789012:stateMachine:souk-test-order-life"
    scene.send("AWS/States", "ExecutionsTimedOut", 1, StateMachineArn=of)
    yield


@contextmanager
def order_parked(scene: Scene) -> Iterator[None]:
    """A step of its workflow fails after all tries; mended, it is started again."""
    of = "arn:aws:states:eu-west-1:123456789012:stateMachine:souk-test-order-life"
    with pytest.MonkeyPatch.context() as patch:
        steps = StepFunctions(scene.shop, patch)
        with pytest.MonkeyPatch.context() as broken:
            calls(broken, of="AwaitShipment", then=_no_answer)
            order_id = scene.market.buy({"TEA": 1})
            steps.work()
        (failed,) = (run.status for run in steps.executions.values())
        scene.send("AWS/States", "ExecutionsFailed", [failed].count("FAILED"), StateMachineArn=of)
        yield
        scene.shop.post(f"/staff/orders/{order_id}/redrive", as_=scene.shop.boss).ok()
        steps.work()


@contextmanager
def hot_partition(scene: Scene) -> Iterator[None]:
    scene.send("AWS/DynamoDB", "ThrottledRequests", 21, TableName="TableName", Operation="TransactWriteItems")
    yield


# -- orders and money
@contextmanager
def forgotten(scene: Scene) -> Iterator[None]:
    """The paid order of which nobody was told, and which no sweeper has found for hours."""
    order_id = scene.market.paid({"TEA": 1})
    scene.later(hours=2)
    yield
    scene.market.cancel(order_id).ok()


def nobody_searches(scene: Scene) -> AbstractContextManager[None]:
    """The search for stuck orders itself has stopped."""
    return scene.without("search", minutes=31)


@contextmanager
def provider_down(scene: Scene) -> Iterator[None]:
    scene.market.stripe.fail_next("error_before", count=100)
    for _ in range(5):
        assert scene.market.checkout({"TEA": 1})["payment"] is None
    yield


@contextmanager
def cards_declined(scene: Scene) -> Iterator[None]:
    """Three of five."""
    for card in ["pm_card_visa"] * 2 + ["pm_card_chargeDeclined"] * 3:
        scene.market.pay(scene.market.checkout({"TEA": 1}), card)
    scene.market.hear()
    yield


@contextmanager
def misfit(scene: Scene) -> Iterator[None]:
    """The provider has taken another amount than the order's."""
    placed = scene.market.checkout({"TEA": 1})
    scene.market.pay(placed)
    intents = scene.market.stripe.fake.account.objects["payment_intent"]
    intents[placed["payment"]["intent_id"]]["amount"] = 1
    scene.market.hear()
    yield


@contextmanager
def paid_too_late(scene: Scene) -> Iterator[None]:
    """The order ends without a word to the provider, which the shop itself never does."""
    placed = scene.market.checkout({"TEA": 1})
    order_id = placed["order"]["order_id"]
    with Unit() as unit:
        moves.cancel(unit, order_store.get(order_id), reason="test", by="test")
        charges.void(unit, payment_store.of_order(order_id))
    scene.market.pay(placed)
    scene.market.hear()
    yield


@contextmanager
def card_closed(scene: Scene) -> Iterator[None]:
    """The refund of a cancelled order does not reach its card."""
    placed = scene.market.checkout({"TEA": 1})
    scene.market.pay(placed, "pm_card_refundFail")
    scene.market.hear()
    scene.market.cancel(placed["order"]["order_id"]).ok()
    scene.shop.drain()
    scene.shop.pass_time(seconds=10)
    scene.market.stripe.fake.tick()
    scene.market.hear()
    yield


@contextmanager
def refunded_and_charged_back(scene: Scene) -> Iterator[None]:
    """The refund is out when the buyer's bank takes the same money back."""
    order_id = scene.market.buy({"TEA": 1})
    scene.market.cancel(order_id).ok()
    scene.shop.drain()
    scene.market.hear()
    charge = scene.market.stripe.objects("charge")[-1]
    scene.market.stripe.control(f"charges/{charge['id']}/dispute")
    scene.market.hear()
    yield


# -- copies
def no_copy(scene: Scene) -> AbstractContextManager[None]:
    return scene.without("copies", days=2)


def no_export(scene: Scene) -> AbstractContextManager[None]:
    return scene.without("exports", days=7)


def _throttled(*_: Any) -> Any:
    raise TryAgain


def _no_answer(_: int) -> None:
    raise Unavailable


def _falls_over(*_: Any) -> Any:
    raise RuntimeError


FAULTS: dict[Fault, str] = {
    table_too_busy: "RequestsFail",
    two_in_a_hundred_wait: "RequestsSlow",
    nobody_is_known: "CallersTurnedAway",
    unforeseen: "FunctionsFail",
    account_at_its_limit: "FunctionsThrottled",
    crowd: "CallsRunLow",
    stream_held_up: "FactsLate",
    dead_letter: "DeadLettersWait",
    dead_import: "DeadLettersWait",
    dead_letter_of_three_days: "DeadLettersExpire",
    file_that_nobody_reads: "ImportsWait",
    workflow_that_ends_early: "WorkflowsFail",
    order_parked: "WorkflowsFail",
    hot_partition: "TableRefuses",
    forgotten: "OrdersStuck",
    nobody_searches: "OrdersStuck",
    provider_down: "PaymentsFail",
    cards_declined: "PaymentsFail",
    misfit: "PaymentsQuarantined",
    paid_too_late: "PaymentsLate",
    card_closed: "RefundsFail",
    refunded_and_charged_back: "PaymentsOverdrawn",
    no_copy: "BackupTooOld",
    no_export: "ExportTooOld",
}
# What lies there for days has been waiting, too.
COMES_WITH = {"DeadLettersExpire": {"DeadLettersWait"}}
