"""`make rush`: everyday goods and a flash sale under the same rush, and what each partition has to write for it."""

import argparse
import os
from contextlib import redirect_stdout

import pytest

from tests.support.shop import environment, opened
from tests.support.stripe import running


def main() -> None:
    parser = argparse.ArgumentParser(prog="make rush", description=__doc__)
    parser.add_argument("--buyers", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=1_000)
    parser.add_argument("--shards", type=int, default=16)
    asked = parser.parse_args()
    # Read once, when the functions are imported.
    os.environ.update(environment() | {"POWERTOOLS_LOG_LEVEL": "ERROR"})
    from tests.rush.counting import Rush, in_sale, plain
    from tests.support.market import Market

    found: dict[str, Rush] = {}
    with pytest.MonkeyPatch.context() as patch, running() as stripe, opened(patch) as shop:
        patch.setenv("STRIPE_API", stripe.url)
        market = Market(shop, stripe)
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
            found["everyday goods"] = plain(market, asked.buyers, asked.units)
            found[f"a flash sale in {asked.shards} shards"] = in_sale(market, asked.buyers, asked.units, asked.shards)
    for name, rush in found.items():
        print(f"\n{name}: {dict(rush.outcomes)}, {rush.failed} writes that failed")
        print("write units:", *rush.fullest(rush.writes), sep="\n  ")
        print("read units:", *rush.fullest(rush.reads), sep="\n  ")
        print(f"orders a second, by the fullest partition: {rush.orders_a_second()}")
        print(f"buyers a second, by the most read partition: {rush.buyers_a_second()}")


if __name__ == "__main__":
    main()
