"""What makes a start lighter, each as the step that takes it back in a copy of the layers."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import botocore

from infra.local.processes import PYTHON

Undo = Callable[[Path, Path], None]


def ship_sources_only(souk: Path, vendor: Path) -> None:
    for layer in (souk, vendor):
        for compiled in list(layer.rglob("__pycache__")):
            shutil.rmtree(compiled)


def take_botocore_of_the_runtime(souk: Path, vendor: Path) -> None:
    """Compiled, with the zipped data of all services."""
    shutil.rmtree(vendor / "botocore")
    shutil.copytree(Path(botocore.__file__).parent, vendor / "botocore")
    _compile(vendor / "botocore")


def build_every_model_at_once(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/kernel/shapes.py", ", defer_build=True", "")


def collect_garbage_as_usual(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/__init__.py", "gc.set_threshold(50_000)", "gc.get_threshold()")


def patch_every_library_for_tracing(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/edge/watch.py", 'Tracer(auto_patch=False, patch_modules=("botocore",))', "Tracer()")


def import_stripe_with_the_rest(souk: Path, vendor: Path) -> None:
    _replace(souk / "souk/gateways/stripe.py", '"""\n\n', '"""\n\nimport stripe as _everywhere  # noqa\n', once=True)


ALL: Mapping[str, Undo] = {
    "layers are compiled": ship_sources_only,
    "botocore has the data of our services only": take_botocore_of_the_runtime,
    "models are built at their first use": build_every_model_at_once,
    "garbage is looked for less often": collect_garbage_as_usual,
    "tracing patches botocore only": patch_every_library_for_tracing,
    "Stripe is imported at its first use": import_stripe_with_the_rest,
}


def _replace(file: Path, old: str, new: str, once: bool = False) -> None:
    text = file.read_text(encoding="utf-8")
    if old not in text:
        raise ValueError(f"{file.name} has no {old!r}")
    file.write_text(text.replace(old, new, 1 if once else -1), encoding="utf-8")
    _compile(file)


def _compile(place: Path) -> None:
    command = [str(PYTHON), "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", str(place)]
    subprocess.run(command, check=True)
