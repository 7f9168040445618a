"""The fake Stripe by itself, on a clock of the test's own: its books, its keys, its timers, its memory."""

from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from infra.local.stripe import disputes, intents, refunds, state
from infra.local.stripe.cards import CARDS
from infra.local.stripe.charges import fee
from infra.local.stripe.config import API_KEY, Config, Fault
from infra.local.stripe.errors import ApiError, NoAnswer
from infra.local.stripe.fake import FakeStripe, Request
from infra.local.stripe.idempotency import Reply

DAY_SECONDS = 24 * 3600


class Clock:
    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


class Desk:
    """Asks a fake that stands on no socket."""

    def __init__(self, seed: int = 1, **config: Any) -> None:
        self.clock = Clock()
        self.fake = FakeStripe(self.clock, Random(seed), Config(**config))

    def post(self, path: str, key: str | None = None, **form: Any) -> Reply:
        return self.fake.handle("POST", f"/v1/{path}", self.headers(key), self.form(form))

    def get(self, path: str, **form: Any) -> Reply:
        return self.fake.handle("GET", f"/v1/{path}", self.headers(None), self.form(form))

    def headers(self, key: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {API_KEY}"} | ({"idempotency-key": key} if key else {})

    def form(self, form: dict[str, Any]) -> dict[str, str]:
        return {name: str(value) for name, value in form.items()}

    def create(self, key: str | None = None, **form: Any) -> Reply:
        return self.post("payment_intents", key, **{"amount": 4_200, "currency": "eur", **form})

    def pay(self, card: str = "pm_card_visa", **form: Any) -> dict[str, Any]:
        return self.create(payment_method=card, confirm="true", **form).body


AMOUNTS = st.integers(50, 400)
WHICH = st.integers(0, 30)


@settings(max_examples=150, stateful_step_count=30, deadline=None)
class AnyHistory(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 2**32))
    def open(self, seed: int) -> None:
        self.desk = Desk(seed, settle_seconds=60)

    def one(self, kind: str, which: int) -> str:
        """One of the newest eight, so that histories meet the same payment again."""
        ids = [*self.desk.fake.account.objects[kind]][-8:]
        return ids[which % len(ids)] if ids else "none"

    @rule(
        amount=AMOUNTS,
        currency=st.sampled_from(["eur", "jpy"]),
        card=st.sampled_from(sorted(CARDS)),
        capture=st.sampled_from(["automatic", "automatic_async", "manual"]),
        confirm=st.booleans(),
    )
    def create(self, amount: int, currency: str, card: str, capture: str, confirm: bool) -> None:
        form = {"payment_method": card, "confirm": "true"} if confirm else {}
        self.desk.create(amount=amount, currency=currency, capture_method=capture, **form)

    @rule(which=WHICH, card=st.sampled_from(sorted(CARDS)))
    def confirm(self, which: int, card: str) -> None:
        self.desk.post(f"payment_intents/{self.one('payment_intent', which)}/confirm", payment_method=card)

    @rule(which=WHICH, amount=AMOUNTS)
    def capture(self, which: int, amount: int) -> None:
        path = f"payment_intents/{self.one('payment_intent', which)}/capture"
        self.desk.post(path, amount_to_capture=amount)

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        self.desk.post(f"payment_intents/{self.one('payment_intent', which)}/cancel")

    @rule(which=WHICH, amount=st.integers(1, 400), times=st.integers(1, 2))
    def refund(self, which: int, amount: int, times: int) -> None:
        target, key = self.one("payment_intent", which), f"refund/{len(self.desk.fake.keys.kept)}"
        answers = [self.desk.post("refunds", key, payment_intent=target, amount=amount) for _ in range(times)]
        assert answers[0].body == answers[-1].body

    @rule(which=WHICH)
    def refund_the_rest(self, which: int) -> None:
        self.desk.post("refunds", payment_intent=self.one("payment_intent", which))

    @rule(which=WHICH, good=st.booleans())
    def others_decide(self, which: int, good: bool) -> None:
        """Banks and card networks; refused where there is nothing to decide."""
        account = self.desk.fake.account
        for kind, decide in (
            ("payment_intent", lambda id: intents.authenticate(account, id, succeeds=good)),
            ("refund", lambda id: refunds.settle(account, id, succeeds=good)),
            ("dispute", lambda id: disputes.close(account, id, won=good)),
        ):
            with suppress(ApiError):
                decide(self.one(kind, which))

    @rule(seconds=st.sampled_from([1, 61, DAY_SECONDS, 8 * DAY_SECONDS]))
    def wait(self, seconds: int) -> None:
        self.desk.clock.at += seconds
        self.desk.fake.tick()

    @invariant()
    def the_books_balance(self) -> None:
        account = self.desk.fake.account
        assert all(sum(posting.lines.values()) == 0 for posting in account.postings)
        nets: dict[str, int] = defaultdict(int)
        for transaction in account.objects["balance_transaction"].values():
            nets[transaction["currency"]] += transaction["net"]
        for currency, sums in account.balances().items():
            assert sum(sums.values()) == 0
            assert sums["balance"] == nets[currency]

    @invariant()
    def no_charge_gives_back_more_than_it_took(self) -> None:
        objects = self.desk.fake.account.objects
        refunded: dict[str, int] = defaultdict(int)
        for refund in objects["refund"].values():
            refunded[refund["charge"]] += refund["amount"] if refund["status"] != "failed" else 0
        for id, charge in objects["charge"].items():
            assert 0 <= refunded[id] <= charge["amount_captured"] <= charge["amount"]
            assert 0 <= charge["amount_refunded"] <= charge["amount"]

    @invariant()
    def an_intent_is_paid_once(self) -> None:
        objects = self.desk.fake.account.objects
        taken: dict[str, int] = defaultdict(int)
        for charge in objects["charge"].values():
            taken[charge["payment_intent"]] += charge["amount_captured"]
        for id, intent in objects["payment_intent"].items():
            assert taken[id] == intent["amount_received"] <= intent["amount"]
            assert (intent["status"] == "succeeded") == (taken[id] > 0)


