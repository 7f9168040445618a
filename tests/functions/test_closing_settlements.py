"""Settlements are closed for good, one month after the other; what is due is paid out once."""

from collections.abc import Sequence
from typing import Any

import pytest

from souk.domains.settlement.model.settlement import CLOSING_GRACE
from souk.kernel import money
from souk.table import current
from souk.table.actions import Action, ConditionFailed, Put
from souk.table.unit import ChangedMeanwhile
from tests.support import books, merchants
from tests.support import settlements as desk
from tests.support.market import Market
from tests.support.table import before_next_write

MONTH, NEXT = "2026-11", "2026-12"


@pytest.fixture
def kiln(market: Market) -> str:
    """The merchant's id."""
    return desk.kiln(market).merchant_id


@pytest.mark.capability("MER-05")
def test_a_closed_month_stays_as_it_is_and_a_late_refund_lands_in_the_next(market: Market, kiln: str) -> None:
    order_id = desk.delivered(market, {"CUP": 3})
    sold = desk.settlement(market, kiln)
    assert desk.close(market, kiln).body["code"] == "settlement_not_over"
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=1)
    assert desk.close(market, kiln).body["code"] == "settlement_not_over"
    # It comes back in December, and is known to the settlements only when November is closed and January has begun.
    desk.bring_back(market, order_id, {"CUP": 1})
    market.shop.clock.at += CLOSING_GRACE
    closed = desk.close(market, kiln).ok()
    assert closed["status"] == "due"
    assert {name: closed[name] for name in sold if name.endswith("_minor")} == {
        name: sold[name] for name in sold if name.endswith("_minor")
    }
    assert desk.close(market, kiln).ok() == closed == desk.settlement(market, kiln)
    late = desk.settlement(market, kiln, NEXT)
    assert (late["sales_minor"], late["movements"]) == (0, 1)
    assert late["refunds_minor"] == 1099 + 111
    assert late["payable_minor"] == -late["refunds_minor"] - late["fees_minor"] < 0


@pytest.mark.capability("MER-05")
def test_what_the_stream_brings_after_the_closing_falls_into_the_next_month(market: Market, kiln: str) -> None:
    market.buy({"CUP": 1})
    desk.settlement(market, kiln)
    market.buy({"POT": 1})  # booked in November, and delivered when it is over
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    closed = desk.close(market, kiln).ok()
    assert closed["movements"] == 1
    assert desk.settlement(market, kiln) == closed
    late = desk.settlement(market, kiln, NEXT)
    assert (late["sales_minor"], late["movements"]) == (4567 + 333, 1)
    books.count(market.shop, times=2)
    assert desk.settlement(market, kiln, NEXT) == late


