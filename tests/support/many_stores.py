"""Ten thousand stores in one country: more than anybody would open one by one."""

from random import Random

from souk.domains.stores import actions
from souk.domains.stores.model.store_edit import StoreOpening
from souk.kernel import kept
from tests.support.market import STORE
from tests.support.shop import Shop

SOUTH, NORTH, WEST, EAST = 42_000_000, 51_000_000, -4_000_000, 8_000_000
TOWNS, IN_TOWN = 40, 100_000  # half of them stand in towns, within a tenth of a degree


def open_many(shop: Shop, number: int, reach_metres: int | None = None) -> list[str]:
    """Their ids; by the command, for the doors would take minutes."""
    chance, towns = Random(number), [anywhere(Random(town)) for town in range(TOWNS)]
    opened = []
    for one in range(number):
        latitude, longitude = anywhere(chance)
        if one % 2:
            latitude, longitude = (x + chance.randint(-IN_TOWN, IN_TOWN) for x in chance.choice(towns))
        draft = STORE | {
            "name": f"Souk {one}",
            "address": {**STORE["address"], "country": "FR"},  # type: ignore[dict-item]
            "point": {"latitude_micro": latitude, "longitude_micro": longitude},
            "reach": {"metres": reach_metres} if reach_metres else None,
        }
        opened.append(actions.open_store(StoreOpening.model_validate(draft), by=shop.boss).store_id)
    kept.forget_all()
    return opened


def anywhere(chance: Random) -> tuple[int, int]:
    return chance.randint(SOUTH, NORTH), chance.randint(WEST, EAST)
