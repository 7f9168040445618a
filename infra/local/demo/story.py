"""`make demo`: one order's story, told in the terminal: each step with its request, its answer and its time."""

import json
import sys
import textwrap
import time
from typing import Any
from uuid import uuid4

import requests

from infra.local.client import Client
from infra.local.processes import ROOT, Trouble
from infra.local.stripe.buyer import Buyer

CARD = ROOT / ".local/shop.json"
WAIT_SECONDS = 20


class Teller:
    """Prints what goes over the wire, short enough to be read along."""

    def __init__(self) -> None:
        self.chapter = 0
        self.began = time.monotonic()

    def say(self, title: str) -> None:
        self.chapter += 1
        print(f"\n\033[1m{self.chapter}. {title}\033[0m")

    def told(self, method: str, path: str, body: Any, answer: requests.Response) -> None:
        milliseconds = answer.elapsed.total_seconds() * 1000
        print(f"   {method} {path}  \033[2m{_short(body)}\033[0m")
        print(f"   -> {answer.status_code} in {milliseconds:.0f} ms  \033[2m{_short(_json(answer))}\033[0m")


def tell(shop: dict[str, Any]) -> None:
    teller = Teller()

    def come(role: str) -> Client:
        user = next(user for user in shop["users"] if user["role"] == role)
        return Client(shop["api"], teller.told).sign_in(user["username"], user["password"])

    teller.say("The people of this story sign in: a buyer, the owner, the warehouse, the service desk")
    buyer, owner, warehouse, service = come("buyer"), come("owner"), come("warehouse"), come("service")
    before = _today(teller, owner, "The owner looks at today's sales")

    teller.say("Somebody looks around: categories, one shelf, one product")
    visitor = Client(shop["api"], teller.told)
    tree = visitor.get("/shop/categories")["items"]
    shelf = next(
        items for root in tree if (items := visitor.get(f"/shop/categories/{root['category_id']}/products")["items"])
    )
    page = visitor.get(f"/shop/products/{shelf[0]['product_id']}")
    lines = [{"sku": sku["sku"], "quantity": 2} for sku in page["skus"] if sku["in_stock"]][:2]

    teller.say("The buyer fills the cart and asks what it costs")
    for line in lines:
        buyer.put(f"/me/cart/lines/{line['sku']}", {"quantity": line["quantity"]})
    quote = buyer.post("/me/quotes", {"lines": lines, "country": "PT"})

    teller.say("Checkout: the order stands, its stock is reserved, its payment begins; a double click changes nothing")
    order = {
        "lines": lines, "quote_id": quote["quote_id"],
        "address": {"name": "Inês Carvalho", "street": "Avenida do Jardim 200", "city": "Lisboa", "postal_code": "1250-140",
                    "country": "PT"},
        "contact": {"name": "Inês Carvalho", "phone": "+351 910 000 117", "email": "ines.carvalho@example.com"},
    }  # fmt: skip
    key = str(uuid4())
    placed = buyer.post("/me/checkout", order, key=key)
    again = buyer.post("/me/checkout", order, key=key)
    if again["order"]["order_id"] != placed["order"]["order_id"]:
        raise Trouble("The double click made a second order.")
    order_id, payment = placed["order"]["order_id"], placed["payment"]

    teller.say("The buyer's browser pays at Stripe: first a card that is declined, then a good one")
    browser = Buyer(shop["stripe"], payment["publishable_key"])
    declined = browser.pay(payment["client_secret"], "pm_card_visa_chargeDeclined")
    print(f"   Stripe says: {declined['status']}, {declined['last_payment_error']['message']}")
    paid = browser.pay(payment["client_secret"])
    print(f"   Stripe says: {paid['status']}, {_money(paid['amount_received'], quote['currency'])}")

    teller.say("Stripe's webhook tells the shop; the workflow confirms the order and lays it out for picking")
    _until(buyer, f"/me/orders/{order_id}", "confirmed")

    teller.say("The warehouse picks and ships")
    store_id = placed["order"]["store_id"]
    warehouse.get("/staff/picks", store_id=store_id)
    warehouse.post(f"/staff/picks/{order_id}/picked")
    warehouse.post(
        "/staff/shipments",
        {"order_id": order_id, "carrier": "dhl", "tracking_number": "00340434161094042557"},
        key=str(uuid4()),
    )

    teller.say("The parcel has arrived, and the buyer follows the order's time line")
    _until(buyer, f"/me/orders/{order_id}", "shipped")
    arrived = buyer.post(f"/me/orders/{order_id}/received")
    for step in arrived["history"]:
        print(f"   {step['at']}  {step['status']:<17} by {step['by']}")

    teller.say("One of them is damaged: the buyer asks for the money back, the service desk agrees, Stripe pays it out")
    case = buyer.post(
        "/me/refunds",
        {
            "order_id": order_id,
            "reason": "damaged",
            "text": "The lid is cracked",
            "lines": [{"sku": lines[0]["sku"], "quantity": 1}],
        },
        key=str(uuid4()),
    )
    service.post(f"/staff/refunds/{case['case_id']}/approve", {})
    _until(buyer, f"/me/refunds/{case['case_id']}", "refunded")

    after = _today(teller, owner, "The owner looks again")
    print(
        f"\nOrders today {before['orders']} -> {after['orders']}, net revenue "
        f"{_money(before['net_minor'], quote['currency'])} -> {_money(after['net_minor'], quote['currency'])}. "
        f"Told in {time.monotonic() - teller.began:.1f} s."
    )


def _today(teller: Teller, owner: Client, title: str) -> dict[str, Any]:
    teller.say(title)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return owner.get("/staff/reports/sales", **{"from": today, "to": today, "by": "day"})["total"]


def _until(client: Client, path: str, status: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    quiet = Client(client.api)
    quiet._session.headers.update(client._session.headers)
    while quiet.get(path)["status"] != status:
        if time.monotonic() > deadline:
            raise Trouble(f"{path} did not become {status} within {WAIT_SECONDS} s.")
        time.sleep(0.2)
    client.get(path)


def _money(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02d} {currency}"


def _json(answer: requests.Response) -> Any:
    return answer.json() if answer.content else None


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return textwrap.shorten(text, 150, placeholder=" ...") if " " in text else text[:150]


def main() -> int:
    try:
        if not CARD.exists():
            raise Trouble("No shop runs here: `make run DETACH=1` starts one.")
        tell(json.loads(CARD.read_text(encoding="utf-8")))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
