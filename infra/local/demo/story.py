"""`make demo`: one order's story, told in the terminal: each step with its request, its answer and its time."""

import json
import sys
import textwrap
import time
from typing import Any
from uuid import uuid4

import requests

from infra.local.client import Client, running_shops_card
from infra.local.demo.seed import nouns
from infra.local.processes import Trouble
from infra.local.stripe.buyer import Buyer

WAIT_SECONDS = 30


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


class Story:
    """The people of the story and the order that it is about."""

    def __init__(self, shop: dict[str, Any]) -> None:
        self.shop, self.teller = shop, Teller()
        self.teller.say("The people of this story sign in: a buyer, the owner, the warehouse, the service desk")
        self.buyer, self.owner, self.warehouse, self.service = (
            self._come(role) for role in ("buyer", "owner", "warehouse", "service")
        )
        email = self._user("buyer")["username"]
        self.person = next(person for person in nouns("buyers") if person["email"] == email)
        self.lines: list[dict[str, Any]] = []
        self.order_id = self.store_id = ""

    def _user(self, role: str) -> dict[str, str]:
        user: dict[str, str] = next(user for user in self.shop["users"] if user["role"] == role)
        return user

    def _come(self, role: str) -> Client:
        user = self._user(role)
        return Client(self.shop["api"], self.teller.told).sign_in(user["username"], user["password"])

    def today(self, title: str) -> dict[str, Any]:
        self.teller.say(title)
        today = time.strftime("%Y-%m-%d", time.gmtime())
        total: dict[str, Any] = self.owner.get("/staff/reports/sales", **{"from": today, "to": today})["total"]
        return total

    def browse(self) -> None:
        self.teller.say("Somebody looks around: categories, one shelf, one product")
        visitor = Client(self.shop["api"], self.teller.told)
        for category in visitor.get("/shop/categories")["items"]:
            if shelf := visitor.get(f"/shop/categories/{category['category_id']}/products")["items"]:
                page = visitor.get(f"/shop/products/{shelf[0]['product_id']}")
                self.lines = [{"sku": sku["sku"], "quantity": 2} for sku in page["skus"] if sku["in_stock"]][:2]
                return

    def check_out(self) -> dict[str, Any]:
        """The payment that the buyer's browser goes on with."""
        self.teller.say("The buyer fills the cart and asks what it costs")
        address, contact = self.person["address"], {name: self.person[name] for name in ("name", "phone", "email")}
        for line in self.lines:
            self.buyer.put(f"/me/cart/lines/{line['sku']}", {"quantity": line["quantity"]})
        quote = self.buyer.post("/me/quotes", {"lines": self.lines, "country": address["country"]})
        self.teller.say("Checkout: the order stands, its stock is reserved; a double click changes nothing")
        order = {"lines": self.lines, "quote_id": quote["quote_id"], "address": address, "contact": contact}
        key = str(uuid4())
        placed, again = (self.buyer.post("/me/checkout", order, key=key) for _ in range(2))
        if again["order"]["order_id"] != placed["order"]["order_id"]:
            raise Trouble("The double click made a second order.")
        self.order_id, self.store_id = placed["order"]["order_id"], placed["order"]["store_id"]
        payment: dict[str, Any] = placed["payment"]
        return payment

    def pay(self, payment: dict[str, Any]) -> None:
        self.teller.say("The buyer's browser pays at Stripe: first with a card that is declined, then with a good one")
        browser = Buyer(self.shop["stripe"], payment["publishable_key"])
        for card in ("pm_card_visa_chargeDeclined", "pm_card_visa"):
            intent = browser.pay(payment["client_secret"], card)
            print(f"   Stripe says: {intent['status']}, {money(intent['amount_received'])} received")
        self.teller.say("Stripe's webhook tells the shop; the workflow confirms the order and lays it out for picking")
        until(self.buyer, f"/me/orders/{self.order_id}", "confirmed")

    def ship(self) -> None:
        self.teller.say("The warehouse picks and ships")
        self.warehouse.get("/staff/picks", store_id=self.store_id)
        picked = self.warehouse.post(f"/staff/picks/{self.order_id}/picked")
        parcel = {"order_id": self.order_id, "carrier": "dhl", "tracking_number": "00340434161094042557"}
        self.warehouse.post("/staff/shipments", parcel | {"units": picked["units"]})

    def arrive(self) -> None:
        self.teller.say("The parcel has arrived, and the buyer follows the order's time line")
        until(self.buyer, f"/me/orders/{self.order_id}", "shipped")
        for step in self.buyer.post(f"/me/orders/{self.order_id}/received")["history"]:
            print(f"   {step['at']}  {step['status']:<17} by {step['by']}")

    def give_back(self) -> None:
        self.teller.say("One of them is damaged: the buyer asks, the service desk agrees, Stripe pays back")
        lines = [{"sku": self.lines[0]["sku"], "quantity": 1}]
        asked = {"order_id": self.order_id, "reason": "damaged", "text": "The lid is cracked", "lines": lines}
        case = self.buyer.post("/me/refunds", asked, key=str(uuid4()))
        self.service.post(f"/staff/refunds/{case['case_id']}/approve")
        until(self.buyer, f"/me/refunds/{case['case_id']}", "refunded")


def tell(shop: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The day's sales before and after."""
    story = Story(shop)
    before = story.today("The owner looks at today's sales")
    story.browse()
    story.pay(story.check_out())
    story.ship()
    story.arrive()
    story.give_back()
    after = story.today("The owner looks again")
    print(
        f"\nOrders today {before['orders']} -> {after['orders']}, net revenue {money(before['net_minor'])} -> "
        f"{money(after['net_minor'])}. Told in {time.monotonic() - story.teller.began:.1f} s."
    )
    return before, after


def until(client: Client, path: str, status: str) -> None:
    """Waits for what happens by itself; only the last answer is told."""
    deadline = time.monotonic() + WAIT_SECONDS
    with client.quiet():
        while client.get(path)["status"] != status:
            if time.monotonic() > deadline:
                raise Trouble(f"{path} did not become {status} within {WAIT_SECONDS} s.")
            time.sleep(0.2)
    client.get(path)


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d} EUR"


def _json(answer: requests.Response) -> Any:
    return answer.json() if answer.content else None


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return textwrap.shorten(text, 150, placeholder=" ...") if " " in text else text[:150]


def main() -> int:
    try:
        tell(running_shops_card())
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
