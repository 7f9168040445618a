"""docs/cost.md: what a million orders cost, from the counts of one (cost.tsv), and what a month costs without any."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tests.house.code import counted
from tests.house.pages.markdown import PRINTED, code, table
from tests.support import template
from tests.support.cloudwatch import Alarm
from tests.support.life import PRODUCTS, SHELVES, TREES

FILE = Path(__file__).with_suffix(".tsv")
Counts = Mapping[str, Decimal]
ORDERS, GOAL = 1_000_000, 100  # and the dollars that they should cost at most
MILLION, GB = Decimal(1_000_000), Decimal(10**9)

# Assumed, where this repository cannot measure.
MILLISECONDS = 30  # billed for a call of a warm function, the provider's answer not waited for
HEADER_BYTES = 500  # of an answer, the gateway's own included
SAMPLED = Decimal("0.05")  # of all traces, by X-Ray's default rule
ARCHIVED = Decimal("0.15")  # of what logs weigh when they come in, by CloudWatch's own estimate
POLLERS, POLL_SECONDS = 5, 20  # of a queue that a function reads
KEY_MINUTES = 5  # for which DynamoDB keeps the table's key open for a caller
DAYS = 30
EXPORT_DAYS = 6  # from one export to the next


class Price(NamedTuple):
    usd: str
    per: Decimal
    unit: str
    list: str


READ_ON = "2026-11-22"
PRICES = {
    "requests": Price("3.50", MILLION, "million requests", "API Gateway, REST, first 333 million a month"),
    "http": Price("1.00", MILLION, "million requests", "API Gateway, HTTP, first 300 million a month"),
    "firewall": Price("0.60", MILLION, "million requests", "WAF"),
    "calls": Price("0.20", MILLION, "million calls", "Lambda"),
    "compute": Price("0.0000133334", Decimal(1), "GB second", "Lambda, arm64"),
    "writes": Price("0.625", MILLION, "million write units", "DynamoDB, on demand"),
    "capacity": Price("0.00065", Decimal(1), "write unit a second, and hour", "DynamoDB, provisioned"),
    "reads": Price("0.125", MILLION, "million read units", "DynamoDB, on demand"),
    "transitions": Price("25.00", MILLION, "million transitions", "Step Functions, Standard"),
    "facts": Price("1.00", MILLION, "million events of 64 KB", "EventBridge, custom events"),
    "timers": Price("1.00", MILLION, "million invocations", "EventBridge Scheduler"),
    "logs": Price("0.50", Decimal(1), "GB taken in", "CloudWatch Logs"),
    "archive": Price("0.03", Decimal(1), "GB and month", "CloudWatch Logs"),
    "traces": Price("5.00", MILLION, "million traces recorded", "X-Ray"),
    "answers": Price("0.09", Decimal(1), "GB to the internet", "EC2, data transfer, first 10 TB a month"),
    "member": Price("0.0055", Decimal(1), "user who is active in a month", "Cognito, Lite, beyond 10,000"),
    "storage": Price("0.25", Decimal(1), "GB and month", "DynamoDB"),
    "recovery": Price("0.20", Decimal(1), "GB and month", "DynamoDB, point-in-time recovery"),
    "copies": Price("0.10", Decimal(1), "GB and month", "AWS Backup, DynamoDB, each copy whole"),
    "export": Price("0.10", Decimal(1), "GB exported", "DynamoDB, export to S3"),
    "files": Price("0.023", Decimal(1), "GB and month", "S3, Standard"),
    "key": Price("1.00", Decimal(1), "key and month", "KMS"),
    "key calls": Price("0.03", Decimal(10_000), "10,000 requests", "KMS"),
    "secret": Price("0.40", Decimal(1), "secret and month", "Secrets Manager"),
    "alarm": Price("0.10", Decimal(1), "metric of an alarm and month", "CloudWatch"),
    "metric": Price("0.30", Decimal(1), "custom metric and month", "CloudWatch"),
    "dashboard": Price("3.00", Decimal(1), "dashboard and month, beyond three", "CloudWatch"),
    "acl": Price("5.00", Decimal(1), "web ACL and month", "WAF"),
    "rule": Price("1.00", Decimal(1), "rule and month", "WAF"),
    "polls": Price("0.40", MILLION, "million requests", "SQS, standard queues"),
}


class Line(NamedTuple):
    """What is paid for an order: so many of the price's units."""

    what: str
    amount: Callable[[Counts], Decimal]


