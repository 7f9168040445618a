"""Goods that buyers send back: on their way, received, inspected unit by unit, and only then paid for."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from souk.domains.messaging.model import amount
from souk.kernel import money
from souk.kernel.caller import Caller
from tests.support import books
from tests.support.goods_back import TRACKING, Sold, inspected, said
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer, opened
from tests.support.step_functions import StepFunctions
from tests.support.stripe import running


@pytest.fixture
def sold(market: Market) -> Sold:
    return Sold(market, {"CUP": 3, "POT": 1})


def told(sold: Sold) -> dict[str, str]:
    """What the buyer has read about the case, by topic."""
    messages = sold.shop.get("/me/messages", as_=INES, limit=100).ok()["items"]
    return {one["topic"]: one["text"]["en"] for one in messages if one["about"] == sold.case_id}


@pytest.mark.capability("AFS-08")
def test_goods_are_sent_back_received_and_inspected_before_their_money_goes_back(sold: Sold) -> None:
    sold.open(CUP=2)
    assert sold.refunded == 0 and sold.case()["status"] == "awaiting_return"
    assert sold.case()["return_address"]["street"] == "Rua Garrett 10"
    before = sold.market.level("CUP", sold.store_id)
    sold.send().ok()
    assert (sold.case()["parcel"]["tracking_number"], sold.case()["status"]) == ("BACK-1", "sent")
    sold.receive().ok()
    assert sold.market.level("CUP", sold.store_id) == before, "nobody has looked at them yet"
    worth = sold.inspect(("CUP", 1), ("CUP", 1, "pass", "scrap")).ok()["amount_minor"]
    sold.settle()
    assert sold.refunded == worth > 2 * 1099
    assert sold.market.level("CUP", sold.store_id) == tuple(n + m for n, m in zip(before, (1, 0, 1), strict=True))
    entries = sold.market.entries("CUP", sold.store_id)[-2:]
    assert [(one["cause"], one["delta"], one["reference"]) for one in entries] == [
        ("return", 2, sold.case_id),
        ("scrap", -1, sold.case_id),
    ]
    assert [step["status"] for step in sold.case()["timeline"]] == [
        "requested",
        "approved",
        "awaiting_return",
        "sent",
        "received",
        "inspected",
        "refunding",
        "refunded",
    ]


@pytest.mark.capability("AFS-10")
def test_each_unit_is_inspected_what_is_damaged_is_worth_less_and_what_is_wrong_goes_back(sold: Sold) -> None:
    sold.open(CUP=3)
    before = sold.market.level("CUP", sold.store_id)
    lines = [("CUP", 1), ("CUP", 1, "damaged", "scrap", 3000), ("CUP", 1, "wrong_item")]
    case = sold.back(*lines).ok()
    passed, damaged, wrong = case["inspection"]
    assert damaged["deducted_minor"] == money.fraction(damaged["worth_minor"], 3000) > 0
    assert (passed["deducted_minor"], wrong["worth_minor"]) == (0, 0)
    assert case["amount_minor"] == passed["worth_minor"] + damaged["worth_minor"] - damaged["deducted_minor"]
    sold.settle()
    assert (sold.refunded, sold.case()["status"]) == (case["amount_minor"], "refunded")
    assert sold.market.level("CUP", sold.store_id)[0] == before[0] + 1
    assert books.accounts(books.entries(sold.shop))["other_income"] == -damaged["deducted_minor"]

    assert sold.counter("send-back", TRACKING).ok()["sent_back"]["tracking_number"] == "BACK-1"
    assert [step["status"] for step in sold.case()["timeline"]][-2:] == ["refunded", "sent_back"]
    assert said(sold.counter("send-back", TRACKING | {"tracking_number": "BACK-2"})) == (409, "nothing_to_send_back")
    assert sold.ask(CUP=2).status == 422
    assert sold.ask(CUP=1).status == 201, "the buyer still has one of them"


@pytest.mark.capability("AFS-10")
def test_where_nothing_is_as_it_should_be_all_of_it_is_sent_back_and_no_money_moves(sold: Sold) -> None:
    sold.open(CUP=1)
    assert sold.back(("CUP", 1, "wrong_item")).ok()["status"] == "refused"
    sold.settle()
    assert sold.counter("send-back", TRACKING).ok()["status"] == "sent_back"
    assert (sold.refunded, sold.market.level("CUP", sold.store_id)[0]) == (0, 17)
    assert sold.ask(CUP=3).status == 201


def test_a_parcel_with_nothing_in_it_ends_the_case(sold: Sold) -> None:
    sold.open(CUP=1)
    assert sold.back(("CUP", 1, "missing")).ok()["status"] == "lapsed"
    assert sold.refunded == 0


def test_damage_may_cost_all_that_was_paid(sold: Sold) -> None:
    sold.open(POT=1)
    case = sold.back(("POT", 1, "damaged", "scrap", 10_000)).ok()
    assert (case["status"], case["amount_minor"]) == ("refunded", 0)
    sold.settle()
    assert sold.refunded == 0
    assert "return_closed" in told(sold)


def test_what_goodwill_has_paid_back_before_is_not_told_to_come_again(sold: Sold) -> None:
    """All but a cup's worth was given; of that cup the rest is told, of the pot that nothing comes."""
    cup = sold.ask("refund", CUP=1).ok()
    pot = sold.ask("return", POT=1).ok()
    given = sold.total - cup["amount_minor"] + 100
    goodwill = {"reference": "A-1", "amount_minor": given, "reason": "late"}
    sold.shop.post(f"/staff/payments/{sold.order_id}/refunds", goodwill, as_=sold.shop.boss).ok()
    sold.case_id = cup["case_id"]
    sold.desk("approve").ok()
    sold.shop.drain(times=2)
    assert amount(cup["amount_minor"] - 100, "EUR") in told(sold)["refund_approved"]
    sold.case_id = pot["case_id"]
    sold.desk("approve").ok()
    sold.back(("POT", 1)).ok()
    sold.settle()
    assert told(sold).keys() == {"refund_requested", "return_approved", "return_received", "return_closed"}


