"""What makes a start lighter, each as the step that takes it back in a copy of the layers."""

import json
import runpy
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from infra.local.environments import UV
from infra.local.processes import PYTHON, ROOT

Undo = Callable[[Path, Path], None]
VENDOR = ROOT / "layers/vendor"


def ship_sources_only(souk: Path, vendor: Path) -> None:
    for layer in (souk, vendor):
        for compiled in list(layer.rglob("__pycache__")):
            shutil.rmtree(compiled)


def bring_botocore_whole(souk: Path, vendor: Path) -> None:
    """Compiled, with the zipped data of all services."""
    _bring_back(vendor, "botocore")


def document_clients(souk: Path, vendor: Path) -> None:
    _bring_back(vendor, "botocore/docs")


def hook_every_service(souk: Path, vendor: Path) -> None:
    """With what these two modules bind at once."""
    _bring_back(vendor, "botocore/handlers.py")
    _bring_back(vendor, "botocore/utils.py")


def model_every_operation(souk: Path, vendor: Path) -> None:
    trimming = runpy.run_path(str(VENDOR / "trim_botocore.py"))
    for model in vendor.glob("botocore/data/*/*/service-2.json"):
        whole = trimming["load"](_untouched() / model.relative_to(vendor))
        model.write_text(json.dumps(trimming["undocumented"](whole), separators=(",", ":")), encoding="utf-8")


def import_whole_packages(souk: Path, vendor: Path) -> None:
    for package in runpy.run_path(str(VENDOR / "import_less.py"))["LAZY"]:
        _bring_back(vendor, f"{package}/__init__.py")


def bind_everything_at_once(souk: Path, vendor: Path) -> None:
    """With the hooks of all services, which two of these modules hold."""
    for place in runpy.run_path(str(VENDOR / "import_less.py"))["LATE"]:
        _bring_back(vendor, place)


def type_every_schema(souk: Path, vendor: Path) -> None:
    _bring_back(vendor, runpy.run_path(str(VENDOR / "import_less.py"))["TYPED"])


def work_out_every_annotation(souk: Path, vendor: Path) -> None:
    """With what of these packages is bound at once."""
    for package in runpy.run_path(str(VENDOR / "import_less.py"))["UNREAD"]:
        _bring_back(vendor, package)


def compile_every_dataclass(souk: Path, vendor: Path) -> None:
    """With what of these modules is bound at once."""
    for place in runpy.run_path(str(VENDOR / "import_less.py"))["WRITTEN"]:
        _bring_back(vendor, place)


def look_for_plugins(souk: Path, vendor: Path) -> None:
    _replace(vendor / "pydantic/plugin/_loader.py", "('__all__', '1', 'true')", "()")


def build_every_model_at_once(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/kernel/shapes.py", ", defer_build=True", "")


def build_facts_pages_and_events_at_once(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/kernel/fact.py", "defer_build=True", "")
    _replace(souk / "souk/kernel/page.py", "defer_build=True", "")
    _replace(souk / "souk/gateways/stripe_webhooks.py", "defer_build=True", "")


def build_what_is_shared_in_each_holder(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/kernel/shapes.py", "defer_build=False", "defer_build=True")


def carry_stripe_by_requests(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/gateways/stripe.py", "stripe_http.Urllib3Client(", "sdk.RequestsClient(")


def collect_garbage_as_usual(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/__init__.py", "gc.set_threshold(150_000)", "gc.get_threshold()")


def set_up_tracing_at_once(souk: Path, vendor: Path) -> None:
    once = "    @functools.wraps(handle)\n    def watched_handler"
    _replace(souk / "souk/edge/watch.py", once, f"    traced()\n\n{once}")


def patch_every_library_for_tracing(souk: Path, vendor: Path) -> None:
    set_up_tracing_at_once(souk, vendor)
    _replace(souk / "souk/edge/watch.py", 'Tracer(patch_modules=("botocore",))', "Tracer()")


def import_stripe_with_the_rest(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/gateways/stripe.py", '"""\n\n', '"""\n\nimport stripe as _everywhere  # noqa\n', once=True)


ALL: Mapping[str, Undo] = {
    "layers are compiled": ship_sources_only,
    "botocore is trimmed to what is called": bring_botocore_whole,
    "- the operations alone": model_every_operation,
    "- the docstrings alone": document_clients,
    "- the hooks alone": hook_every_service,
    "packages import what is asked for": import_whole_packages,
    "modules bind what is asked for": bind_everything_at_once,
    "pydantic's own types have no fields": type_every_schema,
    "annotations that nobody reads stay text": work_out_every_annotation,
    "dataclasses are written out": compile_every_dataclass,
    "pydantic looks for no plugins": look_for_plugins,
    "models are built at their first use": build_every_model_at_once,
    "so are facts, pages and events": build_facts_pages_and_events_at_once,
    "what several models hold is built before them": build_what_is_shared_in_each_holder,
    "tracing waits for what is recorded": set_up_tracing_at_once,
    "- and patches botocore only": patch_every_library_for_tracing,
    "garbage is looked for less often": collect_garbage_as_usual,
    "Stripe is imported at its first use": import_stripe_with_the_rest,
    "- and goes over urllib3": carry_stripe_by_requests,
}


@cache
def _packages() -> "tempfile.TemporaryDirectory[str]":
    """The vendor layer's packages as they are published; the folder goes when the process does."""
    folder = tempfile.TemporaryDirectory()
    locked = ["--no-deps", "--require-hashes", "-r", str(VENDOR / "requirements.txt")]
    command = [str(UV), "pip", "install", "--quiet", "--python", str(PYTHON), "--target", folder.name, *locked]
    subprocess.run(command, check=True)
    return folder


def _untouched() -> Path:
    return Path(_packages().name)


def _bring_back(vendor: Path, place: str) -> None:
    ours, theirs = vendor / place, _untouched() / place
    if theirs.is_dir():
        shutil.rmtree(ours)
        shutil.copytree(theirs, ours)
    else:
        shutil.copyfile(theirs, ours)
    _compile(ours)


def _replace(file: Path, old: str, new: str, once: bool = False) -> None:
    text = file.read_text(encoding="utf-8")
    if old not in text:
        raise ValueError(f"{file.name} has no {old!r}")
    file.write_text(text.replace(old, new, 1 if once else -1), encoding="utf-8")
    _compile(file)


def _compile(place: Path) -> None:
    command = [str(PYTHON), "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", str(place)]
    subprocess.run(command, check=True)
