"""How messages go out beside the inbox: once on each channel, tried again where nothing came of it, and seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from souk.domains.inventory.events import StockFellLow
from souk.gateways import mail, sms
from souk.kernel import kept
from souk.kernel.caller import Caller
from souk.kernel.errors import Unavailable
from souk.table.unit import Unit
from tests.support.context import ACCOUNT, REGION
from tests.support.market import CONTACT, INES, Market
from tests.support.shop import Answer, Shop, client
from tests.support.table import before_next_write

PHONE = "+351910000117"


class Provider:
    """Amazon's SNS and SES as the gateways see them. Texts fail as they are told to."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.mails: list[tuple[str, str, str]] = []
        self.failing: list[Exception] = []
        self.dies = False

    def publish(self, PhoneNumber: str, Message: str, MessageAttributes: Any) -> dict[str, str]:
        self.texts.append((PhoneNumber, Message))
        if self.dies:
            raise KeyboardInterrupt
        if self.failing:
            raise self.failing.pop(0)
        return {"MessageId": f"text-{len(self.texts)}"}

    def send_email(self, FromEmailAddress: str, Destination: Any, Content: Any) -> dict[str, str]:
        said = Content["Simple"]
        self.mails.append((Destination["ToAddresses"][0], said["Subject"]["Data"], said["Body"]["Text"]["Data"]))
        return {"MessageId": f"mail-{len(self.mails)}"}


@pytest.fixture
def provider(market: Market, monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    for gateway in (sms, mail):
        monkeypatch.setattr(gateway, "client", lambda service: made)
    furnished(market)
    return made


def furnished(market: Market) -> Market:
    """A shop that texts and mails to buyer and store what is paid, and texts to staff what runs low."""
    shop = market.shop
    outward = [
        {"topic": "order_paid", "channels": ["sms", "mail"]},
        {"topic": "order_to_prepare", "channels": ["sms", "mail"]},
        {"topic": "stock_low", "channels": ["sms"]},
        {"topic": "refund_to_balance", "channels": ["mail"]},
    ]
    office = {"phone": "+351 21 000 0009", "email": "office@souk.example"}
    shop.put("/staff/settings", office | {"outward": outward, "version": 0}, as_=shop.boss).ok()
    market.goods({"TEA": 500}, {market.store(): 9})
    shop.drain()
    return market


def failure(code: str, status: int) -> ClientError:
    said = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "Publish")


THROTTLED, REFUSED = ("ThrottledException", 429), ("OptedOut", 400)
LOST = ReadTimeoutError(endpoint_url="sns")