LINES = {
    "requests": Line("Requests at the gateway", lambda one: one["requests"]),
    "firewall": Line("Requests seen by the firewall", lambda one: one["requests"]),
    "calls": Line("Calls of functions", lambda one: one["calls"]),
    "compute": Line("Their GB seconds", lambda one: one["megabytes"] / 1024 * MILLISECONDS / 1000),
    "writes": Line("Write units, index copies included", lambda one: one["write_units"] + one["index_units"]),
    "reads": Line("Read units", lambda one: one["read_units"]),
    "transitions": Line("Transitions of its workflow", lambda one: one["transitions"]),
    "facts": Line("Facts on the bus", lambda one: one["facts"]),
    "timers": Line("Timers that fire", lambda one: one["timers"]),
    "logs": Line("GB of log", lambda one: one["log_bytes"] / GB),
    "archive": Line(
        "GB of log kept, for its months", lambda one: one["log_bytes"] / GB * ARCHIVED * _log_days() / DAYS
    ),
    "traces": Line("Traces", lambda one: (one["requests"] + one["facts"] + one["timers"]) * SAMPLED),
    "answers": Line("GB of answers", lambda one: (one["answer_bytes"] + one["requests"] * HEADER_BYTES) / GB),
}


def _log_days() -> int:
    return int(template.read()["Parameters"]["LogDays"]["Default"])


def counts() -> dict[str, Counts]:
    """Of one order, step by step."""
    with FILE.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {row.pop("step"): {unit: Decimal(number) for unit, number in row.items()} for row in rows}


def written(steps: Mapping[str, Counts]) -> str:
    """The text of the file."""
    rows: list[list[object]] = [["step", *next(iter(steps.values()))]]
    rows += [[name, *step.values()] for name, step in steps.items()]
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)


def cost(price: str, amount: Decimal | int) -> Decimal:
    return amount * Decimal(PRICES[price].usd) / PRICES[price].per


def of_orders(one: Counts, *only: str) -> Decimal:
    """Dollars for a million times these counts."""
    return sum((cost(name, LINES[name].amount(one) * ORDERS) for name in only or LINES), Decimal())


def whole(steps: Mapping[str, Counts]) -> dict[str, Decimal]:
    units = next(iter(steps.values()))
    return {unit: sum((step[unit] for step in steps.values()), Decimal()) for unit in units}


# -- the page
def page() -> str:
    steps = counts()
    return "\n".join([*_summary(steps), *_assumptions(steps), *_cuts(steps), *_kept(whole(steps)), *_month(), *_list()])


def _summary(steps: Mapping[str, Counts]) -> Iterator[str]:
    one = whole(steps)
    total, browsing = of_orders(one), of_orders(steps["browse"])
    dearest = sorted(LINES, key=lambda name: of_orders(one, name), reverse=True)
    heavy = [f"{LINES[name].what.lower()} ({usd(of_orders(one, name))})" for name in dearest[:3]]
    checkout = steps["check out"]
    with_webhook = checkout["requests"] + steps["ask for a quote"]["requests"] + 1
    narrow = {**checkout, "requests": with_webhook, "transitions": one["transitions"]}
    narrowly = of_orders(narrow, "requests", "writes", "transitions")
    verdict = "kept" if narrowly <= GOAL else "missed"
    yield f"""# Cost

{PRINTED}

What one order of three lines uses is counted by `tests/support/life.py`, which lives it through door by door, from
looking around to its completion. Prices are AWS's list prices for us-east-1, without free tiers and discounts.

**A million orders cost {usd(total)} USD, a thousand {usd(total / 1000)}**, from the first page looked at to their
completion. {usd(browsing)} of it is looking around, {usd(total - browsing)} are the orders themselves. Most of it:
{"; ".join(heavy)}.

The goal of {GOAL} a million was put together from three requests at the gateway, twenty write units and three
transitions. Here these are {with_webhook} requests (quote, checkout, webhook), the checkout's
{LINES["writes"].amount(narrow)} write units and {one["transitions"]} transitions: {usd(narrowly)} USD. Counted like
that the goal is {verdict}; counted all in it is missed {total / GOAL:.1f} times over, and
{(total - browsing) / GOAL:.1f} times without the looking around.

## A million orders, line by line
"""
    rows = [
        [LINES[name].what, f"{LINES[name].amount(one):.7f}".rstrip("0").rstrip("."), usd(of_orders(one, name))]
        for name in dearest
    ]
    yield table(["What", "Of one order", "USD a million"], [*rows, ["**Together**", "", f"**{usd(total)}**"]])
    yield "## Step by step\n"
    units = ("requests", "calls", "write_units", "index_units", "read_units", "facts", "deliveries")
    head = ["Step", *(unit.replace("_", " ").capitalize() for unit in units), "USD a million"]
    every = {**steps, "**Together**": one}
    yield table(head, [[name, *(step[unit] for unit in units), usd(of_orders(step))] for name, step in every.items()])


