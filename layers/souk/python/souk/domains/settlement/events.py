"""What is told of settlements."""

from souk.kernel.fact import Fact


class SettlementClosed(Fact):
    """For good: `payable_minor` is `due` to the merchant, or `carried` over into the next month."""

    merchant_id: str
    month: str
    currency: str
    status: str
    payable_minor: int


class SettlementPaid(Fact):
    """Head office has transferred `payable_minor` to the merchant, under its bank's reference."""

    merchant_id: str
    month: str
    currency: str
    payable_minor: int
    bank_reference: str
