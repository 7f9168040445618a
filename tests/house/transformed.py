"""The templates as CloudFormation sees them: packaged and expanded from SAM, offline."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.support import template

ARTIFACT = "s3://artifacts/souk"
_LOCAL_PATHS = ("CodeUri", "ContentUri", "DefinitionUri")


@cache
def whole() -> dict[str, Any]:
    """All that is SAM's as one template, of CloudFormation's own resources, whichever stack each is deployed in."""
    found = [_expanded(stack) for stack in template.stacks().values()]
    named = Counter(name for stack in found for name in stack["Resources"])
    twice = {name for name, times in named.items() if times > 1} - {"Api"}
    assert not twice, f"{twice} would hide one another"
    return found[0] | {"Resources": {name: one for stack in found for name, one in stack["Resources"].items()}}


@cache
def deployed(file: str) -> dict[str, Any]:
    """The template of one stack."""
    raw = template.read(file)
    return _expanded(raw) if "Transform" in raw else raw


def _expanded(stack: Mapping[str, Any]) -> dict[str, Any]:
    """Local paths stand where `sam package` would have put addresses."""
    packaged = json.loads(json.dumps(stack))
    below = [one.get("Properties", {}) for one in packaged["Resources"].values()]
    for properties in [*packaged.get("Globals", {}).values(), *below]:
        properties.update({name: ARTIFACT for name in _LOCAL_PATHS if name in properties})
        if "Location" in properties:
            properties["Location"] = "https://artifacts.s3.amazonaws.com/souk.yaml"
    parameters = packaged.get("Parameters", {}).items()
    defaults = {name: parameter["Default"] for name, parameter in parameters if "Default" in parameter}
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name="eu-west-1"))
    expanded: dict[str, Any] = translator.translate(packaged, defaults)
    return expanded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    found = whole()["Resources"].items()
    return {name: one["Properties"] for name, one in found if one["Type"] == kind}


def files() -> list[str]:
    """The templates of all stacks."""
    return [*template.stacks(), *template.ground()]