def _assumptions(steps: Mapping[str, Counts]) -> Iterator[str]:
    one = whole(steps)
    yield f"""## What is assumed

- For each order {TREES + SHELVES + PRODUCTS} pages are looked at: the categories {TREES} times, {SHELVES} pages
  of twenty products, {PRODUCTS} products. Pictures come from a CDN and are not counted, nor is the web page itself.
- The buyer is a guest. A member is {PRICES["member"].usd} USD in each month in which they sign in, beyond the first
  10,000: a million members who buy once are {usd(cost("member", ORDERS - 10_000))} USD on top, for Cognito alone.
- A call of a function is billed {MILLISECONDS} ms, warm; cold starts and the provider's time to answer are on top.
  Another ten milliseconds are {usd(of_orders(one, "compute") * 10 / MILLISECONDS)} USD.
- A transition is a state that is entered; should AWS count the start as one too, that is
  {PRICES["transitions"].usd} USD more. Nothing is tried again, nothing is sent back, no card is declined.
- A fact is handed to its function alone; a busy stream hands over up to 25 at once, which costs fewer calls.
- What a process keeps for some seconds (settings, stores, secrets) it has: there are many orders a minute.
- Of a call that succeeds Lambda itself writes nothing into the log (`SystemLogLevel`: WARN), by its documentation;
  nobody has seen that on AWS. Logs are kept for `LogDays`, at {ARCHIVED:.0%} of their weight.
- {HEADER_BYTES} bytes of an answer are its headers. X-Ray records {SAMPLED:.0%} of the traces.
- The provider sends the events that the shop asks for: of a payment that succeeds, one.
- Reading is billed by the page of 4 KB: what is read of one partition counts as one item, and of an index half.
- {one["stripe_calls"]} calls of the provider, and its fee for each payment, are not AWS's.
"""


def _cuts(steps: Mapping[str, Counts]) -> Iterator[str]:
    one, browse = whole(steps), steps["browse"]
    saved = of_orders(browse, *(name for name in LINES if name != "answers")) * Decimal("0.9")
    http = cost("http", one["requests"] * ORDERS)
    cheaper = of_orders(one, "requests", "firewall") - http
    provisioned = of_orders(one, "writes") - cost("capacity", LINES["writes"].amount(one) * ORDERS * 2 / 3600)
    yield f"""## What would cut it

- **Looking around**: a CDN that answers nine of ten `/shop` requests, which hold nothing of a caller, saves
  {usd(saved)} USD of gateway, firewall, functions and reads, less its own price. Pages of products would have to be
  allowed some seconds of age.
- **Requests**: an HTTP API takes {PRICES["http"].usd} USD a million instead of {PRICES["requests"].usd}, and
  no firewall can stand before it: {usd(cheaper)} USD, for the firewall and the limits of each route.
- **Writes**: provisioned capacity of which half is used, once the load is known, saves {usd(provisioned)} USD. The
  order's own item is rewritten at each of its steps and has between one and two kilobytes: below one it costs half.
- **Transitions**: an order that nobody says has arrived is ended by a timer as well. A workflow without the wait for
  the receipt would save one: {PRICES["transitions"].usd} USD.
"""


def _kept(one: Counts) -> Iterator[str]:
    given = template.read("infra/backup.yaml")["Parameters"]
    backup, export = (int(given[name]["Default"]) for name in ("BackupDays", "ExportDays"))
    gigabytes, passing = one["kept_bytes"] * ORDERS / GB, one["passing_bytes"] * ORDERS / GB
    yield f"""## What a million orders leave behind

{gigabytes:.1f} GB for good, index copies included, and
{passing:.1f} GB that go by themselves within a month. What stays costs each month, for as long as it is kept:
"""
    rows = [
        ("The table", cost("storage", gigabytes), ""),
        ("Point-in-time recovery", cost("recovery", gigabytes), ""),
        (f"Daily copies, each whole and kept {backup} days", cost("copies", gigabytes * backup), "KeepData"),
        (f"An export every {EXPORT_DAYS} days", cost("export", gigabytes * DAYS / EXPORT_DAYS), "KeepData"),
        (f"Exports, kept {export} days", cost("files", gigabytes * export / EXPORT_DAYS), "KeepData"),
    ]
    rows.append(("**Together**", sum((paid for _, paid, _ in rows), Decimal()), ""))
    yield _monthly(rows)


