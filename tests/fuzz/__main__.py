"""`make fuzz`: requests by the thousand, in shop after shop, until there were enough; a seed repeats them."""

import argparse
import os
from contextlib import redirect_stdout

from tqdm import tqdm

from tests.support.shop import environment

EXAMPLES = 40  # a route and a shop: a table that grew long would only slow the shop down


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    # Read once, when the functions are imported.
    os.environ.update(environment() | {"POWERTOOLS_LOG_LEVEL": "ERROR"})
    from tests.fuzz.routes import Outcome, fuzz

    whole, seed = Outcome(), asked.seed
    # Metrics are printed; what the log has to say of a fault goes its own way.
    with tqdm(total=asked.cases, unit=" cases") as bar, open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        while whole.cases < asked.cases:
            whole.add(fuzz(seed, EXAMPLES, coverage=seed == asked.seed, progress=bar.update))
            seed += 1
    for told, request in whole.failures.items():
        print(f"\n{told}\n{request}")
    counted = ", ".join(f"{number} {kind}" for kind, number in whole.by_class().items())
    print(f"\n{whole.cases} cases from seed {asked.seed}: {counted}; {len(whole.failures)} failures")
    return 1 if whole.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
