"""Who keeps the books and the bank account: vouchers, transfers, rates, and what merchants are owed."""

from souk.kernel import clock
from tests.simulation.delivery import Letter
from tests.simulation.staff import Clerk
from tests.support.market import RENT
from tests.support.settlements import PAYOUT
from tests.support.shop import Answer

DAY = 86400.0
LAST_DAY = "2026-10-31"  # of the month before the shop opens
RATES = ("0.9312", "1.0843", "1.2007")  # what one euro is in dollars, from one hour to the next


class Accountant(Clerk):
    def keep_books(self, rounds: int) -> None:
        """Vouchers of this month and the last, which is closed when it can be; now and then a finger is too quick."""
        for number in range(rounds):
            self.spend(0.0, 86400.0)
            dated = LAST_DAY if self.happens(0.6) else None
            if self.happens(0.3):
                self.besides("again", self.post_voucher, f"{number}", dated)
            if self.happens(0.6):
                self.besides("closes", self.close_month)
            posted = self.post_voucher(f"{number}", dated)
            if posted.status == 201 and self.happens(0.3):
                self.void_voucher(posted["voucher_id"])

    def post_voucher(self, number: str, dated: str | None = None) -> Answer:
        return self.ask("POST", "/staff/ledger/vouchers", RENT | {"reference": f"RENT-{number}", "dated": dated})

    def void_voucher(self, voucher_id: str) -> None:
        self.ask("POST", f"/staff/ledger/vouchers/{voucher_id}/void")

    def enter_transfer(self, number: str, amount_minor: int, currency: str = "EUR") -> Answer:
        came = {"received_on": clock.now().date().isoformat(), "amount_minor": amount_minor, "currency": currency}
        return self.ask("POST", "/staff/bank-transfers", came | {"bank_reference": f"BK-{number}"})

    def match_transfer(self, transfer_id: str, order_id: str) -> None:
        number = {"number": self.world.checker.orders[order_id].number}
        self.ask("POST", f"/staff/bank-transfers/{transfer_id}/match", number)

    def close_month(self) -> Answer:
        return self.ask("POST", f"/staff/ledger/periods/{LAST_DAY[:7]}/close")

    def adjust_merchant(self, merchant_id: str, amount_minor: int, number: str) -> Answer:
        said = {"reference": f"ADJ-{number}", "currency": "EUR", "amount_minor": amount_minor, "reason": "as agreed"}
        return self.ask("POST", f"/staff/settlements/{merchant_id}/adjustments", said)

    def pay_merchant(self, merchant_id: str, month: str, reference: str = "OUT-11") -> Answer:
        said = PAYOUT | {"bank_reference": reference}
        return self.ask("POST", f"/staff/settlements/{merchant_id}/{month}/EUR/payout", said)

    def settle_with(self, merchant_id: str, month: str) -> None:
        """Given or taken something before the month is closed and after it; paid out, by two who know nothing of it."""
        for number in range(6):
            self.spend(0.4 * DAY, 1.2 * DAY)
            self.adjust_merchant(merchant_id, self.chance.choice((-900, -200, 500)), f"{number}")
            self.world.delivery.send(Letter("CloseSettlements", {}))
            if self.happens(0.4):
                self.besides("again", self.pay_merchant, merchant_id, month, "OUT-12")
            self.pay_merchant(merchant_id, month)

    def change_rates(self) -> None:
        for _ in range(4):
            self.spend(0.0, 1.5 * DAY)
            self.ask("POST", "/staff/rates", {"rates": {"USD": self.chance.choice(RATES)}})

    def receive(self, order_id: str) -> None:
        """What a buyer has sent to the bank instead: all of it, or not enough, or too much; or for something else."""
        order = self.world.checker.orders[order_id]
        amount_minor = order.total_minor + self.chance.choice((0, 0, 0, -100, 250))
        came = self.enter_transfer(order.number, amount_minor, order.currency)
        if came.status == 201 and self.happens(0.8):
            if self.happens(0.3):
                self.besides("again", self.match_transfer, came["transfer_id"], order_id)
            self.match_transfer(came["transfer_id"], order_id)
        elif came.status == 201 and self.happens(0.5):
            path = f"/staff/bank-transfers/{came['transfer_id']}/send-back"
            self.ask("POST", path, {"bank_reference": f"OUT-{order.number}"})
