"""`make bench`: what a function weighs, beside the least that one could write, in one run on the local cloud.

Cold is the CPU from the start of the interpreter's work to the first answer, warm that of one more answer; both are
medians of interleaved rounds in fresh processes. Instructions are counted by cachegrind where it is at hand: they do
not depend on what else the machine does.
"""

import csv
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import botocore

from infra.local.aws import REGION
from infra.local.bench import floor, levers
from infra.local.client import Client
from infra.local.demo.seed import seed
from infra.local.package import built_layer, zipped
from infra.local.processes import PYTHON, ROOT, free_ports
from infra.local.shop import Shop, running_shop

COUNTS = ROOT / "tests/house/pages/cost.tsv"
SUBJECT = Path(__file__).with_name("subject.py")
ROUNDS, WARM_CALLS = 7, 60
COUNTED_CALLS = 20
SUBJECTS = {"bare": "bare", "browse": "catalog.browse", "checkout": "orders.checkout"}
ADDRESS = {"name": "Ana", "street": "Rua 1", "city": "Porto", "postal_code": "4000-001", "country": "PT"}


@dataclass(frozen=True)
class Bench:
    """The functions of one shop, each to be started as Lambda starts it."""

    shop: Shop
    events: Mapping[str, Path]
    layers: tuple[Path, ...]

    def environment(self, subject: str) -> dict[str, str]:
        """As the function is deployed; the yardstick has what browsing is told, and none of our code."""
        is_bare = subject == "bare"
        name = f"souk-local-{'browse' if is_bare else subject}"
        deployed = self.shop.client("lambda").get_function_configuration(FunctionName=name)
        paths = [] if is_bare else [ROOT / "functions", *(layer / "python" for layer in self.layers)]
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "LAMBDA_TASK_ROOT": "/var/task",
            # A request that is not traced, as most are not.
            "_X_AMZN_TRACE_ID": "Root=1-00000000-000000000000000000000001;Parent=0000000000000001;Sampled=0",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_ENDPOINT_URL": self.shop.cloud,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **deployed["Environment"]["Variables"],
        }

    def command(self, subject: str, times: int) -> list[str]:
        return [str(PYTHON), str(SUBJECT), SUBJECTS[subject], str(self.events[subject]), str(times)]

    def run(self, subject: str, times: int) -> dict[str, Any]:
        """CPU seconds of the first answer and, as a median, of one more; and how many modules were loaded."""
        ended = subprocess.run(
            self.command(subject, times), env=self.environment(subject), capture_output=True, text=True, check=True
        )
        return dict(json.loads(ended.stdout.splitlines()[-1]))

    def instructions(self, subject: str, times: int = 0) -> int:
        """Of a start with its first answer, and so many more."""
        return self.count(self.command(subject, times), subject)

    def count(self, command: list[str], subject: str) -> int:
        """The instructions of a command that runs as that function does."""
        counting = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        ended = subprocess.run(
            [*counting, *command], env=self.environment(subject), capture_output=True, text=True, check=True
        )
        found = re.search(r"I\s+refs:\s+([\d,]+)", ended.stderr)
        assert found, ended.stderr
        return int(found[1].replace(",", ""))


@contextmanager
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, running_shop(Path(folder) / "shop", free_ports(3)) as shop:
        layers = tuple(
            built_layer(name, ROOT / source).with_suffix("")
            for name, source in (("SoukLayer", "layers/souk"), ("VendorLayer", "layers/vendor"))
        )
        events = {}
        for name, event in _events(shop).items():
            events[name] = Path(folder) / f"{name}.json"
            events[name].write_text(json.dumps(event))
        yield Bench(shop, events, layers)