def test_an_inspection_is_of_exactly_what_was_asked_for_and_in_its_turn(sold: Sold) -> None:
    sold.open(CUP=2)
    with sold.shop.unchanged():
        assert said(sold.inspect(("CUP", 2))) == (409, "not_in_that_state")
        assert said(sold.counter("send-back", TRACKING)) == (409, "nothing_to_send_back")
        assert said(sold.send(carrier="dhl", tracking_number="?")) == (422, "wrong_tracking_number")
    sold.send().ok()
    sold.receive().ok()
    with sold.shop.unchanged():
        assert said(sold.inspect(("CUP", 1))) == (422, "not_all_inspected")
        assert said(sold.inspect(("CUP", 2), ("POT", 1))) == (422, "not_all_inspected")
        for wrong in (("CUP", 2, "pass", None), ("CUP", 2, "pass", "restock", 100), ("CUP", 2, "damaged", None)):
            assert said(sold.inspect(wrong)) == (422, "not_valid")
        scrapped = inspected("CUP", 2, "wrong_item") | {"condition": "scrap"}
        assert said(sold.counter("inspect", {"lines": [scrapped]})) == (422, "not_valid")


def test_what_is_said_twice_is_done_once(sold: Sold) -> None:
    sold.open(CUP=1)
    steps = [sold.send, sold.receive, lambda: sold.inspect(("CUP", 1, "damaged", "restock", 500))]
    for step in steps:
        first = step().ok()
        with sold.shop.unchanged():
            assert step().ok()["status"] == first["status"]
    sold.settle()
    assert sold.refunded == sold.case()["amount_minor"]


def test_only_its_buyer_sends_it_and_only_its_store_receives_it(sold: Sold) -> None:
    sold.open(CUP=1)
    path = f"/me/refunds/{sold.case_id}/parcel"
    foreign, absent = (sold.shop.post(one, TRACKING, as_=OTTO) for one in (path, "/me/refunds/cas_0/parcel"))
    assert (foreign.status, foreign.body) == (404, absent.body)
    other = Caller(id="omar", kind="staff", may=frozenset({"returns.write"}), stores=frozenset({"sto_else"}))
    for verb, body in (("receive", {"store_id": "sto_else"}), ("inspect", {"lines": [inspected("CUP", 1)]})):
        assert sold.shop.post(f"/staff/returns/{sold.case_id}/{verb}", body, as_=other).status == 404
    with sold.shop.unchanged():
        assert said(sold.counter("receive", {"store_id": "sto_nowhere"})) == (404, "no_such_store")
    assert said(sold.counter("receive", {"store_id": sold.store_id})) == (200, None), "over the counter, unannounced"


