"""The settings that hold now, as they are asked for."""

from datetime import timedelta
from typing import NamedTuple

from souk.domains.stores.model.settings import ShopSettings
from souk.kernel.kept import kept
from souk.table import ask, keys


def settings() -> ShopSettings:
    """What was set, or the defaults."""
    return ask.find(keys.SETTINGS, ShopSettings) or ShopSettings()


class AtHand(NamedTuple):
    settings: ShopSettings


@kept(timedelta(seconds=20))
def at_hand() -> AtHand:
    """The shop as buyers meet it: at most twenty seconds old."""
    return AtHand(settings())
