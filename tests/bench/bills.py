"""`make bills`: a provider's bill of a busy day held against the books, in one run of the function that does it.

The table is in memory and the bucket is moto's, so the seconds are those of the function's own work; what it asks of
DynamoDB is counted.
"""

import argparse
import logging
import resource
import time
from collections import Counter

import pytest

from tests.support import bills, files
from tests.support.many_lines import DAY, traded, wrong
from tests.support.shop import opened
from tests.support.table import calls, units_written

FAULTS = 100
TABLE_SECONDS = 0.01  # of a call to DynamoDB from within its region, at most


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--lines", type=int, default=100_000)
    lines = asked.parse_args().lines
    with pytest.MonkeyPatch.context() as patch, opened(patch) as shop:
        shop.keep_in_memory()
        logging.disable()
        content = wrong(traded(lines), FAULTS)
        ticket = bills.ask(shop, len(content), DAY)
        files.send_up(ticket, content)
        made, units = calls(patch, of="ReadBill"), units_written(patch)
        before, began = _peak_megabytes(), time.process_time()
        bills.read(shop, ticket["bill_id"])
        spent, counted = time.process_time() - began, Counter(made)
        found = bills.bill(shop, ticket["bill_id"])
    assert (found["status"], found["matched"]) == ("compared", lines - FAULTS), found
    print(f"{lines:,} movements, {lines - FAULTS:,} lines in the bill ({len(content) / 1e6:.1f} MB)")
    print(f"{spent:.1f} s of CPU, {_peak_megabytes() - before:.0f} MB more memory")
    print(f"{len(made)} calls to the table ({dict(counted)}): {TABLE_SECONDS * len(made):.1f} s")
    print(f"{sum(units)} write units, all of them for the {FAULTS} differences and the sums")


def _peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
