"""Who has a card kept buys with one click: what they do, and what befalls such an order."""

from collections.abc import Mapping
from functools import partial

from souk.domains.payments.model.kept import MethodBook
from souk.domains.payments.model.mandate import Mandate
from souk.table import keys
from tests.simulation.buyers import Buyer
from tests.simulation.people import People, Scenario
from tests.simulation.provider import ALWAYS_ASKS, ASKS_WHO_IS_THERE, GOOD, NEVER_PAYS
from tests.simulation.world import GOODS, TRIES
from tests.support.market import ADDRESS, CONTACT
from tests.support.shop import Answer

CARDS = (GOOD, GOOD, ASKS_WHO_IS_THERE, ALWAYS_ASKS, NEVER_PAYS)
CHARGE_MINOR, DAY_MINOR = 5_000, 7_000


class Clicker(Buyer):
    def settle_in(self, card: str) -> str:
        """An address and a card are kept; the card's id, or none where nobody answers."""
        self.ask("POST", "/me/addresses", {"address": ADDRESS})
        for _ in range(TRIES):
            begun = self.ask("POST", "/me/payment-methods")
            if begun.status == 201:
                self.world.provider.keep(begun["client_secret"], card)
                book = self.ask("POST", "/me/payment-methods/return")
                if book.status == 200 and book["items"]:
                    return str(book["items"][-1]["method_id"])
        return ""

    def agree(self, method_id: str) -> Answer:
        said = {"charge_limit_minor": CHARGE_MINOR, "day_limit_minor": DAY_MINOR, "terms_version": "1"}
        return self.ask("POST", "/me/payment-mandates", {"method_id": method_id, **said})

    def click(self, wanted: Mapping[str, int], key: str) -> Answer:
        lines = [{"sku": sku, "quantity": units} for sku, units in wanted.items()]
        return self.place("/me/one-click-orders", {"lines": lines, "contact": CONTACT}, key)

    def buy_by_clicks(self) -> None:
        """More at once than a day lets be charged; now and then the mandate or the card is taken back meanwhile."""
        method_id = self.settle_in(self.chance.choice(CARDS))
        agreed = self.agree(method_id) if method_id and self.happens(0.7) else None
        for number in range(4):
            self.besides(f"{self.name}/{number}", self.click_and_pay, f"click-{number}")
        if agreed and agreed.status == 201 and self.happens(0.3):
            kept = f"mandates/{agreed['mandate_id']}" if self.happens(0.5) else f"methods/{method_id}"
            after = self.chance.uniform(0.0, 2.0)
            self.besides(f"{self.name}/revokes", self.ask, "DELETE", f"/me/payment-{kept}", after=after)

    def click_and_pay(self, key: str) -> None:
        """Twice, perhaps; then as the bank wants, or by another card, or not at all."""
        wanted = {self.chance.choice(GOODS): self.chance.randint(1, 2)}
        if self.happens(0.3):
            self.besides(f"{self.name}/again", self.click, wanted, key)
        self.go_on_with(self.click(wanted, key))
        if self.happens(0.3):
            self.spend(0.0, 60.0)
            self.click(wanted, key)

    def go_on_with(self, bought: Answer) -> None:
        said = bought.body or {}
        payment = said.get("payment") or {}
        if said.get("standing") == "declined":
            self.pay_with_good(payment)
        elif card := (payment.get("action") or {}).get("payment_method"):
            intent = self.world.provider.confirm(payment["client_secret"], card)
            if intent.get("status") == "requires_action":
                self.world.provider.authenticate(intent["id"], succeeds=not self.happens(0.3))


def clicked(people: People, card: str, by_mandate: bool = False) -> None:
    """Bought, and let go whether or not it could be paid: each finds its money where it was."""
    clicker = Clicker(people.world, "ines")
    _settled(people, clicker, card, by_mandate)
    people.wait()
    people.go_on()
    bought = people.then(people.until, 201, clicker.click, {"CUP": 1}, "once")
    if bought["standing"] != "paid":
        clicker.go_on_with(clicker.click({"CUP": 1}, "once"))
        people.then(clicker.click, {"CUP": 1}, "once")
    (order_id,) = people.world.checker.orders
    people.then(clicker.cancel, order_id)


def kept_and_taken_away(people: People) -> None:
    """With its mandate: neither is left, here or at the provider."""
    clicker, world = Clicker(people.world, "ines"), people.world
    method_id = _settled(people, clicker, GOOD, by_mandate=True)
    while clicker.ask("DELETE", f"/me/payment-methods/{method_id}").status not in (204, 404):
        people.wait()
    people.wait()
    attached = [one["id"] for one in world.provider.objects("payment_method") if one["customer"]]
    (book,) = world.checker.rows(keys.METHOD_BOOK, MethodBook)
    held = [one for one in world.checker.rows(keys.MANDATE, Mandate) if one.revoked_at is None]
    world.checker.need(not (attached or book.methods or book.mandates or held), "I35", (attached, book, held))


def _settled(people: People, clicker: Clicker, card: str, by_mandate: bool) -> str:
    method_id = ""
    while not method_id:
        method_id = clicker.settle_in(card)
    while by_mandate and clicker.agree(method_id).status != 201:
        people.wait()
    return method_id


SCENARIOS: Mapping[str, Scenario] = {
    "a card kept and taken away": kept_and_taken_away,
    "one click": partial(clicked, card=GOOD),
    "one click, and the bank asks": partial(clicked, card=ASKS_WHO_IS_THERE),
    "one click by a mandate": partial(clicked, card=ASKS_WHO_IS_THERE, by_mandate=True),
    "one click by a mandate, and the bank asks": partial(clicked, card=ALWAYS_ASKS, by_mandate=True),
    "one click by a mandate, and the bank says no": partial(clicked, card=NEVER_PAYS, by_mandate=True),
}
