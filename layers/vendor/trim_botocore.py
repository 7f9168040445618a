"""Leaves of botocore's data what the functions' clients read, unzipped and without the documentation.

A client reads the model of its service at its first use: gunzipping and parsing what nobody calls is a tenth of a
cold start, and all services together are most of a layer's weight.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SERVICES = (
    "cognito-idp",
    "dynamodb",
    "events",
    "s3",
    "scheduler",
    "secretsmanager",
    "sesv2",
    "sns",
    "sqs",
    "stepfunctions",
)
MODELS = ("service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2")
SHARED = ("_retry", "partitions", "sdk-default-configuration")


def trim(data: Path) -> None:
    """`data` is botocore's own folder; it may have been trimmed before."""
    kept: dict[Path, Any] = {Path("endpoints.json"): endpoints(load(data / "endpoints.json"))}
    kept |= {Path(f"{name}.json"): load(data / f"{name}.json") for name in SHARED}
    for service in SERVICES:
        version = max(path.name for path in (data / service).iterdir() if path.is_dir())
        for model in MODELS:
            place = Path(service, version, f"{model}.json")
            if (read := load(data / place)) is not None:
                kept[place] = undocumented(read)
    shutil.rmtree(data)
    for place, content in kept.items():
        (data / place).parent.mkdir(parents=True, exist_ok=True)
        (data / place).write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def load(place: Path) -> Any:
    zipped = place.with_name(place.name + ".gz")
    if zipped.exists():
        return json.loads(gzip.decompress(zipped.read_bytes()))
    return json.loads(place.read_text(encoding="utf-8")) if place.exists() else None


def undocumented(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            # Of a client's own parameters (S3 has some) botocore reads the documentation too.
            name: below if name == "clientContextParams" else undocumented(below)
            for name, below in node.items()
            if not (name == "documentation" and isinstance(below, str))
        }
    return [undocumented(below) for below in node] if isinstance(node, list) else node


def endpoints(whole: dict[str, Any]) -> dict[str, Any]:
    for partition in whole["partitions"]:
        partition["services"] = {name: one for name, one in partition["services"].items() if name in SERVICES}
    return whole


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
