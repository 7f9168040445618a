"""The vendor layer is lighter than the packages that it is made of, and offers functions the same."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from infra.local.bench import levers
from tests.support.template import ROOT

VENDOR = ROOT / "layers/vendor"
TRIMMED, LESS = (runpy.run_path(str(VENDOR / name)) for name in ("trim_botocore.py", "import_less.py"))
CHANGES = (LESS["LAZY"], LESS["LATE"], LESS["UNREAD"], [LESS["TYPED"]], LESS["WRITTEN"])
PACKAGES = [name.replace("/", ".") for name in LESS["LAZY"]]
CHANGED = [
    place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for place in dict.fromkeys((*LESS["LATE"], LESS["TYPED"], *LESS["WRITTEN"]))
]

CLIENTS = """
import json, sys
import botocore.session
session = botocore.session.get_session()
made = {name: session.create_client(name, region_name="eu-west-1") for name in sys.argv[1:]}
print(json.dumps({name: sorted(one.meta.service_model.operation_names) for name, one in made.items()}))
"""
# Of each public name, what it is called where it is made; by class where it has no name of its own.
NAMES = """
import json, sys
from importlib import import_module
module = import_module(sys.argv[1])
loaded = "asyncio" in sys.modules
asked = sys.argv[2:] or [name for name in dir(module) if not name.startswith("_")]
found = {name: getattr(module, name) for name in asked}
made = {
    name: [getattr(one, "__module__", ""), getattr(one, "__qualname__", str(type(one)))] for name, one in found.items()
}
print(json.dumps({"names": made, "asyncio": loaded}))
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages that the layer's makefile changes."""
    folder = tmp_path_factory.mktemp("published")
    for name in (
        "botocore",
        *{
            Path(place).parts[0]
            for place in (*LESS["LAZY"], *LESS["LATE"], *LESS["UNREAD"], LESS["TYPED"], *LESS["WRITTEN"])
        }
        - {"botocore"},
    ):
        shutil.copytree(_installed(name), folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def layer(published: Path) -> Path:
    """The same, changed; linked, as uv links to its cache what it installs."""
    folder = shutil.copytree(published, published.with_name("layer"), copy_function=os.link)
    TRIMMED["trim"](folder / "botocore")
    LESS["import_less"](folder)
    return folder


OF_OURS = (
    levers.build_every_model_at_once,
    levers.build_facts_pages_and_events_at_once,
    levers.set_up_tracing_at_once,
    levers.patch_every_library_for_tracing,
    levers.collect_garbage_as_usual,
    levers.import_stripe_with_the_rest,
    levers.build_what_is_shared_in_each_holder,
    levers.carry_stripe_by_requests,
)


@pytest.mark.parametrize("take_back", OF_OURS)
def test_what_the_bench_takes_back_of_our_own_code_is_there(
    take_back: levers.Undo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levers, "_compile", lambda place: compile(place.read_text(encoding="utf-8"), place, "exec"))
    ours = shutil.copytree(ROOT / "layers/souk/python", tmp_path / "souk", ignore=shutil.ignore_patterns("__pycache__"))
    take_back(ours, tmp_path)


def _installed(package: str) -> Path:
    spec = find_spec(package)
    assert spec and spec.origin
    return Path(spec.origin).parent


def _said(script: str, *arguments: str, path: Path | None = None) -> Any:
    environment = {"PYTHONPATH": str(path or ""), "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    command = [sys.executable, "-c", script, *arguments]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def test_every_client_is_made_and_knows_exactly_the_operations_that_functions_send(layer: Path) -> None:
    known = _said(CLIENTS, *TRIMMED["OPERATIONS"], path=layer)
    assert known == {name: sorted(operations) for name, operations in TRIMMED["OPERATIONS"].items()}


# Of each event that a client of ours raises about a call, by any name of its service: who hears it, in their order.
HEARD = """
import json, sys
import botocore.session
session, heard = botocore.session.get_session(), {}
KINDS = (
    "creating-client-class", "before-endpoint-resolution", "provide-client-params", "before-parameter-build",
    "before-call", "request-created", "choose-signer", "before-sign", "before-send", "response-received",
    "before-parse", "needs-retry", "after-call", "after-call-error", "getattr",
)
for service, operations in json.loads(sys.argv[1]).items():
    client = session.create_client(service, region_name="eu-west-1")
    model, hooks = client.meta.service_model, client.meta.events
    for kind in KINDS:
        for name in {service, model.endpoint_prefix, model.service_id.hyphenize()}:
            for operation in operations:
                event = hooks._alias_event_name(f"{kind}.{name}.{operation}")
                found = hooks._emitter._handlers.prefix_search(event)
                who = [getattr(one, "__qualname__", "") for one in found]
                # Hears only services with an operation that tells where to call, and that one nobody calls.
                who = [one for one in who if one != "block_endpoint_discovery_required_operations"]
                heard[f"{kind} {name} {operation}"] = [event, *who]
print(json.dumps(heard))
"""


def test_of_our_calls_the_same_hooks_hear_in_the_same_order(layer: Path) -> None:
    calls = json.dumps({name: sorted(operations) for name, operations in TRIMMED["OPERATIONS"].items()})
    before = _said(HEARD, calls)
    assert "validate_bucket_name" in before["before-parameter-build s3 PutObject"]
    assert _said(HEARD, calls, path=layer) == before


# Of each call of the table: where it goes.
SENT = """
import json, sys
import botocore.session
from botocore.awsrequest import AWSResponse

def sent(request, **_):
    urls.append(request.url)
    return AWSResponse(request.url, 400, {}, type("Raw", (), {"stream": lambda *_, **__: [b"{}"]})())

urls, key = [], {"PK": {"S": "1"}, "SK": {"S": "1"}}
client = botocore.session.get_session().create_client("dynamodb", region_name="eu-west-1")
client.meta.events.register("before-send", sent)
for call, given in {
    "batch_get_item": {"RequestItems": {"souk": {"Keys": [key]}}},
    "transact_get_items": {"TransactItems": [{"Get": {"TableName": "souk", "Key": key}}]},
    "transact_write_items": {"TransactItems": [{"Put": {"TableName": "souk", "Item": key}}]},
}.items():
    try:
        getattr(client, call)(**given)
    except client.exceptions.ClientError:
        pass
print(json.dumps([urls, "jmespath" in sys.modules]))
"""


def test_several_items_are_asked_where_they_were_and_no_query_language_is_loaded(layer: Path) -> None:
    urls, _ = _said(SENT)
    assert len(urls) == 3
    assert _said(SENT, path=layer) == [urls, False]


def test_what_was_trimmed_can_be_trimmed_again(layer: Path, tmp_path: Path) -> None:
    again = shutil.copytree(layer / "botocore", tmp_path / "botocore")
    TRIMMED["trim"](again)
    files = {path.relative_to(again): path.read_bytes() for path in again.rglob("*.*") if path.is_file()}
    assert all((layer / "botocore" / path).read_bytes() == content for path, content in files.items())


def test_what_is_changed_for_the_layer_stays_as_it_was_everywhere_else(layer: Path, published: Path) -> None:
    lazy = (f"{package}/__init__.py" for package in LESS["LAZY"])
    for place in (*lazy, *LESS["LATE"], LESS["TYPED"], *LESS["WRITTEN"], "botocore/docs/docstring.py"):
        name, _, rest = place.partition("/")
        assert (published / place).read_bytes() == (_installed(name) / rest).read_bytes()
        assert (layer / place).read_bytes() != (published / place).read_bytes()


@pytest.mark.parametrize("package", [*PACKAGES, *CHANGED])
def test_a_package_offers_the_same_names_as_before(layer: Path, package: str) -> None:
    before = _said(NAMES, package)["names"]
    before.pop("WaiterDocstring", None)  # of what writes documentation, which is left out
    assert before
    assert _said(NAMES, package, *before, path=layer)["names"] == before


@pytest.mark.parametrize("package", ["aws_lambda_powertools.event_handler", "wrapt"])
def test_what_nobody_asked_for_is_not_imported(layer: Path, package: str) -> None:
    assert _said(NAMES, package)["asyncio"]
    assert not _said(NAMES, package, path=layer)["asyncio"]


# What a start imports, beside what it has no use for.
IMPORTED = """
import json, sys
import botocore.session, pydantic.plugin._loader, stripe, urllib3
from aws_lambda_powertools import Logger
print(json.dumps([name for name in sys.argv[1:] if name in sys.modules]))
"""


def test_what_only_functions_use_is_imported_when_one_of_them_does(layer: Path) -> None:
    dear = ["configparser", "dateutil", "importlib.metadata", "jmespath", "requests"]
    assert _said(IMPORTED, *dear) == dear
    assert _said(IMPORTED, *dear, path=layer) == []


LATER = """
import json
from botocore import configloader, utils
again = [utils.parse_timestamp("2026-11-22T10:00:00Z").isoformat() for _ in range(2)]
print(json.dumps([*again, configloader.configparser.__name__, utils.dateutil.parser.__name__]))
"""


def test_and_is_then_what_it_was(layer: Path) -> None:
    assert _said(LATER, path=layer) == _said(LATER)


# All that a package of ours would offer: each module, and what it tells a type checker.
ANNOTATED = """
import json, sys, typing
from importlib import import_module
import pynamodb.attributes, stripe
texts = [stripe.PaymentIntent.__annotations__["amount"], stripe.Refund.retrieve.__annotations__["return"]]
hints = typing.get_type_hints(pynamodb.attributes.Attribute.__init__) | typing.get_type_hints(stripe.HTTPClient.request)
required = stripe.RequestOptions.__required_keys__, stripe.RequestOptions.__optional_keys__
modules = {name: sorted(vars(import_module(name))) for name in sys.argv[1:]}
print(json.dumps({
    "texts": [isinstance(one, str) for one in texts],
    "hints": {name: str(one) for name, one in hints.items()},
    "required": [sorted(one) for one in required],
    "modules": {name: [one for one in names if one != "annotations"] for name, names in modules.items()},
}))
"""


def test_annotations_that_a_package_never_reads_are_worked_out_for_whoever_asks(layer: Path) -> None:
    modules = [f"{file.parent.name}.{file.stem}" for file in (layer / "pynamodb").glob("*.py") if file.stem[0] != "_"]
    modules += [f"stripe.{file.stem}" for file in (layer / "stripe").glob("_*.py") if file.stem[1] != "_"]
    modules = [name for name in modules if f"{name.replace('.', '/')}.py" not in LESS["LATE"]]
    before, after = _said(ANNOTATED, *modules), _said(ANNOTATED, *modules, path=layer)
    assert after.pop("texts") == [True, True] and before.pop("texts") == [False, True]
    assert len(before["hints"]) > 5 and before["required"]
    assert after == before


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import math\nTAU = 2 * math.pi", "it is used while the module is imported"),
        ("import math\ndef area(r, pi=math.pi): return pi * r * r", "a default is worked out then too"),
        ("import math\ndef of(math): return math", "somebody else has its name"),
        ("import cmath\ndef of(n): return cmath.sqrt(n)", "nothing binds it"),
    ],
)
def test_what_would_not_stay_the_same_is_not_made_late(tmp_path: Path, source: str, why: str) -> None:
    (tmp_path / "module.py").write_text(source)
    with pytest.raises(ValueError, match="cannot be late"):
        LESS["late"](tmp_path / "module.py", ("math",))


