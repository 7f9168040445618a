"""The light deploy: what it makes, what it leaves alone, and what it says when it fails."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.aws import Aws, local_cloud
from infra.local.deploy import deploy
from infra.local.processes import Trouble, free_ports

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters: {Word: {Type: String}}
Resources:
  Say:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: say
      Runtime: python3.13
      Handler: say.handler
      CodeUri: functions/
      Environment: {Variables: {WORD: !Ref Word}}
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml}}
Outputs:
  Queue: {Value: !GetAtt Inner.Outputs.Queue}
"""
INNER = """
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: inner}}
Outputs:
  Queue: {Value: !GetAtt Queue.QueueName}
"""
BROKEN = """
  Broken:
    Type: AWS::Lambda::Url
    Properties: {AuthType: NONE, TargetFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:nobody'}
Outputs:
"""
HANDLER = "import os\ndef handler(event, context):\n    return '{} ' + os.environ['WORD']\n"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with local_cloud(tmp_path_factory.mktemp("cloud"), free_ports(1)) as aws:
        yield aws


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/say.py").write_text(HANDLER.format("salaam"))
    (tmp_path / "inner.yaml").write_text(INNER)
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def said(aws: Aws) -> Any:
    return json.loads(aws.client("lambda").invoke(FunctionName="say")["Payload"].read())


def test_a_stack_is_made_and_brought_up_to_date(aws: Aws, template: Path) -> None:
    assert deploy(aws, template, "words", {"Word": "one"}) == {"Queue": "inner"}
    assert said(aws) == "salaam one"

    (template.parent / "functions/say.py").write_text(HANDLER.format("hello"))
    assert deploy(aws, template, "words", {"Word": "two"}) == {"Queue": "inner"}
    assert said(aws) == "hello two"


def test_nothing_changed_is_no_failure(aws: Aws, template: Path) -> None:
    deploy(aws, template, "words", {"Word": "one"})
    assert deploy(aws, template, "words", {"Word": "one"}) == {"Queue": "inner"}


@pytest.mark.parametrize("file", ["template.yaml", "inner.yaml"])
@pytest.mark.parametrize("first", [True, False], ids=["a first deploy", "an update"])
def test_a_failure_names_the_resource_and_the_mended_template_deploys(
    aws: Aws, template: Path, first: bool, file: str
) -> None:
    stack = f"made-at-once-{file[:-5]}" if first else "words"
    if not first:
        deploy(aws, template, stack, {"Word": "one"})
    broken = template.with_name(file)
    right = broken.read_text()
    broken.write_text(right.replace("Outputs:\n", BROKEN.lstrip("\n"), 1))
    with pytest.raises(Trouble, match=r"failed: Broken \(AWS::Lambda::Url\): .*nobody"):
        deploy(aws, template, stack, {"Word": "one"})

    broken.write_text(right)
    assert deploy(aws, template, stack, {"Word": "one"}) == {"Queue": "inner"}


def test_a_template_that_is_refused_says_why(aws: Aws, template: Path) -> None:
    template.write_text(TEMPLATE.replace("AWS::Serverless::Application", "AWS::Serverless::Nonsense"))
    with pytest.raises(Trouble, match=r"The deploy of template\.yaml was refused: .*Nonsense"):
        deploy(aws, template, "refused", {"Word": "one"})


def test_a_layer_that_cannot_be_built_says_why(aws: Aws, template: Path) -> None:
    layer = template.parent / "layer"
    layer.mkdir()
    (layer / "Makefile").write_text("build-Words:\n\t@echo no such wheel >&2; false\n")
    template.write_text(
        TEMPLATE.replace(
            "  Inner:",
            """  Words:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties: {ContentUri: layer}
  Inner:""",
        )
    )
    with pytest.raises(Trouble, match="The layer Words was not built: no such wheel"):
        deploy(aws, template, "layered", {"Word": "one"})
