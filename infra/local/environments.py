"""The project's own environments, each made anew only when its pins or the interpreter changed.

`python3 infra/local/environments.py .cloud .venv` installs uv below `.tools` and updates the named ones.
It runs on the Python that is on the PATH, before anything is installed: standard library only.
"""

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = {
    ".tools": "infra/local/tools-requirements.txt",
    ".cloud": "infra/local/requirements.txt",
    ".venv": "tests/requirements.txt",
    ".sam": "infra/local/sam-requirements.txt",
    ".scan": "infra/local/scan-requirements.txt",
}
UV = ROOT / ".tools/bin/uv"
ENVIRONMENT = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_ROOT_USER_ACTION": "ignore"}


def run(*command: "str | Path") -> None:
    try:
        subprocess.run(command, check=True, cwd=ROOT, env=ENVIRONMENT)
    except subprocess.CalledProcessError as failure:
        sys.exit(f"Could not install the project's tools: `{' '.join(map(str, failure.cmd))}` failed.")


def install_uv(pins: Path) -> None:
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--upgrade",
        "--require-hashes",
        "--target",
        ROOT / ".tools",
        "-r",
        pins,
    )


def install(folder: Path, pins: Path, keep: bool) -> None:
    if not keep:
        run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
    run(UV, "pip", "sync", "--quiet", "--require-hashes", "--python", folder / "bin/python", pins)


def bring_up_to_date(name: str) -> None:
    folder, pins = ROOT / name, ROOT / PINS[name]
    stamp = folder / ".installed"
    interpreter = f"{sys.executable} {platform.python_version()}"
    wanted = [interpreter, hashlib.sha256(pins.read_bytes()).hexdigest()]
    found = stamp.read_text().splitlines() if stamp.exists() else []
    if found == wanted:
        return
    print(f"Installing {name} ...", flush=True)
    if name == ".tools":
        install_uv(pins)
    else:
        install(folder, pins, keep=found[:1] == wanted[:1])
    stamp.write_text("\n".join(wanted))


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(
            f"Souk needs Python 3.11 or newer, and {sys.executable} is {platform.python_version()}: "
            "set PYTHON to a newer one."
        )
    for environment in [".tools", *sys.argv[1:]]:
        bring_up_to_date(environment)