# Of each dataclass: what is told of it, and what becomes of two of its objects.
DATACLASSES = """
import copy, dataclasses, inspect, json, pickle, sys
from importlib import import_module

def outcome(ask):
    try:
        return repr(ask())
    except Exception as error:
        return f"{type(error).__name__}: {error}"

def told(one):
    signature, names = inspect.signature(one), [field.name for field in dataclasses.fields(one)]
    needed = [name for name, given in signature.parameters.items() if given.default is given.empty]
    def make(suffix=""):
        return one(**{name: name + suffix for name in needed})
    fields = [[field.name, repr(field.type), field.init, field.repr] for field in dataclasses.fields(one)]
    return [
        str(signature).removesuffix(" -> None"), fields, repr(one.__dataclass_params__), one.__match_args__,
        one.__doc__, outcome(lambda: one.__slots__), outcome(make), outcome(lambda: one(1, unknown=2)),
        outcome(lambda: [make() == make(), make() == make("x"), make() == 1, make() != make("x")]),
        outcome(lambda: hash(make()) == hash(tuple(getattr(make(), name) for name in names))),
        outcome(lambda: setattr(make(), names[0], 1)), outcome(lambda: delattr(make(), names[0])),
        outcome(lambda: dataclasses.replace(make(), **{names[0]: "y"})),
        outcome(lambda: [copy.copy(make()), copy.deepcopy(make()), pickle.loads(pickle.dumps(make()))]),
    ]

of = {}
for module in map(import_module, sys.argv[1:]):
    for name, one in [(name, getattr(module, name)) for name in dir(module)]:
        if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__:
            of[f"{module.__name__}.{name}"] = told(one)
print(json.dumps(of))
"""


def test_a_dataclass_whose_methods_are_written_out_is_what_it_was(layer: Path) -> None:
    modules = [place.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for place in LESS["WRITTEN"]]
    before, after = _said(DATACLASSES, *modules), _said(DATACLASSES, *modules, path=layer)
    assert len(after) > 40  # what is made late is told of by nobody
    assert after == {name: before[name] for name in after}


@pytest.mark.parametrize(
    ("arguments", "fields", "is_written"),
    [
        ("frozen=True", "a: int\n    b: int = 1", True),
        ("frozen=True, order=True", "a: int", False),
        ("kw_only=True", "a: int", False),
        ("slots=True", "a: int = field(default=0, repr=False)", False),
        ("slots=True", "a: InitVar[int]", False),
        ("", "a: int\n    def __eq__(self, other): return True", False),
    ],
)
def test_only_dataclasses_of_plain_fields_are_written_out(
    tmp_path: Path, arguments: str, fields: str, is_written: bool
) -> None:
    file = tmp_path / "module.py"
    file.write_text(f"@dataclass({arguments})\nclass Some:\n    {fields}\n")
    LESS["written"](file, ())
    assert ("def __init__" in file.read_text()) == is_written