@pytest.mark.capability("AFS-04")
def test_the_buyer_is_told_of_every_step_of_goods_that_are_sent_back(sold: Sold) -> None:
    sold.open(CUP=2)
    sold.shop.drain(times=2)
    sold.back(("CUP", 1), ("CUP", 1, "wrong_item")).ok()
    sold.settle()
    sold.counter("send-back", TRACKING).ok()
    sold.shop.drain(times=2)
    assert told(sold).keys() == {
        "refund_requested",
        "return_approved",
        "return_received",
        "return_refunded",
        "return_sent_back",
    }


@pytest.fixture
def steps(sold: Sold, monkeypatch: pytest.MonkeyPatch) -> StepFunctions:
    return StepFunctions(sold.shop, monkeypatch)


@pytest.fixture
def in_the_table(market: Market) -> Sold:
    """What functions do to the table is held to their rights."""
    return Sold(market, {"CUP": 3, "POT": 1})


@pytest.mark.capability("AFS-08")
def test_every_step_waits_for_somebody_reminds_and_goes_on(in_the_table: Sold, monkeypatch: pytest.MonkeyPatch) -> None:
    sold, steps = in_the_table, StepFunctions(in_the_table.shop, monkeypatch)
    sold.case_id = sold.ask(CUP=2).ok()["case_id"]
    steps.work()
    workflow = steps.executions[sold.case_id]
    walk = [
        ("AwaitReview", lambda: sold.desk("approve")),
        ("AwaitParcel", sold.send),
        ("AwaitGoods", sold.receive),
        ("AwaitInspection", lambda: sold.inspect(("CUP", 1), ("CUP", 1, "wrong_item"))),
    ]
    for step, command in walk:
        assert workflow.waits_at == step
        if step != "AwaitParcel":
            workflow.time_out()
            steps.work()
            assert workflow.waits_at == step, "somebody is reminded, and it waits on"
        command().ok()
        steps.work()
    sold.shop.pass_time(days=6)
    workflow.time_out()
    steps.work()
    assert workflow.waits_at == "AwaitSettlement", "the wrong one is still here"
    (record,) = sold.shop.rows("CaseRecord")
    assert record["closed_at"] == record["passages"][-1]["at"] < record["overdue_since"]
    sold.counter("send-back", TRACKING).ok()
    steps.work()
    assert workflow.status == "SUCCEEDED"
    overdue = {fact["status"] for fact in sold.shop.facts("RefundCaseOverdue")}
    assert overdue == {"requested", "sent", "received", "refunded"}


@pytest.mark.capability("AFS-08")
def test_goods_that_are_not_sent_in_time_are_not_waited_for(sold: Sold, steps: StepFunctions) -> None:
    sold.open(CUP=1)
    steps.work()
    workflow = steps.executions[sold.case_id]
    workflow.time_out()
    steps.work()
    assert (workflow.status, sold.case()["status"]) == ("SUCCEEDED", "lapsed")
    assert said(sold.send()) == (409, "not_in_that_state")
    assert sold.ask(CUP=1).status == 201


def test_a_parcel_that_got_lost_is_given_up_by_staff(sold: Sold, steps: StepFunctions) -> None:
    sold.open(CUP=1)
    sold.send().ok()
    steps.work()
    assert sold.desk("close", {"text": "the carrier has lost it"}).ok()["status"] == "lapsed"
    steps.work()
    assert steps.executions[sold.case_id].status == "SUCCEEDED"


def test_the_lost_workflow_of_a_return_starts_again_where_its_case_is(sold: Sold, steps: StepFunctions) -> None:
    sold.open(CUP=1)
    sold.send().ok()
    sold.shop.drain()
    sold.shop.invoke("RestartLives", {})
    steps.work()
    runs = [one for name, one in steps.executions.items() if name.startswith(sold.case_id)]
    assert [run.waits_at for run in runs] == ["AwaitGoods"] * 2


