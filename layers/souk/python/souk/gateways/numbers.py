"""The numbers that Chinese payment providers know our payments and refunds by: each tells whose it is.

They are made anew from what they name, so that what is asked for again meets its first run. `mark` stands between
their parts, for each provider has letters of its own.
"""

import re

# What orders and top-ups begin with is written shorter, or WeChat Pay's 32 characters would not do.
_SHORTER = {"ord_": "", "top_": "T"}


def of_attempt(order_id: str, attempt: int, mark: str) -> str:
    return f"{_short(order_id)}{mark}{attempt}"


def attempt_of(number: str, mark: str) -> tuple[str, int]:
    """Order and attempt; none and 0 where the number is not of ours."""
    short, _, attempt = number.rpartition(mark)
    order_id = _long(short)
    return (order_id, int(attempt)) if order_id and re.fullmatch("[0-9]{1,3}", attempt, re.ASCII) else ("", 0)


def of_refund(order_id: str, refund_id: str, mark: str) -> str:
    """Names the refund's own order too, for a merged or split one is paid out of what was paid for another."""
    return f"{refund_id}{mark}{_short(order_id)}"


def refund_of(number: str, mark: str) -> tuple[str, str]:
    """Order and refund; no order where the number is not of ours."""
    refund_id, _, short = number.rpartition(mark)
    return _long(short), refund_id


def _short(order_id: str) -> str:
    return f"{_SHORTER[order_id[:4]]}{order_id[4:]}"


def _long(short: str) -> str:
    found = re.fullmatch("(T?)([0-9A-Z]{26})", short, re.ASCII)
    return f"{'top_' if found[1] else 'ord_'}{found[2]}" if found else ""
