"""The template as CloudFormation sees it: packaged and expanded from SAM, offline."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.support import template
from tests.support.template import ROOT

ARTIFACT = "s3://artifacts/souk"
_LOCAL_PATHS = ("CodeUri", "ContentUri", "DefinitionUri")


@cache
def whole() -> dict[str, Any]:
    """CloudFormation's own resources only; local paths stand where `sam package` would have put addresses."""
    packaged = json.loads(json.dumps(template.read()))
    below = [one.get("Properties", {}) for one in packaged["Resources"].values()]
    for properties in [*packaged["Globals"].values(), *below]:
        properties.update({name: ARTIFACT for name in _LOCAL_PATHS if name in properties})
        if "Location" in properties:
            properties["Location"] = "https://artifacts.s3.amazonaws.com/souk.yaml"
    parameters = {name: parameter.get("Default") for name, parameter in packaged["Parameters"].items()}
    session = boto3.Session(region_name="eu-west-1")
    translator = Translator(None, Parser(), boto_session=session)
    expanded: dict[str, Any] = translator.translate(copy.deepcopy(packaged), parameters)
    return expanded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    found = whole()["Resources"].items()
    return {name: one["Properties"] for name, one in found if one["Type"] == kind}


def nested() -> list[Path]:
    """The templates of the nested stacks."""
    return [ROOT / properties["Location"] for _, properties in template.resources("AWS::Serverless::Application")]
