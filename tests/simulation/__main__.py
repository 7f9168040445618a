"""`make simulate`: one history with all that happened in it, thousands of them on every core, or pairs of faults."""

import argparse
import os
import sys

from tests.support.shop import environment


def main() -> bool:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this history")
    parser.add_argument("--histories", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="the first seed of them")
    parser.add_argument("--pairs", type=float, metavar="SHARE", help="two faults in each scenario: 1 is every pair")
    asked = parser.parse_args()
    # Read once, when the functions are imported.
    os.environ.update(environment())
    from tests.simulation import pairs
    from tests.simulation.run import replay, run

    if asked.pairs is not None:
        return pairs.of_scenarios(asked.pairs)
    return run(asked.first, asked.histories) if asked.seed is None else replay(asked.seed)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