TestAnyHistory = AnyHistory.TestCase


@pytest.mark.parametrize(("amount", "expected"), [(50, 31), (1_000, 59), (1_017, 59), (1_018, 60), (4_200, 152)])
def test_the_fee_is_rounded_half_up(amount: int, expected: int) -> None:
    assert fee(amount) == expected


def test_a_key_replays_its_first_answer_and_nothing_happens_twice() -> None:
    desk = Desk()
    first, again = desk.create("k"), desk.create("k")
    assert again.body == first.body
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert desk.create().body["id"] != first.body["id"]


def test_a_key_replays_a_decline_too() -> None:
    desk = Desk()
    form = {"payment_method": "pm_card_chargeDeclined", "confirm": "true"}
    assert desk.create("k", **form).status == desk.create("k", **form).status == 402
    assert len(desk.fake.account.objects["charge"]) == 1


@pytest.mark.parametrize(("fault", "made"), [("error_before", 0), ("error_after", 1)])
def test_a_server_error_is_replayed_whether_or_not_the_work_was_done(fault: Any, made: int) -> None:
    desk = Desk(faults=[Fault(kind=fault)])
    for _ in range(3):
        answer = desk.create("k")
        assert (answer.status, answer.headers["Stripe-Should-Retry"]) == (500, "false")
    assert len(desk.fake.account.objects["payment_intent"]) == made


def test_a_refused_parameter_leaves_its_key_free() -> None:
    desk = Desk()
    assert desk.create("k", amount="many").status == 400
    assert desk.create("k").status == 200


def test_a_key_is_for_one_request_only() -> None:
    desk = Desk()
    desk.create("k")
    for answer in (desk.create("k", amount=4_201), desk.post("refunds", "k", amount=1)):
        assert (answer.status, answer.body["error"]["type"]) == (400, "idempotency_error")
    assert desk.create("k" * 256).status == 400


def test_a_key_that_is_in_use_is_a_conflict() -> None:
    desk = Desk()
    request = Request("POST", "/v1/payment_intents", desk.headers("k"), {"amount": "4200", "currency": "eur"})
    running = desk.fake.begin(request)
    assert not isinstance(running, Reply)
    assert desk.create("k").status == 409
    assert desk.fake.finish(running).status == 200
    assert desk.create("k").headers["Idempotent-Replayed"] == "true"