def log(shop: Shop, subject: str, who: Caller | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """Each delivery about the subject by topic and channel, where only the buyer has an address in both."""
    found = shop.get(f"/staff/deliveries/{subject}", as_=who or shop.boss).ok()["items"]
    return {(one["topic"], one["channel"]): one for one in found}


def awaited(shop: Shop, **query: str) -> list[str]:
    return [one["status"] for one in shop.get("/staff/deliveries", as_=shop.boss, **query).ok()["items"]]


def send_again(shop: Shop, delivery: dict[str, Any], who: Caller | None = None) -> Answer:
    path = "/".join(delivery[name] for name in ("subject", "message_id", "channel"))
    return shop.post(f"/staff/deliveries/{path}/again", as_=who or shop.boss)


def to_buyer(provider: Provider) -> list[tuple[str, str]]:
    return [one for one in provider.texts if one[0] == PHONE]


def drained(shop: Shop) -> Iterator[BaseException]:
    """What functions fail with, until every fact is handled."""
    while True:
        try:
            shop.drain()
            return
        except (Unavailable, KeyboardInterrupt) as error:
            yield error
            shop.tell_again()


@pytest.mark.capability("ORD-05")
def test_a_new_order_is_one_message_for_each_reader_and_channel_however_often_it_is_told(
    market: Market, provider: Provider
) -> None:
    shop, order_id = market.shop, market.paid({"TEA": 2})
    shop.drain(times=3)
    number = market.order(order_id)["number"]
    assert sorted(provider.texts) == [("+351210000001", f"New order {number}"), (PHONE, f"Order {number} is paid")]
    assert [(to, title) for to, title, _ in provider.mails] == [(CONTACT["email"], f"Order {number} is paid")]
    states = {at: (one["status"], one["tries"], one["error"]) for at, one in log(shop, order_id).items()}
    assert states == {
        ("order_paid", "inbox"): ("sent", 0, None),
        ("order_paid", "sms"): ("sent", 1, None),
        ("order_paid", "mail"): ("sent", 1, None),
        ("order_to_prepare", "inbox"): ("sent", 0, None),
        ("order_to_prepare", "sms"): ("sent", 1, None),
        ("order_to_prepare", "mail"): ("failed", 1, "no_address"),
    }
    assert len(shop.get("/me/messages", as_=INES).ok()["items"]) == 1


@pytest.mark.capability("ORD-05")
def test_where_the_provider_did_nothing_it_is_tried_again_and_then_seen(market: Market, provider: Provider) -> None:
    shop, order_id = market.shop, market.paid({"TEA": 1})
    provider.failing = [failure(*THROTTLED) for _ in range(2)]
    assert len(list(drained(shop))) == 2
    texted = [one for one in log(shop, order_id).values() if one["channel"] == "sms"]
    assert {one["status"] for one in texted} == {"sent"} and sum(one["tries"] for one in texted) == 4

    order_id = market.paid({"TEA": 1})
    provider.failing = [failure(*THROTTLED) for _ in range(9)]
    list(drained(shop))
    texted = [one for one in log(shop, order_id).values() if one["channel"] == "sms"]
    assert [(one["status"], one["tries"], one["error"]) for one in texted] == 2 * [("failed", 3, "text_unavailable")]
    assert len(awaited(shop, status="failed")) == 4 and awaited(shop, status="pending") == []


@pytest.mark.capability("ORD-05")
@pytest.mark.parametrize("lost", ["the answer", "the process"])
def test_what_may_have_gone_out_is_not_sent_again_but_by_people(market: Market, provider: Provider, lost: str) -> None:
    shop, order_id = market.shop, market.paid({"TEA": 1})
    shop.put(
        "/staff/settings", {"outward": [{"topic": "order_paid", "channels": ["sms"]}], "version": 1}, as_=shop.boss
    )
    kept.forget_all()
    provider.failing, provider.dies = [LOST] if lost == "the answer" else [], lost == "the process"
    for _ in drained(shop):
        provider.dies = False
    shop.pass_time(minutes=2)
    texted = log(shop, order_id)["order_paid", "sms"]
    assert (texted["status"], len(to_buyer(provider))) == ("unknown", 1)
    assert awaited(shop) == ["unknown"] == awaited(shop, status="unknown") and awaited(shop, status="failed") == []
    first, second = send_again(shop, texted), send_again(shop, texted)
    assert first["status"] == "pending" and first.body == second.body
    shop.drain(times=3)
    assert len(to_buyer(provider)) == 2 and log(shop, order_id)["order_paid", "sms"]["status"] == "sent"
    again = send_again(shop, texted)
    assert (again.status, again["code"]) == (409, "not_in_that_state")


def test_a_number_that_takes_no_messages_is_not_tried_again(market: Market, provider: Provider) -> None:
    shop, order_id = market.shop, market.paid({"TEA": 1})
    provider.failing = [failure(*REFUSED) for _ in range(2)]
    shop.drain(times=3)
    texted = [one for one in log(shop, order_id).values() if one["channel"] == "sms"]
    assert {(one["status"], one["error"], one["tries"]) for one in texted} == {("failed", "phone_refused", 1)}


def test_while_one_is_sending_nobody_else_does(
    market: Market, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = market.shop
    order_id = market.paid({"TEA": 1})
    publish = provider.publish

    def publish_under_watch(**said: Any) -> dict[str, str]:
        if said["PhoneNumber"] == PHONE:
            refused = send_again(shop, log(shop, order_id)["order_paid", "sms"])
            assert (refused.status, refused["code"]) == (409, "not_in_that_state")
        return publish(**said)

    monkeypatch.setattr(provider, "publish", publish_under_watch)
    shop.drain()
    assert len(to_buyer(provider)) == 1


def test_two_that_begin_at_once_send_one(market: Market, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, order_id = market.shop, market.paid({"TEA": 1})
    tell = shop._tell

    def twice_at_once(row: Any) -> None:
        if row["detail_type"] == "MessageDue":
            before_next_write(monkeypatch, lambda: tell(row))
        tell(row)

    monkeypatch.setattr(shop, "_tell", twice_at_once)
    shop.drain()
    assert len(to_buyer(provider)) == 1 and log(shop, order_id)["order_paid", "sms"]["tries"] == 1


@pytest.mark.capability("INV-06")
@pytest.mark.parametrize(
    ("alert_to", "readers"), [("store", {"store"}), ("head_office", {"office"}), ("both", {"store", "office"})]
)
def test_low_stock_is_told_to_whom_the_rule_of_that_stock_names(
    market: Market, provider: Provider, alert_to: str, readers: set[str]
) -> None:
    shop = market.shop
    (store_id,) = {stock["store_id"] for stock in shop.rows("Stock")}
    path = f"/staff/stock/TEA/{store_id}"
    edit = {"threshold": 5, "alert_to": alert_to, "version": 0}
    assert shop.put(path, edit, as_=shop.boss).ok()["alert_to"] == alert_to
    market.place({"TEA": 4})
    shop.drain(times=2)
    store = shop.staff("messages.read", stores=(store_id,))
    told = {name for name, who in (("store", store), ("office", shop.boss)) if topics(shop, who)}
    assert told == readers
    assert sorted(to for to, _ in provider.texts) == sorted(
        {"store": "+351210000001", "office": "+351210000009"}[one] for one in readers
    )
    found = shop.get("/staff/deliveries/TEA", as_=store).ok()["items"]
    owners = {"store": f"store-{store_id}", "office": "head-office"}
    expected = sorted((owners[one], channel, "sent") for one in readers for channel in ("inbox", "sms"))
    assert sorted((one["owner_id"], one["channel"], one["status"]) for one in found) == expected


def test_an_alert_of_an_older_release_goes_to_both(market: Market, provider: Provider) -> None:
    (store_id,) = {stock["store_id"] for stock in market.shop.rows("Stock")}
    with Unit() as unit:
        unit.tell(StockFellLow(sku="TEA", store_id=store_id, available=2, threshold=5))
    market.shop.drain()
    assert len(provider.texts) == 2


def topics(shop: Shop, who: Caller) -> list[str]:
    return [one["topic"] for one in shop.get("/staff/messages", as_=who).ok()["items"]]


def test_a_store_sees_its_own_deliveries_and_no_address_in_any(market: Market, provider: Provider) -> None:
    shop, order_id = market.shop, market.buy({"TEA": 1})
    may = ("messages.read", "messages.send")
    own, other = (shop.staff(*may, stores=(one,)) for one in (market.order(order_id)["store_id"], "sto_9"))
    assert len(log(shop, order_id, own)) == 6 and log(shop, order_id, other) == {}
    failed = log(shop, order_id)["order_to_prepare", "mail"]
    foreign, absent = send_again(shop, failed, other), send_again(shop, failed | {"message_id": "msg_0"}, other)
    assert (foreign.status, foreign.body) == (404, absent.body)
    told = str(log(shop, order_id))
    assert not any(secret in told for secret in (*CONTACT.values(), PHONE))


def test_the_log_is_read_page_by_page(market: Market, provider: Provider) -> None:
    shop, order_id = market.shop, market.buy({"TEA": 1})
    path, pages = f"/staff/deliveries/{order_id}", []
    more: dict[str, Any] = {}
    while more.get("cursor", "") is not None:
        pages.append(shop.get(path, as_=shop.boss, limit=4, **more).ok())
        more = {"cursor": pages[-1]["next_cursor"]}
    assert [len(page["items"]) for page in pages] == [4, 2]


def test_messages_go_out_by_amazons_own_services(market: Market) -> None:
    client("sesv2").create_email_identity(EmailIdentity="example.com")
    order_id = furnished(market).buy({"TEA": 1})
    number = market.order(order_id)["number"]
    texts = sorted(sns_backends[ACCOUNT][REGION].sms_messages.values())
    assert texts == [("+351210000001", f"New order {number}"), (PHONE, f"Order {number} is paid")]
    (mailed,) = ses_backends[ACCOUNT][REGION].sent_messages
    assert mailed.destinations["ToAddresses"] == [CONTACT["email"]]
    sent = [one for one in log(market.shop, order_id).values() if one["status"] == "sent" and one["tries"]]
    assert len(sent) == 3 and all(one["provider_id"] for one in sent)


def test_nothing_goes_out_where_the_shop_has_not_said_so(market: Market, provider: Provider) -> None:
    shop = market.shop
    shop.put("/staff/settings", {"version": 1}, as_=shop.boss).ok()
    kept.forget_all()
    order_id = market.buy({"TEA": 1})
    assert not provider.texts and not provider.mails
    assert {channel for _, channel in log(shop, order_id)} == {"inbox"}
