"""The exchange: of what it can be, and how its case follows the order of the other goods."""

from collections.abc import Iterable, Sequence

from souk.domains.aftersales.model.pricing import Bought
from souk.kernel.errors import Conflict

# Of one that is split or merged other orders send the goods; of one that is cancelled the money goes back.
_AFTER = {"shipped": "replaced", "split": "replaced", "merged": "replaced", "cancelled": "refunded"}


class NotExchanged(Conflict):
    title = "These goods can be given back, but not exchanged"


def need_exchangeable(skus: Iterable[str], bought: Sequence[Bought], *, at_till: bool) -> None:
    """What they are worth must not change before they are back, so no more of them may be left to send.

    What was paid at a till is exchanged there: it is given back, and other goods are sold.
    """
    if at_till:
        raise NotExchanged("They were paid for at a till")
    leaving = {line.sku for line in bought if line.quantity > line.shipped + line.left_out}
    for sku in skus:
        if sku in leaving:
            raise NotExchanged(f"More of {sku} are still to be sent", sku=sku)


def after_replacement(order_status: str) -> str | None:
    return _AFTER.get(order_status)
