"""The merchant as goods and orders need one: who sells them, and whether they may at this moment."""

from souk.kernel.shapes import Noun


class Seller(Noun):
    """`name` is what buyers read."""

    merchant_id: str
    name: str
    status: str

    @property
    def sells(self) -> bool:
        return sells(self.status)


def sells(status: str) -> bool:
    """Only who is active."""
    return status == "active"