def test_a_key_is_forgotten_some_time_after_a_day() -> None:
    desk = Desk()
    first = desk.create("k").body["id"]
    desk.clock.at += DAY_SECONDS
    assert desk.create("k").body["id"] == first
    desk.clock.at += DAY_SECONDS + 1
    assert desk.create("k").body["id"] != first


@pytest.mark.parametrize(("fault", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_time_out_tells_nothing_about_the_work(fault: Any, made: int) -> None:
    desk = Desk(faults=[Fault(kind=fault, path="/v1/payment_intents")])
    with pytest.raises(NoAnswer):
        desk.create("k")
    assert len(desk.fake.account.objects["payment_intent"]) == made
    assert desk.create("k").status == 200
    assert len(desk.fake.account.objects["payment_intent"]) == 1


def test_another_api_version_is_refused() -> None:
    desk = Desk()
    headers = desk.headers(None) | {"stripe-version": "2022-11-15"}
    assert desk.fake.handle("GET", "/v1/balance", headers, {}).status == 400


def test_a_hold_on_a_card_lapses_after_a_week() -> None:
    desk = Desk()
    id = desk.pay(capture_method="manual")["id"]
    desk.clock.at += 7 * DAY_SECONDS
    intent = desk.get(f"payment_intents/{id}").body
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "automatic")
    events = [event["type"] for event in desk.get("events").body["data"]]
    assert events[:2] == ["payment_intent.canceled", "charge.expired"]
    assert desk.post(f"payment_intents/{id}/capture").body["error"]["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("card", "at_first", "in_the_end"),
    [("pm_card_pendingRefund", "pending", "succeeded"), ("pm_card_refundFail", "succeeded", "failed")],
)
def test_a_refund_settles_some_time_later(card: str, at_first: str, in_the_end: str) -> None:
    desk = Desk(settle_seconds=3_600)
    refund = desk.post("refunds", payment_intent=desk.pay(card)["id"]).body
    assert refund["status"] == at_first
    desk.clock.at += 3_600
    assert desk.get(f"refunds/{refund['id']}").body["status"] == in_the_end


def test_events_can_be_listed_for_thirty_days_by_kind() -> None:
    desk = Desk()
    desk.pay()
    kinds = {"types[0]": "charge.succeeded", "types[1]": "payment_intent.succeeded"}
    listed = desk.get("events", **kinds).body["data"]
    assert [event["type"] for event in listed] == ["payment_intent.succeeded", "charge.succeeded"]
    assert desk.get(f"events/{listed[0]['id']}").body == listed[0]
    desk.clock.at += 31 * DAY_SECONDS
    assert desk.get("events", **kinds).body["data"] == []


def test_metadata_is_merged_and_an_empty_value_removes_its_key() -> None:
    desk = Desk()
    id = desk.create(**{"metadata[a]": "1", "metadata[b]": "2"}).body["id"]
    changed = desk.post(f"payment_intents/{id}", **{"metadata[a]": "", "metadata[c]": "3"}, amount=5_000).body
    assert (changed["metadata"], changed["amount"]) == ({"b": "2", "c": "3"}, 5_000)


def test_a_new_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    before = Desk(delivery="hold")
    before.post("webhook_endpoints", url="http://shop", **{"enabled_events[0]": "*"})
    refund = before.post("refunds", "k", payment_intent=before.pay("pm_card_refundFail")["id"]).body
    state.save(before.fake, tmp_path / "stripe.json")

    after = Desk(seed=2)
    state.load(after.fake, tmp_path / "stripe.json")
    assert after.post("refunds", "k", payment_intent=refund["payment_intent"]).body == refund
    assert after.fake.account.balances() == before.fake.account.balances()
    after.clock.at += 60
    assert after.get(f"refunds/{refund['id']}").body["status"] == "failed"
    after.fake.account.outbox.release()
    sent = []
    while webhook := after.fake.next_webhook():
        sent.append(webhook.delivery.event_id)
    assert len(sent) == len(after.fake.account.objects["event"])
