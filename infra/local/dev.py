"""`python -m infra.local.dev`: the shop of `make run`, whose functions follow the files as they are saved."""

import argparse
import re
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from watchfiles import watch
from yaml import YAMLError

from infra.local.aws import Aws
from infra.local.deploy import deploy, describe
from infra.local.logs import add_filters, show
from infra.local.package import zipped
from infra.local.processes import ROOT, Trouble
from infra.local.run import add_port, start
from infra.local.shop import STACK, Shop

SOURCES = {".py", ".json", ".yaml", ".txt"}
# Long enough for an editor that writes a file in two steps, short enough not to be waited for.
STEP_MILLISECONDS, DEBOUNCE_MILLISECONDS = 40, 400


class Follower:
    """Brings a running shop up to the files of a checkout, each by the shortest way that AWS has for it."""

    def __init__(self, shop: Shop, root: Path = ROOT) -> None:
        self._aws, self._log, self._root = Aws(shop.cloud), Path(shop.log), root
        self._functions, self._layer = root / "functions", root / "layers/souk"
        self._waiting: set[Path] = set()
        self._ahead = False  # whether functions are newer than what the stack knows of them

    def follow(self, stop: threading.Event | None = None) -> None:
        """Tells each change in a line, until it is stopped."""
        paths = [self._root / name for name in ("functions", "layers", "infra", "template.yaml")]
        changes = watch(
            *paths,
            watch_filter=lambda _, path: Path(path).suffix in SOURCES and "__pycache__" not in path,
            step=STEP_MILLISECONDS,
            debounce=DEBOUNCE_MILLISECONDS,
            stop_event=stop,
        )
        try:
            for changed in changes:
                print(self.bring_up(Path(path) for _, path in changed), flush=True)
        finally:
            # Or the next start, finding the stack's own code unchanged, would leave the functions as they are.
            if self._ahead:
                self._deploy()

    def bring_up(self, changed: Iterable[Path]) -> str:
        """What became of it; until every file can be compiled, the old code goes on answering."""
        began = time.monotonic()
        self._waiting.update(path for path in changed if self._reaches_the_cloud(path))
        broken = [why for path in sorted(self._waiting) if (why := _syntax_error(path))]
        if broken:
            return f"{'; '.join(broken)} (the old code goes on answering)"
        ready, self._waiting = self._waiting, set()
        try:
            done = self._update(ready)
        except (Trouble, YAMLError) as trouble:
            self._waiting |= ready
            return " ".join(str(trouble).split())
        return f"{done} ({time.monotonic() - began:.1f} s)" if done else "Nothing that runs in the cloud has changed."

    def _reaches_the_cloud(self, path: Path) -> bool:
        return not path.is_relative_to(self._root / "infra/local")

    def _update(self, ready: set[Path]) -> str:
        functions = {path for path in ready if path.suffix == ".py" and path.is_relative_to(self._functions)}
        layer = {path for path in ready if path.suffix == ".py" and path.is_relative_to(self._layer)}
        if ready - functions - layer:
            self._deploy()
            return "The stack is deployed again"
        done = [f"{name} is up to date" for name in self._update_functions(functions)] if functions else []
        if layer:
            done.append(f"{self._update_layer()} functions have the new layer")
        self._ahead = self._ahead or bool(done)
        return ", ".join(done)

    def _update_functions(self, paths: Iterable[Path]) -> list[str]:
        """A file is a function, and no function imports another."""
        code, lambdas = zipped(self._functions, compiled=False), self._aws.client("lambda")
        names = [path.stem.replace("_", "-") for path in sorted(paths) if path.exists()]
        for name in names:
            try:
                lambdas.update_function_code(FunctionName=f"{STACK}-{name}", ZipFile=code)
            except lambdas.exceptions.ResourceNotFoundException:
                raise Trouble(f"{name} is in no template yet.") from None
        return names

    def _update_layer(self) -> int:
        """How many functions have it now; those that were called last come first, for they are called next."""
        lambdas = self._aws.client("lambda")
        content = {"ZipFile": zipped(self._layer, compiled=False)}
        new = lambdas.publish_layer_version(LayerName=STACK, Content=content)["LayerVersionArn"]
        pages = lambdas.get_paginator("list_functions").paginate()
        deployed: list[dict[str, Any]] = [function for page in pages for function in page["Functions"]]
        called = {name: place for place, name in enumerate(re.findall(r"^(\S+) \| ", self._log.read_text(), re.M))}
        for function in sorted(deployed, key=lambda one: -called.get(one["FunctionName"], -1)):
            vendor = function["Layers"][1]["Arn"]
            lambdas.update_function_configuration(FunctionName=function["FunctionName"], Layers=[new, vendor])
        return len(deployed)

    def _deploy(self) -> None:
        stack = describe(self._aws.client("cloudformation"), STACK) or {}
        given = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}
        deploy(self._aws, self._root / "template.yaml", STACK, given)
        self._ahead = False


def _syntax_error(path: Path) -> str | None:
    if path.suffix != ".py" or not path.exists():
        return None
    try:
        compile(path.read_bytes(), path, "exec")
    except (SyntaxError, ValueError) as error:
        return f"{path.name}:{getattr(error, 'lineno', None) or 1}: {getattr(error, 'msg', error)}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_port(parser)
    add_filters(parser)
    options = parser.parse_args()
    filters = {"request": options.request, "function": options.function}

    def develop(shop: Shop) -> None:
        print("Saved files answer at once; what the functions log follows.\n", flush=True)
        stream = threading.Thread(target=show, args=[Path(shop.log), lambda: True], kwargs=filters, daemon=True)
        stream.start()
        Follower(shop).follow()

    try:
        start(options.port, develop)
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
