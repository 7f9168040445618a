"""`make replay DATA=folder [ORDERS=n]`: lives through somebody's orders in the local shop and checks its reports.

Everything goes over HTTP, as the shop's own people would do it. What was done is remembered beside the shop's state,
so that a replay that was interrupted goes on and repeats nothing.
"""

import argparse
import re
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Any

from infra.local.client import CARD, Client, Refused, running_shops_card
from infra.local.processes import Trouble
from infra.local.replay.journal import Journal
from infra.local.replay.judge import judge, need_reportable
from infra.local.replay.layout import read
from infra.local.replay.rows import BadData
from infra.local.replay.runner import Runner

# With `state` the whole shop begins anew, and so do its replays.
JOURNALS = CARD.parent / "state"
LONGEST_NAME = 12  # with a product's id it makes a SKU


def replay(
    shop: dict[str, Any], folder: Path, count: int | None, journals: Path = JOURNALS, stop: Event | None = None
) -> list[str]:
    """What differs between the shop's reports and the files, after their first `count` orders.

    Once `stop` is set it ends after the step under way.
    """
    user = next(user for user in shop["users"] if user["role"] == "owner")
    owner = Client(shop["api"]).sign_in(user["username"], user["password"])
    data = read(folder, owner.get("/staff/settings")["currency"])
    orders = data.orders[:count]
    if not orders:
        raise Trouble(f"There are no orders in {folder}.")
    need_reportable(orders)
    name = re.sub("[^A-Z0-9]", "", folder.resolve().name.upper())[:LONGEST_NAME] or "DATA"
    journals.mkdir(parents=True, exist_ok=True)
    journal = Journal(journals / f"replay-{name.lower()}.json", folder, stop or Event())
    run = Runner(shop, owner, name, data, journal)
    run.furnish()
    run.live(orders)
    return judge(owner, orders, f"{name}-", data.currency, journal.need_to_go_on)


def stop_between_steps() -> Event:
    """Ctrl-C sets the event; a second one ends the replay at once."""
    stop = Event()

    def asked(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, asked)
    return stop


def main() -> int:
    parser = argparse.ArgumentParser(prog="make replay", description=__doc__)
    parser.add_argument("folder", type=Path, help="CSV files in the layout of infra/local/replay/README.md")
    parser.add_argument("--orders", type=int, help="only the first so many, by date")
    options = parser.parse_args()
    if options.orders is not None and options.orders < 1:
        parser.error("--orders is at least 1")
    try:
        found = replay(running_shops_card(), options.folder, options.orders, stop=stop_between_steps())
    except (Trouble, BadData, Refused) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    for difference in found:
        print(f"  {difference}", file=sys.stderr)
    print(f"\n{len(found)} differences." if found else "\nEvery figure agrees.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
