"""Freezes and posts the lines of stocktakes, however many they are."""

from souk.domains.inventory.actions import stocktakes
from souk.domains.inventory.events import StocktakeCounted, StocktakeOpened
from souk.edge.task import on


def freeze_lines(fact: StocktakeOpened) -> None:
    stocktakes.freeze(fact.stocktake_id)


def post_lines(fact: StocktakeCounted) -> None:
    stocktakes.post(fact.stocktake_id)


handler = on((StocktakeOpened, freeze_lines), (StocktakeCounted, post_lines))
