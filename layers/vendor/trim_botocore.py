"""Leaves of botocore what the functions' clients read: the operations they call, unzipped and undocumented.

A client reads the model of its service at its first use: gunzipping and parsing what nobody calls is a tenth of a
cold start, and all services together are most of a layer's weight.
"""

import ast
import gzip
import json
import shutil
import sys
from collections.abc import Collection, Iterator, Set
from pathlib import Path
from typing import Any

# Every operation that a function sends or signs an address of: what is not here, its client does not know.
OPERATIONS = {
    "cognito-idp": {
        "AdminCreateUser",
        "AdminGetUser",
        "AdminInitiateAuth",
        "AdminSetUserPassword",
        "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut",
    },
    "dynamodb": {"BatchGetItem", "GetItem", "PutItem", "Query", "TransactGetItems", "TransactWriteItems"},
    "events": {"PutEvents"},
    "s3": {"CopyObject", "DeleteObject", "GetObject", "HeadObject", "PutObject"},
    "scheduler": {"CreateSchedule", "DeleteSchedule", "UpdateSchedule"},
    "secretsmanager": {"GetSecretValue"},
    "sesv2": {"SendEmail"},
    "sns": {"Publish"},
    "sqs": {"SendMessageBatch"},
    "stepfunctions": {"SendTaskFailure", "SendTaskSuccess", "StartExecution"},
}
# Where a batch names tables of another account by their ARNs: for this alone botocore imports jmespath, and asks it at
# each call. Ours are named by name, which tells nothing of where to call.
UNASKED = "operationContextParams"
SHARED = ("_retry", "partitions", "sdk-default-configuration")

# Of the code that writes documentation, what the rest of botocore imports: the names of three docstrings, and `utils`.
NO_DOCSTRING = '''"""The methods of a client have no docstrings here."""


def ClientMethodDocstring(**_):
    return None


PaginatorDocstring = WaiterDocstring = ClientMethodDocstring
'''


def trim(package: Path) -> None:
    """`package` is botocore's own folder; it may have been trimmed before."""
    data = package / "data"
    kept: dict[Path, Any] = {Path("endpoints.json"): endpoints(load(data / "endpoints.json"))}
    kept |= {Path(f"{name}.json"): load(data / f"{name}.json") for name in SHARED}
    called_as = set(OPERATIONS)
    for service, operations in OPERATIONS.items():
        version = max(path.name for path in (data / service).iterdir() if path.is_dir())
        place = Path(service, version)
        model = load(data / place / "service-2.json")
        called_as |= names_of(model)
        kept[place / "service-2.json"] = called(undocumented(model), operations)
        kept[place / "endpoint-rule-set-1.json"] = undocumented(load(data / place / "endpoint-rule-set-1.json"))
    shutil.rmtree(data)
    for place, content in kept.items():
        (data / place).parent.mkdir(parents=True, exist_ok=True)
        (data / place).write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    document_nothing(package / "docs")
    hook_nothing_else(package, called_as)


def load(place: Path) -> Any:
    zipped = place.with_name(place.name + ".gz")
    if zipped.exists():
        return json.loads(gzip.decompress(zipped.read_bytes()))
    return json.loads(place.read_text(encoding="utf-8"))


def undocumented(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            # Of a client's own parameters (S3 has some) botocore reads the documentation too.
            name: below if name == "clientContextParams" else undocumented(below)
            for name, below in node.items()
            if not (name == "documentation" and isinstance(below, str))
        }
    return [undocumented(below) for below in node] if isinstance(node, list) else node


def called(model: dict[str, Any], operations: Collection[str]) -> dict[str, Any]:
    """The service with these operations, and the shapes that they are made of."""
    ours = {name: without(UNASKED, model["operations"][name]) for name in sorted(operations)}
    reached: set[str] = set()
    ahead = list(shapes_in(ours))
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(shapes_in(model["shapes"][name]))
    return {**model, "operations": ours, "shapes": {name: model["shapes"][name] for name in sorted(reached)}}


def without(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {said: told for said, told in operation.items() if said != name}


def shapes_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for below in node.values():
            yield from shapes_in(below)
    elif isinstance(node, list):
        for below in node:
            yield from shapes_in(below)


def endpoints(whole: dict[str, Any]) -> dict[str, Any]:
    for partition in whole["partitions"]:
        partition["services"] = {name: one for name, one in partition["services"].items() if name in OPERATIONS}
    return whole


def names_of(model: dict[str, Any]) -> set[str]:
    """What a service may be called in the names of events (botocore.model.ServiceModel and its `hyphenize`)."""
    about = model["metadata"]
    return {about["endpointPrefix"], about.get("serviceId", "").lower().replace(" ", "-")}


def hook_nothing_else(package: Path, services: Set[str]) -> None:
    """Each session takes all hooks of all services, and compares each with all their old names: a fiftieth of a start.

    `event.service.operation` is heard for these services alone; a documentation's events nobody raises.
    """

    def is_heard(event: str) -> bool:
        kind, _, rest = event.partition(".")
        return kind != "docs" and (not rest or rest.split(".")[0] in {"*", *services})

    def of_event(row: Any) -> bool:
        return is_heard(ast.literal_eval(row.elts[0]))

    hooks, handlers = tree_and_value(package / "handlers.py", "BUILTIN_HANDLERS")
    handlers.elts = [row for row in handlers.elts if of_event(row)]
    rewrite(package / "handlers.py", hooks)
    utils, aliases = tree_and_value(package / "utils.py", "EVENT_ALIASES")
    told = zip(aliases.keys, aliases.values, strict=True)
    ours = [pair for pair in told if services & {ast.literal_eval(name) for name in pair}]
    aliases.keys, aliases.values = [old for old, _ in ours], [new for _, new in ours]
    rewrite(package / "utils.py", utils)


def tree_and_value(file: Path, name: str) -> tuple[ast.Module, Any]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    (value,) = (one.value for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == name)
    return tree, value


def rewrite(file: Path, tree: ast.Module) -> None:
    """As another file: an installed one may be a link, and the same file in other environments."""
    file.unlink()
    file.write_text(ast.unparse(tree), encoding="utf-8")


def document_nothing(docs: Path) -> None:
    """What writes documentation is a fiftieth of a cold start, though nobody asks for any."""
    utils = (docs / "utils.py").read_bytes()
    shutil.rmtree(docs)
    docs.mkdir()
    (docs / "utils.py").write_bytes(utils)
    (docs / "docstring.py").write_text(NO_DOCSTRING, encoding="utf-8")
    (docs / "__init__.py").write_text("", encoding="utf-8")


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
