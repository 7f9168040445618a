"""What `sam package` does, for the local cloud: code goes to a bucket and the template says where.

The template stays unexpanded: ministack runs the SAM transform itself.
"""

import fcntl
import hashlib
import io
import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import yaml

from infra.local.aws import CACHE, REGION, Aws
from infra.local.environments import UV
from infra.local.processes import PYTHON, Trouble

BUCKET = "souk-local-artifacts"


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def intrinsic(loader: Template, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if name == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


Template.add_multi_constructor("!", intrinsic)


def read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), Template)


def zipped(folder: Path, *, compiled: bool) -> bytes:
    """The folder as an archive whose bytes depend on its content alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (compiled or "__pycache__" not in path.parts):
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def built_layer(name: str, source: Path) -> Path:
    """The archive that the layer's own Makefile builds for the interpreter that functions run on here.

    One process builds it; another that wants it meanwhile waits.
    """
    command = [str(PYTHON), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    inputs = b"".join(path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file())
    key = hashlib.sha256(version.encode() + inputs).hexdigest()[:16]
    archive = CACHE / f"{name}-{key}.zip"
    CACHE.mkdir(parents=True, exist_ok=True)
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            _build(name, source, archive, version)
    return archive


def _build(name: str, source: Path, archive: Path, version: str) -> None:
    folder = archive.with_suffix("")
    settings = {"ARTIFACTS_DIR": folder, "PYTHON_VERSION": version, "PLATFORM": "", "COMPILER": PYTHON, "UV": UV}
    arguments = [f"{key}={value}" for key, value in settings.items()]
    made = subprocess.run(["make", "-s", f"build-{name}", *arguments], cwd=source, capture_output=True, text=True)
    if made.returncode:
        said = " ".join(line.strip() for line in made.stderr.splitlines() if not line.startswith("make:"))
        raise Trouble(f"The layer {name} was not built: {said}")
    unfinished = archive.with_suffix(".part")
    unfinished.write_bytes(zipped(folder, compiled=True))
    os.replace(unfinished, archive)


class Package:
    """One template with everything it points to, uploaded under names that follow from the content."""

    def __init__(self, aws: Aws) -> None:
        self.s3 = aws.client("s3")
        self.endpoint = aws.endpoint
        self.folders: dict[Path, str] = {}
        if BUCKET not in [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def put(self, content: bytes, suffix: str) -> str:
        key = hashlib.sha256(content).hexdigest()[:32] + suffix
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def put_folder(self, folder: Path) -> str:
        if folder not in self.folders:
            self.folders[folder] = self.put(zipped(folder, compiled=False), ".zip")
        return self.folders[folder]

    def put_template(self, path: Path) -> str:
        """The address of the template, after everything below it is up."""
        template = read(path)
        for globals_ in template.get("Globals", {}).values():
            if "CodeUri" in globals_:
                globals_["CodeUri"] = self.put_folder(path.parent / globals_["CodeUri"])
        for name, resource in template["Resources"].items():
            self.put_parts(name, resource, path.parent)
        return self.put(json.dumps(template).encode(), ".json").replace("s3://", f"{self.endpoint}/")

    def put_parts(self, name: str, resource: dict[str, Any], base: Path) -> None:
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::Serverless::Function" if "CodeUri" in properties:
                properties["CodeUri"] = self.put_folder(base / properties["CodeUri"])
            case "AWS::Serverless::LayerVersion" if resource.pop("Metadata", {}).get("BuildMethod"):
                archive = built_layer(name, base / properties["ContentUri"])
                properties["ContentUri"] = self.put(archive.read_bytes(), ".zip")
            case "AWS::Serverless::LayerVersion":
                properties["ContentUri"] = self.put_folder(base / properties["ContentUri"])
            case "AWS::Serverless::StateMachine" if "DefinitionUri" in properties:
                definition = base / properties["DefinitionUri"]
                properties["DefinitionUri"] = self.put(definition.read_bytes(), ".json")
            case "AWS::Serverless::Application":
                properties["Location"] = self.put_template(base / properties["Location"])
