"""Closes the settlements of the months that are over."""

from souk.domains.settlement.actions import settlements
from souk.edge.task import task
from souk.kernel.caller import system


def close_settlements() -> None:
    settlements.close_what_is_over(system("close_settlements"))


handler = task(close_settlements)
