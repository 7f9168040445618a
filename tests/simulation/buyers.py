"""Buyers: they look, order, pay in every way a card allows, change their minds, and click twice."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.simulation.accounting import Accountant
from tests.simulation.person import Person
from tests.simulation.provider import DECLINED, GOOD, SECURE
from tests.simulation.staff import Clerk
from tests.simulation.world import AGAIN, GOODS, TRIES, World
from tests.support.market import ADDRESS, CONTACT
from tests.support.merchants import member
from tests.support.shop import Answer

CARDS = (GOOD, GOOD, GOOD, SECURE, SECURE, DECLINED, "pm_card_pendingRefund", "pm_card_refundFail")
DAY = 86400.0


class Buyer(Person):
    """`haste` is within how many seconds everybody comes in: less than one is a rush."""

    def __init__(self, world: World, name: str, haste: float = 0.0, steady: bool = True) -> None:
        super().__init__(world, member(name), steady)
        self.name, self.haste = name, haste
        self.from_balance_minor = 0  # of every order
        self.currency: str | None = None  # to be charged in, where it is not the shop's
        self.proof: dict[str, str] = {}  # that it is they who spend it
        self.methods: Sequence[str] = ("card",)  # of which one is chosen for each order

    # -- a visit
    def visit(self) -> None:
        """Once or twice, from the first look to the last click."""
        self.spend(0.0, self.haste)
        for number in range(self.chance.choice((1, 1, 2))):
            tabs = 2 if self.happens(0.1) else 1
            for tab in range(tabs):
                self.besides(f"{self.name}/{number}{tab}", self.buy, f"{number}-{tab}")
            self.spend(0.0, 600.0)

    def buy(self, key: str) -> None:
        wanted = {sku: self.chance.randint(1, 3) for sku in self.chance.sample(GOODS, self.chance.choice((1, 1, 2)))}
        if self.happens(0.3):
            self.fill_cart(wanted)
        pickup_at = self.chance.choice(self.world.stores()) if self.happens(0.25) else None
        placed = self.order(wanted, key, pickup_at)
        if placed is None or placed.status != 201:
            return
        order_id = str(placed["order"]["order_id"])
        if self.happens(0.2):
            after = self.chance.uniform(0.0, self.chance.choice((1.0, 90.0)))
            self.besides(f"{self.name}/cancels", self.cancel, order_id, after=after)
        self.pay(order_id, placed)
        if self.happens(0.2):  # the back button
            self.ask("POST", "/me/payments", {"order_id": order_id})
        self.follow(order_id)

    def fill_cart(self, wanted: dict[str, int]) -> None:
        for sku, units in wanted.items():
            self.ask("PUT", f"/me/cart/lines/{sku}", {"quantity": units})
        self.ask("GET", "/me/cart")

    def order(self, wanted: Mapping[str, int], key: str, pickup_at: str | None = None) -> Answer | None:
        """By today's quote; sometimes with two clicks, sometimes sent again later."""
        request = self.request(wanted, pickup_at)
        if request is None:
            return None
        self.spend(0.0, self.haste)
        if self.happens(0.3):
            self.besides(f"{self.name}/again", self.submit, request, key)
        placed = self.submit(request, key)
        if self.happens(0.2):
            self.spend(0.0, 60.0)
            self.submit(request, key)
        return placed

    def request(self, wanted: Mapping[str, int], pickup_at: str | None = None) -> dict[str, Any] | None:
        """What is sent off by today's quote; None where there is none."""
        return self.request_of([{"sku": sku, "quantity": units} for sku, units in wanted.items()], pickup_at)

    def request_of(self, lines: list[dict[str, Any]], pickup_at: str | None = None) -> dict[str, Any] | None:
        pickup = {"delivery_method": "pickup", "pickup_store_id": pickup_at}
        abroad = self.currency is not None and not self.happens(0.3)
        to = (pickup if pickup_at else {"country": "PT"}) | ({"currency": self.currency} if abroad else {})
        quoted = self.ask("POST", "/me/quotes", {"lines": lines, **to})
        if quoted.status != 200:
            return None
        way = pickup if pickup_at else {"address": ADDRESS}
        agreed = {"quote_id": quoted["quote_id"]}
        if abroad:
            agreed["rate_lock"] = quoted["charge"]["rate_lock"]
        return {"lines": lines, "contact": CONTACT, **agreed, **way} | self._paid_with()

    def _paid_with(self) -> dict[str, Any]:
        """Where it is said at all."""
        balance: dict[str, Any] = {"from_balance_minor": self.from_balance_minor} if self.from_balance_minor else {}
        balance |= {"proof": self.proof} if self.proof else {}
        return balance if self.methods == ("card",) else balance | {"payment_method": self._chosen()}

    def _chosen(self) -> str:
        return self.methods[0] if self.steady else self.chance.choice(self.methods)

    def submit(self, request: dict[str, Any] | None, key: str) -> Answer:
        return self.place("/me/checkout", request, key)

    def place(self, path: str, request: dict[str, Any] | None, key: str, **more: Any) -> Answer:
        """An order, by whichever door; what was answered is noted."""
        answer = self.ask("POST", path, request, headers={"Idempotency-Key": key}, **more)
        self.world.placed.append((self.caller.id, key, answer))
        return answer

    # -- with what they have with the shop
    def save_up(self, amount_minor: int) -> Answer:
        """Whoever asks again means the same top-up."""
        headers = {"Idempotency-Key": "savings"}
        return self.ask("POST", "/me/payments/top-ups", {"amount_minor": amount_minor}, headers=headers)

    def spend_savings(self) -> None:
        """More than once at the same time, and more than there is."""
        begun = self.save_up(500)
        if begun.status != 201:
            return
        self.pay(begun["top_up"]["order_id"], begun)
        self.from_balance_minor = self.chance.choice((200, 300, 500))
        for number in range(3):
            self.besides(f"{self.name}/{number}", self.buy, f"saved-{number}")

    # -- in a flash sale
    def hurry(self, sale_id: str) -> None:
        """Once or twice; may think better of it while the sale runs, or after it."""
        for number in range(self.chance.choice((1, 2))):
            self.spend(0.0, self.haste)
            placed = self.order_in_sale(sale_id, self.chance.randint(1, 2), f"{sale_id}-{number}")
            if placed.status != 201:
                continue
            order_id = str(placed["order"]["order_id"])
            if self.happens(0.4):
                after = self.chance.uniform(0.0, self.chance.choice((2.0, 3600.0)))
                self.besides(f"{self.name}/cancels", self.cancel, order_id, after=after)
            self.pay(order_id, placed)

    def order_in_sale(self, sale_id: str, units: int, key: str) -> Answer:
        quoted = self.ask("POST", f"/me/sales/{sale_id}/quotes", {"quantity": units, "country": "PT"})
        if quoted.status != 200:
            return quoted
        request = {"quantity": units, "quote_id": quoted["quote_id"], "address": ADDRESS, "contact": CONTACT}
        if self.happens(0.3):
            self.besides(f"{self.name}/again", self.submit_in_sale, sale_id, request, key)
        return self.submit_in_sale(sale_id, request, key)

    def submit_in_sale(self, sale_id: str, request: dict[str, Any], key: str) -> Answer:
        """Sent again like every request, but each try by itself: what is said to be sold out is so while it lasts."""
        for _ in range(TRIES):
            since = self.world.schedule.now
            answer = self.place(f"/me/sales/{sale_id}/orders", request, key, tries=1)
            code = (answer.body or {}).get("code")
            if code == "sale_sold_out":
                self.world.checker.sales.need_sold_out(sale_id, request["quantity"], since)
            if answer.status not in AGAIN and code != "contended":
                break
            self.spend(0.2, 4.0)
        return answer

    # -- paying
    def pay(self, order_id: str, placed: Answer) -> None:
        if self.happens(0.12):  # never; or from another account, though it was to be by card
            if self.happens(0.4) and order_id in self.world.checker.orders:
                self.spend(0.0, 2400.0)
                Accountant(self.world, "clerk-bank").receive(order_id)
            return
        if self.happens(0.08):  # at the last moment, or after it
            self.spend(1795.0, 1880.0)
        started: Any = placed["payment"] or self.ask("POST", "/me/payments", {"order_id": order_id}).body
        if len(self.methods) > 1 and self.happens(0.3):
            started = self.choose_again(order_id, started)
        if not (started or {}).get("intent_id"):
            return
        self.pay_as_told(started)
        if self.happens(0.5):
            self.spend(0.0, 5.0)
            self.ask("POST", f"/me/payments/{order_id}/return")

    def choose_again(self, order_id: str, started: Any) -> Any:
        """By which method it is to be paid; the telephone may show the former code all the same."""
        if self.happens(0.5):
            self.besides(f"{self.name}/pays", self.pay_with_good, started, after=self.chance.uniform(0.0, 60.0))
        return self.ask("POST", "/me/payments", {"order_id": order_id, "method": self._chosen()}).body

    def pay_as_told(self, started: Any) -> None:
        """Twice at once, with whatever card, or with the telephone."""
        if self.happens(0.1):
            self.besides(f"{self.name}/pays", self.pay_with_good, started)
        if started["method"] in self.world.telephones:
            self.pay_with_good(started)
            return
        card = self.chance.choice(CARDS)
        self.use_card(started["client_secret"], card)
        if card == DECLINED and self.happens(0.7):
            self.use_card(started["client_secret"], GOOD)

    def pay_with_good(self, started: Any) -> None:
        """Money, whichever way; nothing where no payment was begun."""
        said = started or {}
        if telephone := self.world.telephones.get(said.get("method", "")):
            telephone.scan(said["intent_id"])
        elif said.get("client_secret"):
            self.use_card(said["client_secret"], GOOD)

    def use_card(self, secret: str, card: str) -> None:
        intent = self.world.provider.confirm(secret, card)
        if intent.get("status") == "requires_action" and self.happens(0.8):
            self.spend(5.0, 200.0)
            self.world.provider.authenticate(intent["id"], succeeds=self.happens(0.8))

    def cancel(self, order_id: str) -> None:
        self.ask("POST", f"/me/orders/{order_id}/cancel", {"reason": "changed my mind"})

    # -- afterwards
    def follow(self, order_id: str) -> None:
        """Looks now and then how it is; says that it has arrived, and may want money back."""
        for _ in range(3):
            self.spend(0.0, 1.5 * DAY)
            order = self.ask("GET", f"/me/orders/{order_id}")
            if order.status != 200:
                continue
            if order["became"]:
                order_id = self.chance.choice(order["became"])["order_id"]
                continue
            for shortage in order["shortages"]:
                if shortage["status"] in ("open", "waiting") and self.happens(0.8):
                    self.answer(order, shortage)
            if order["status"] == "part_shipped" and self.happens(0.2):
                self.cancel(order_id)
            if order["status"] == "ready" and self.happens(0.6):
                self.fetch(order)
            if order["status"] == "shipped" and self.happens(0.6):
                self.ask("POST", f"/me/orders/{order_id}/received")
            if order["status"] in ("part_shipped", "shipped", "received") and self.happens(0.4):
                self.ask_refund(order)

    def answer(self, order: Answer, shortage: Any) -> None:
        """Waits, takes what is offered, or wants the money back."""
        offered = [one["sku"] for one in shortage["substitutes"]]
        until = self.world.now().date() + timedelta(days=self.chance.randint(1, 4))
        choices = [{"choice": "wait", "until": until.isoformat()}, {"choice": "refund"}]
        choices += [{"choice": "substitute", "sku": sku} for sku in offered]
        said = self.chance.choice(choices)
        self.ask("POST", f"/me/shortages/{order['order_id']}/{shortage['shortage_id']}", said)

    def fetch(self, order: Answer) -> None:
        """At the counter, where the code may be read out backwards, or twice."""
        code = order["pickup"]["code"]
        counter = Clerk(self.world, "clerk-counter")
        if self.happens(0.2):
            counter.hand_out(order["order_id"], order["pickup_store_id"], code[::-1])
        for _ in range(2 if self.happens(0.2) else 1):
            counter.hand_out(order["order_id"], order["pickup_store_id"], code)

    def ask_refund(self, order: Answer) -> None:
        line = order["lines"][0]
        units = self.chance.randint(1, line["quantity"])
        kind = self.chance.choice(("refund", "refund", "return", "exchange"))
        wanted = {"sku": line["sku"], "quantity": units}
        if kind == "exchange":
            wanted["instead"] = self.chance.choice(GOODS)
        wish = {"order_id": order["order_id"], "kind": kind, "lines": [wanted], "reason": "damaged"}
        self.ask("POST", "/me/refunds", wish)
