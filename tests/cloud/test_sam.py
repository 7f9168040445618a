"""The template as the AWS SAM CLI sees it: valid, clean, built, and deployed onto a local cloud."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from infra.local.aws import REGION, local_cloud
from infra.local.environments import UV
from infra.local.processes import PYTHON, ROOT, free_ports

BIN = ROOT / ".sam/bin"
PARTS = ("template.yaml", "samconfig.toml", "infra/**/*.yaml", "functions/**/*", "layers/**/*")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with all it points to, for the Python that is here: SAM builds for no other."""
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = tmp_path_factory.mktemp("checkout")
    for path in [path for part in PARTS for path in ROOT.glob(part) if path.is_file()]:
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for template in folder.rglob("*.yaml"):
        template.write_text(template.read_text().replace("python3.13", here))
    return folder


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        **more,
    }


def sam(folder: Path, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [BIN / "sam", *arguments], cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_template_is_valid() -> None:
    assert "is a valid SAM Template" in sam(ROOT, "validate", "--lint", "--region", REGION)


def test_the_expanded_template_is_clean() -> None:
    """cfn-lint expands the SAM transform and looks at what comes out."""
    templates = ["template.yaml", *(str(path) for path in ROOT.glob("infra/**/*.yaml"))]
    lint = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([lint, *templates], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_built_and_deployed_by_sam(checkout: Path, tmp_path: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    sam(checkout, "build", UV=str(UV), PYTHON_VERSION=version, PLATFORM="", COMPILER=str(PYTHON))
    assert list((checkout / ".aws-sam/build/VendorLayer/python/pydantic").glob("__pycache__/*.pyc"))
    with local_cloud(tmp_path, free_ports(1)) as aws:
        sam(checkout, "deploy", "--config-env", "local", AWS_ENDPOINT_URL=aws.endpoint)
        stack = aws.client("cloudformation").describe_stacks(StackName="souk-local")["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        stage = f"{aws.endpoint}/restapis/{outputs['ApiId']}/v1/_user_request_"
        assert requests.get(f"{stage}/shop/stores", timeout=30).status_code == 200