def _events(shop: Shop) -> dict[str, Any]:
    """A product page, and a checkout of three lines for which there is stock enough."""
    owner = next(user for user in seed(shop) if user["role"] == "owner")
    staff, guest = Client(shop.api).sign_in(owner["username"], owner["password"]), Client(shop.api).be_guest()
    shelf = staff.post("/staff/categories", {"name": {"en": "Bench"}})["category_id"]
    products, lines = [], []
    for number in range(3):
        sku = f"BENCH-{number}"
        draft = {"name": {"en": sku}, "category_id": shelf, "skus": [{"sku": sku, "price_minor": 1250}]}
        products.append(staff.post("/staff/products", draft)["product_id"])
        staff.post(f"/staff/listings/{products[-1]}/list")
        lines.append({"sku": sku, "quantity": 1})
    store_id = staff.get("/staff/stores")["items"][0]["store_id"]
    stock = [{"sku": line["sku"], "units": 1_000_000} for line in lines]
    receipt = {"kind": "receipt", "store_id": store_id, "reference": "bench", "lines": stock}
    staff.post("/staff/stock-documents", receipt)
    quote = guest.post("/me/quotes", {"lines": lines, "country": "PT"})
    contact = {"name": "Ana", "phone": "+351 910 000 000"}
    checkout = {"lines": lines, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": contact}
    caller = {"id": "gst_bench", "kind": "guest", "may": ["shop"], "stores": []}
    table = shop.client("dynamodb").list_tables()["TableNames"][0]
    return {
        "bare": {"table": table},
        "browse": _request("GET", f"/shop/products/{products[0]}"),
        "checkout": _request("POST", "/me/checkout", checkout, {"caller": json.dumps(caller)}),
    }


def _request(method: str, path: str, body: Any = None, authorizer: Mapping[str, str] | None = None) -> dict[str, Any]:
    identity = {"sourceIp": "127.0.0.1"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": str(uuid4()),
            "identity": identity,
            "authorizer": authorizer or {},
            "stage": "v1",
            "path": f"/v1{path}",
            "httpMethod": method,
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def weigh_cpu(one: Bench) -> None:
    rounds = [{subject: one.run(subject, WARM_CALLS) for subject in SUBJECTS} for _ in range(ROUNDS)]
    print(f"\nCPU, medians of {ROUNDS} interleaved rounds")
    print(f"{'':10}{'cold ms':>10}{'x bare':>8}{'warm us':>10}{'x bare':>8}{'modules':>9}")
    cold, warm = ({s: statistics.median(r[s][kind] for r in rounds) for s in SUBJECTS} for kind in ("cold", "warm"))
    for subject in SUBJECTS:
        print(
            f"{subject:10}{cold[subject] * 1e3:10.0f}{cold[subject] / cold['bare']:8.2f}"
            f"{warm[subject] * 1e6:10.0f}{warm[subject] / warm['bare']:8.2f}{rounds[0][subject]['modules']:9}"
        )


def weigh_instructions(one: Bench) -> None:
    if not shutil.which("valgrind"):
        print("\nInstructions are not counted: there is no valgrind here.")
        return
    counted = {subject: one.instructions(subject) for subject in SUBJECTS}
    warm = {s: (one.instructions(s, COUNTED_CALLS) - counted[s]) / COUNTED_CALLS for s in SUBJECTS}
    print("\nInstructions in millions, by cachegrind: of a start with its first answer, and of one more")
    for subject, number in counted.items():
        cold_ratio, warm_ratio = number / counted["bare"], warm[subject] / warm["bare"]
        print(f"{subject:10}{number / 1e6:10.0f}{cold_ratio:8.2f}{warm[subject] / 1e6:10.2f}{warm_ratio:8.2f}")
    if "--levers" in sys.argv:
        weigh_floor(one, counted["browse"])
        weigh_levers(one, counted)


def weigh_floor(one: Bench, whole: int) -> None:
    print("\nWhat the start of browsing is made of, in millions of instructions")
    before = 0
    for name, program in floor.programs().items():
        reached = one.count([str(PYTHON), "-c", program], "browse")
        print(f"{name:36}{(reached - before) / 1e6:8.0f}{reached / 1e6:8.0f}", flush=True)
        before = reached
    print(f"{'the client and the first answer':36}{(whole - before) / 1e6:8.0f}{whole / 1e6:8.0f}")


def weigh_levers(one: Bench, counted: Mapping[str, int]) -> None:
    print("\nWithout one lever at a time, x bare (and what the lever gains)")
    for name, undo in levers.ALL.items():
        with _without(one, undo) as heavier:
            said = ""
            for subject in ("browse", "checkout"):
                number = heavier.instructions(subject)
                ratio, gain = number / counted["bare"], (number - counted[subject]) / counted["bare"]
                said += f"{subject:>12}{ratio:6.2f} ({gain:+.2f})"
            print(f"{name:44}{said}", flush=True)


@contextmanager
def _without(one: Bench, undo: Callable[[Path, Path], None]) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        copies = tuple(Path(folder) / layer.name for layer in one.layers)
        for layer, copy in zip(one.layers, copies, strict=True):
            shutil.copytree(layer, copy)
        souk, vendor = (copy / "python" for copy in copies)
        undo(souk, vendor)
        yield Bench(one.shop, one.events, copies)


def weigh_packages(one: Bench) -> None:
    print("\nPackages, KiB\n" + f"{'':10}{'zipped':>10}{'unzipped':>10}")
    for name, folder in (("souk", one.layers[0]), ("vendor", one.layers[1]), ("functions", ROOT / "functions")):
        files = [path for path in folder.rglob("*") if path.is_file()]
        whole = sum(path.stat().st_size for path in files)
        print(f"{name:10}{len(zipped(folder, compiled=True)) / 1024:10.0f}{whole / 1024:10.0f}")


def show_counts() -> None:
    """Of an order's life, step by step; a test counts them and holds the file to it."""
    columns = ("calls", "write_units", "index_units", "transitions")
    print("\nCounted, as docs/cost.md prices it\n" + f"{'':20}" + "".join(f"{name:>13}" for name in columns))
    with COUNTS.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened, delimiter="\t"):
            print(f"{row['step']:20}" + "".join(f"{row[column]:>13}" for column in columns))


def main() -> None:
    with bench() as one:
        print(f"Python {sys.version.split()[0]}, botocore of the yardstick {botocore.__version__}")
        weigh_cpu(one)
        weigh_instructions(one)
        weigh_packages(one)
    show_counts()


if __name__ == "__main__":
    main()
