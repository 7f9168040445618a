"""`python -m infra.local.invoke FUNCTION EVENT`: one function of the running shop on one example event.

What `sam local invoke` does, without Docker, and with the table and queues of the deployed function.
"""

import base64
import json
import sys
from pathlib import Path

from infra.local.aws import Aws
from infra.local.client import running_shops_card
from infra.local.processes import Trouble
from infra.local.shop import STACK


def invoke(cloud: Aws, name: str, event: bytes) -> int:
    """Print the function's log and answer; 1 if it failed."""
    functions = cloud.client("lambda")
    try:
        answer = functions.invoke(FunctionName=f"{STACK}-{name}", Payload=event, LogType="Tail")
    except functions.exceptions.ResourceNotFoundException:
        pages = functions.get_paginator("list_functions").paginate()
        names = [made["FunctionName"].removeprefix(f"{STACK}-") for page in pages for made in page["Functions"]]
        sys.exit(f"There is no function {name}, only {', '.join(sorted(names))}.")
    print(base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"), file=sys.stderr)
    print(json.dumps(json.loads(answer["Payload"].read() or "null"), indent=2, ensure_ascii=False))
    return int("FunctionError" in answer)


if __name__ == "__main__":
    name, file = sys.argv[1:]
    try:
        cloud = Aws(running_shops_card()["cloud"])
    except Trouble as trouble:
        sys.exit(str(trouble))
    sys.exit(invoke(cloud, name, Path(file).read_bytes()))