def _month() -> Iterator[str]:
    found = list(_fixed())
    switched = sum((paid for _, paid, switch in found if switch == "Firewall"), Decimal())
    total = sum((paid for _, paid, _ in found), Decimal())
    yield f"""## A month without an order

At most {usd(total)} USD, {usd(total - switched)} with `Firewall=off`, and what the table holds.
"""
    yield _monthly(found)
    yield f"""A metric is paid for the hours in which it is counted, so a quiet shop pays for few. The key's
calls are those of all functions at work all the time: DynamoDB keeps the table's key open for {KEY_MINUTES} minutes
a caller. A key that was rotated once costs a dollar more, twice two.
"""


def _monthly(rows: Iterable[tuple[str, Decimal, str]]) -> str:
    return table(["What", "USD a month", "Switched off by"], [(what, usd(paid), code(by)) for what, paid, by in rows])


def _fixed() -> Iterator[tuple[str, Decimal, str]]:
    """What, dollars a month, and the parameter that switches it off."""
    made = [one for name in (template.MAIN, *template.ground()) for one in _resources(name)]

    def number(kind: str) -> int:
        return sum(one["Type"] == kind for one in made)

    rules = sum(len(one["Properties"]["Rules"]) for one in made if one["Type"] == "AWS::WAFv2::WebACL")
    read = sum(len(Alarm("", one["Properties"]).queries) for one in made if one["Type"] == "AWS::CloudWatch::Alarm")
    metrics, functions = len(counted()), template.functions()
    runs = sum(DAYS * 1440 // _minutes(event) for one in functions for event in one.events("ScheduleV2"))
    queues = sum(len(list(one.events("SQS"))) for one in functions)
    polls = queues * POLLERS * DAYS * 86400 // POLL_SECONDS
    opened = len(functions) * DAYS * 1440 // KEY_MINUTES
    yield "The web ACL of the firewall", cost("acl", number("AWS::WAFv2::WebACL")), "Firewall"
    yield f"Its {rules} rules", cost("rule", rules), "Firewall"
    yield f"At most {metrics} metrics of our own", cost("metric", metrics), ""
    yield f"{read} metrics that alarms read", cost("alarm", read), ""
    yield "The dashboard", cost("dashboard", number("AWS::CloudWatch::Dashboard")), ""
    yield "The key", cost("key", number("AWS::KMS::Key")), ""
    yield f"At most {opened} calls of it", cost("key calls", opened), ""
    secrets = number("AWS::SecretsManager::Secret")
    yield f"{secrets} secrets", cost("secret", secrets), ""
    yield f"{polls} looks into {queues} empty queues", cost("polls", polls), ""
    yield (
        f"{runs} runs of what looks for stuck orders and payments, and fetches bills and rates",
        cost("timers", runs) + cost("calls", runs),
        "",
    )


def _resources(name: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in template.read(name)["Resources"].values() if isinstance(one, dict))


def _minutes(event: Mapping[str, Any]) -> int:
    if re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", event["ScheduleExpression"]):
        return 1440
    found = re.fullmatch(r"rate\((\d+) (minute|hour)s\)", event["ScheduleExpression"])
    assert found, event
    return int(found[1]) * (60 if found[2] == "hour" else 1)


def _list() -> Iterator[str]:
    yield f"""## The prices

USD, us-east-1, on demand; put together on {READ_ON} from stored copies and guides of others, for AWS's own pages
were out of reach. Nobody has confirmed those of Lambda's arm64 seconds, Cognito, KMS, Secrets Manager, SQS, S3,
exports, and DynamoDB's storage and provisioned capacity: look them up before you rely on a sum.
"""
    yield table(["Price", "For a", "Price list"], [[one.usd, one.unit, one.list] for one in PRICES.values()])


def usd(amount: Decimal) -> str:
    return f"{amount:,.2f}"