@pytest.mark.capability("AFS-03")
def test_staff_pay_back_any_amount_that_is_left_with_a_reason(sold: Sold) -> None:
    path = f"/staff/payments/{sold.order_id}/refunds"

    def give(amount_minor: int, reference: str = "A-1", reason: str = "It came late") -> Answer:
        wanted = {"reference": reference, "amount_minor": amount_minor, "reason": reason}
        return sold.shop.post(path, wanted, as_=sold.shop.boss)

    first = give(1500)
    assert (first.status, first["status"]) == (201, "pending")
    with sold.shop.unchanged():
        assert give(1500).ok()["refund_id"] == first["refund_id"]
        assert said(give(1501)) == (409, "refund_reference_used")
        assert said(give(sold.total - 1499, "A-2")) == (422, "refund_too_high")
        assert [give(wrong, "A-3").status for wrong in (0, -1)] == [422, 422]
        assert give(1, "A-3", "").status == 422
    sold.settle()
    assert (sold.refunded, books.accounts(books.entries(sold.shop))["goodwill"]) == (1500, 1500)
    audit = sold.shop.get("/staff/audit", as_=sold.shop.boss, subject=sold.order_id, limit=100).ok()["items"]
    assert ("boss", "It came late") in [(one["by"], one["reason"]) for one in audit]


def test_goodwill_that_the_bank_refuses_is_the_shops_again_and_given_once_more(market: Market) -> None:
    sold = Sold(market, {"CUP": 1})
    order_id = sold.arrive({"CUP": 1}, "pm_card_refundFail")
    path = f"/staff/payments/{order_id}/refunds"
    wanted = {"reference": "A-1", "amount_minor": 500, "reason": "It came late"}
    refund_id = sold.shop.post(path, wanted, as_=sold.shop.boss).ok()["refund_id"]
    sold.shop.drain()
    sold.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    sold.settle()
    assert market.money(order_id)["payment"]["goodwill_minor"] == 0
    assert books.accounts(books.entries(sold.shop))["goodwill"] == 0
    sold.shop.post(f"{path}/{refund_id}/retry", as_=sold.shop.boss).ok()
    assert market.money(order_id)["payment"]["goodwill_minor"] == 500


UNITS = {"CUP": 3, "POT": 1}


@pytest.mark.capability("AFS-03")
@settings(max_examples=12, deadline=None)
@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["CUP", "POT", "goodwill", "now"]), st.integers(1, 3000), st.sampled_from([0, 2500, 10_000])
        ),
        max_size=8,
    )
)
def test_whatever_is_given_back_how_it_ends_exactly_at_what_was_paid(moves: list[tuple[str, int, int]]) -> None:
    """Returned, deducted from, refunded without return, given by goodwill: in any order, to the cent."""
    with pytest.MonkeyPatch.context() as patch, opened(patch) as shop, running() as stripe:
        patch.setenv("STRIPE_API", stripe.url)
        shop.keep_in_memory()
        sold = Sold(Market(shop, stripe), UNITS)
        left, deducted = Counter(UNITS), 0

        def give_back(sku: str, basis_points: int) -> int:
            sold.open("return", **{sku: 1})
            lines = sold.back((sku, 1, "damaged", "scrap", basis_points)).ok()["inspection"]
            return int(lines[0]["deducted_minor"])

        for what, amount, basis_points in moves:
            if what == "goodwill":
                wanted = {"reference": f"G-{shop.next_number()}", "amount_minor": amount, "reason": "sorry"}
                given = shop.post(f"/staff/payments/{sold.order_id}/refunds", wanted, as_=shop.boss)
                assert said(given) in ((201, None), (422, "refund_too_high"))
            elif what == "now" and left["CUP"]:
                sold.open("refund", CUP=1)
                left["CUP"] -= 1
            elif left[what]:
                deducted += give_back(what, basis_points)
                left[what] -= 1
            sold.settle()
            assert sold.refunded <= sold.total
        for sku in left.elements():
            give_back(sku, 0)
        sold.settle()
        payment = sold.market.money(sold.order_id)["payment"]
        assert sold.refunded + payment["refundable_minor"] == sold.total
        accounts = books.accounts(books.entries(shop))
        assert accounts["goodwill"] >= 0
        assert -accounts["other_income"] == deducted
        assert payment["refundable_minor"] + accounts["goodwill"] == deducted
        books.check(shop)