@pytest.mark.capability("MER-05")
@pytest.mark.parametrize("first", ["the stream", "the closing"])
def test_what_comes_in_the_moment_of_the_closing_is_in_one_of_the_two_months(
    market: Market, kiln: str, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    market.buy({"CUP": 1})
    desk.settlement(market, kiln)
    market.buy({"POT": 1})
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    if first == "the stream":
        before_next_write(monkeypatch, lambda: books.count(market.shop))
        assert desk.close(market, kiln).ok()["movements"] == 2
        return
    before_next_write(monkeypatch, lambda: desk.close(market, kiln).ok(), of="MerchantMovement")
    november, december = (desk.settlement(market, kiln, month) for month in (MONTH, NEXT))
    assert (november["status"], november["movements"], december["movements"]) == ("due", 1, 1)
    assert december["sales_minor"] == 4567 + 333


@pytest.mark.capability("MER-05")
def test_what_is_below_zero_is_carried_over_and_nothing_is_paid_out_of_it(market: Market, kiln: str) -> None:
    market.buy({"CUP": 1})
    desk.settlement(market, kiln)
    desk.adjust(market, kiln, -5_000).ok()
    told = desk.settlement(market, kiln)
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    market.buy({"POT": 2})
    desk.settlement(market, kiln, NEXT)
    closed = desk.close(market, kiln).ok()
    assert closed["status"] == "carried" and closed["payable_minor"] == told["payable_minor"] < 0
    assert desk.pay_out(market, kiln).body["code"] == "nothing_due"
    after = desk.settlement(market, kiln, NEXT)
    assert after["brought_forward_minor"] == closed["payable_minor"]
    assert after["payable_minor"] == closed["payable_minor"] + 2 * 4567 + 333 - desk.fee_of(4567, 2)


@pytest.mark.capability("MER-05")
def test_what_is_due_is_paid_out_once(market: Market, kiln: str) -> None:
    market.buy({"CUP": 3})
    due = desk.settlement(market, kiln)["payable_minor"]
    assert desk.pay_out(market, kiln).body["code"] == "nothing_due"
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    market.shop.invoke("CloseSettlements", {})
    to_pay = market.shop.get("/staff/settlements", as_=market.shop.boss).ok()["items"]
    assert [(one["merchant_id"], one["month"], one["payable_minor"]) for one in to_pay] == [(kiln, MONTH, due)]
    assert [one["merchant_name"] for one in to_pay] == ["Kiln"]
    paid = desk.pay_out(market, kiln).ok()
    assert (paid["status"], paid["payout"]["bank_reference"], paid["payout"]["by"]) == ("paid", "OUT-11", "boss")
    assert desk.pay_out(market, kiln).ok() == paid
    assert desk.pay_out(market, kiln, bank_reference="OUT-12").body["code"] == "paid_out_already"
    assert market.shop.get("/staff/settlements", as_=market.shop.boss).ok()["items"] == []
    booked = books.accounts(books.entries(market.shop))
    assert (booked["bank"], booked[f"merchants_payable:{kiln}"]) == (-due, 0)
    books.count(market.shop, times=2)
    listed = market.shop.get(f"/staff/settlements/{kiln}", as_=market.shop.boss).ok()["items"]
    assert listed == [paid]


@pytest.mark.capability("MER-05")
def test_a_merchant_is_told_once_that_its_month_is_closed_and_what_becomes_of_it(market: Market, kiln: str) -> None:
    market.buy({"CUP": 1})
    due = desk.settlement(market, kiln)["payable_minor"]
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    desk.close(market, kiln).ok()
    desk.adjust(market, kiln, -7).ok()
    market.shop.clock.at = market.shop.clock.at.replace(year=2027, month=1)
    for _ in range(2):
        desk.close(market, kiln, NEXT).ok()
        market.shop.drain(times=2)
    told = [one for one in inbox(market) if one["topic"].startswith("settlement")]
    assert [(one["topic"], one["title"]["en"]) for one in told] == [
        ("settlement_carried", "Your settlement of 2026-12 is closed"),
        ("settlement_due", "Your settlement of 2026-11 is closed"),
    ]
    assert [one["text"]["en"].split(" ", 2)[:2] for one in told] == [["EUR", "-0.07"], ["EUR", money.major(due, "EUR")]]


@pytest.mark.capability("MER-05")
def test_a_merchant_is_told_once_that_its_settlement_was_paid_out_and_under_which_reference(
    market: Market, kiln: str
) -> None:
    market.buy({"CUP": 1})
    due = desk.settlement(market, kiln)["payable_minor"]
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    desk.close(market, kiln).ok()
    for _ in range(2):
        desk.pay_out(market, kiln).ok()
        market.shop.drain(times=2)
    (told,) = [one for one in inbox(market) if one["topic"] == "settlement_paid"]
    assert told["title"] == {"en": "Your settlement of 2026-11 is paid", "zh": "您的 2026-11 结算单已付款"}
    for words in told["text"].values():
        assert f"EUR {money.major(due, 'EUR')}" in words
        assert desk.PAYOUT["bank_reference"] in words
        assert desk.PAYOUT["bank_account"] not in words


def inbox(market: Market) -> list[dict[str, Any]]:
    """Of the member whose business it is."""
    return list(market.shop.get("/me/messages", as_=merchants.member("kiln")).ok()["items"])


@pytest.mark.capability("MER-05")
def test_months_are_closed_by_themselves_one_after_the_other(market: Market, kiln: str) -> None:
    for month in (11, 12):
        market.shop.clock.at = market.shop.clock.at.replace(month=month)
        market.buy({"CUP": 1})
        desk.settlement(market, kiln, f"2026-{month}")
    market.shop.clock.at = market.shop.clock.at.replace(year=2027, month=1, day=3)
    assert desk.close(market, kiln, NEXT).body["code"] == "settlement_not_over"
    market.shop.pass_time(days=2)
    early = desk.close(market, kiln, NEXT)
    assert (early.body["code"], early.body["month"]) == ("earlier_settlement_open", MONTH)
    other = merchants.trader(market, "Weavers").merchant_id
    desk.adjust(market, other, -70).ok()
    market.shop.pass_time(days=31)
    for _ in range(2):
        market.shop.invoke("CloseSettlements", {})
        closed = market.shop.get(f"/staff/settlements/{kiln}", as_=market.shop.boss).ok()["items"]
        assert [(one["month"], one["status"]) for one in closed] == [(NEXT, "due"), (MONTH, "due")]
        theirs = market.shop.get(f"/staff/settlements/{other}", as_=market.shop.boss).ok()["items"]
        assert [(one["month"], one["status"]) for one in theirs] == [("2027-02", "open"), ("2027-01", "carried")]
        assert theirs[0]["payable_minor"] == theirs[0]["brought_forward_minor"] == -70


@pytest.mark.capability("MER-05")
def test_every_morning_what_may_be_closed_by_then_is_closed(market: Market, kiln: str) -> None:
    """On the first days of a month the one before it is still open, and nothing is wrong."""
    for month in (10, 11):
        market.shop.clock.at = market.shop.clock.at.replace(month=month)
        desk.adjust(market, kiln, 100, reference=f"A-{month}").ok()
    closed = list[tuple[int, list[str]]]()
    for day in (1, 2, 3, 4):
        market.shop.clock.at = market.shop.clock.at.replace(month=12, day=day, hour=4, minute=30)
        market.shop.invoke("CloseSettlements", {})
        listed = market.shop.get(f"/staff/settlements/{kiln}", as_=market.shop.boss).ok()["items"]
        closed.append((day, [one["month"] for one in listed if one["status"] == "due"]))
    assert closed == [(1, ["2026-10"]), (2, ["2026-10"]), (3, ["2026-10"]), (4, [MONTH, "2026-10"])]


@pytest.mark.capability("MER-05")
def test_a_month_in_which_nothing_but_a_debt_came_over_is_closed_in_its_turn(market: Market, kiln: str) -> None:
    """Where no morning has closed anything for a while."""
    for month, minor in ((10, -70), (12, 100)):
        market.shop.clock.at = market.shop.clock.at.replace(month=month)
        desk.adjust(market, kiln, minor, reference=f"A-{month}").ok()
    market.shop.pass_time(days=40)
    market.shop.invoke("CloseSettlements", {})
    listed = market.shop.get(f"/staff/settlements/{kiln}", as_=market.shop.boss).ok()["items"]
    assert [(one["month"], one["status"], one["payable_minor"]) for one in listed] == [
        ("2026-12", "due", 30),
        ("2026-11", "carried", -70),
        ("2026-10", "carried", -70),
    ]


@pytest.mark.capability("MER-05")
def test_one_that_cannot_be_closed_keeps_nobody_waiting_and_is_told_of(
    market: Market, kiln: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, write = merchants.trader(market, "Weavers").merchant_id, current.table().write
    for stuck, free in ((kiln, other), (other, kiln)):
        month = market.shop.clock.at.strftime("%Y-%m")
        for merchant_id in (kiln, other):
            desk.adjust(market, merchant_id, 100, reference=month).ok()
        market.shop.pass_time(days=40)

        def contended(actions: Sequence[Action], token: str, stuck: str = stuck) -> None:
            """Whenever that merchant's is closed, somebody else is quicker."""
            for action in actions:
                if isinstance(action, Put) and action.row["kind"] == "Settlement" and stuck in action.at.pk:
                    raise ConditionFailed(action)
            write(actions, token)

        monkeypatch.setattr(current.table(), "write", contended)
        with pytest.raises(ExceptionGroup) as refused:
            market.shop.invoke("CloseSettlements", {})
        assert [(type(one), one.__notes__) for one in refused.value.exceptions] == [
            (ChangedMeanwhile, [f"{stuck} EUR"])
        ]
        assert [desk.settlement(market, one, month)["status"] for one in (stuck, free)] == ["open", "due"]
        monkeypatch.setattr(current.table(), "write", write)
        market.shop.invoke("CloseSettlements", {})
        assert desk.settlement(market, stuck, month)["status"] == "due"
