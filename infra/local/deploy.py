"""What `sam deploy` does, for the local cloud: a stack made or updated from a template."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local.aws import Aws
from infra.local.package import Package
from infra.local.processes import Trouble

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
MADE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def deploy(aws: Aws, template: Path, stack: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Bring the stack up to the template and answer with its outputs."""
    address = Package(aws).put_template(template)
    cloudformation = aws.client("cloudformation")
    found = describe(cloudformation, stack)
    if found and found["StackStatus"] == "ROLLBACK_COMPLETE":
        # What is left of a first deploy that failed cannot be updated.
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.2})
        found = None
    change = cloudformation.update_stack if found else cloudformation.create_stack
    try:
        change(
            StackName=stack,
            TemplateURL=address,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=CAPABILITIES,
        )
    except ClientError as refusal:
        if found and "No updates are to be performed" in str(refusal):
            return outputs(found)
        raise Trouble(f"The deploy of {template.name} was refused: {refusal.response['Error']['Message']}") from None
    return outputs(finished(cloudformation, stack))


def describe(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    try:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError:
        return None


def finished(cloudformation: Any, stack: str) -> dict[str, Any]:
    while (found := describe(cloudformation, stack)) and found["StackStatus"].endswith("IN_PROGRESS"):
        time.sleep(0.1)
    if not found or found["StackStatus"] not in MADE:
        raise Trouble(f"The deploy of {stack} failed: {cause(cloudformation, stack)}")
    return found


def cause(cloudformation: Any, stack: str) -> str:
    """The resource that failed first in the latest change, and why."""
    first = None
    for event in cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
        name, status = event["LogicalResourceId"], event["ResourceStatus"]
        if name == stack and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if name != stack and status.endswith("FAILED"):
            first = event
    if first is None:
        return "no resource says why"
    first = _below(cloudformation, stack, first) or first
    return f"{first['LogicalResourceId']} ({first['ResourceType']}): {first['ResourceStatusReason']}"


def _below(cloudformation: Any, stack: str, failed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The resource of a nested stack that failed; ministack hands its reason on, and does not say of which stack."""
    for nested in cloudformation.describe_stacks()["Stacks"]:
        if nested["StackName"].startswith(f"{stack}-{failed['LogicalResourceId']}-"):
            for event in cloudformation.describe_stack_events(StackName=nested["StackName"])["StackEvents"]:
                if event.get("ResourceStatusReason") == failed["ResourceStatusReason"]:
                    return dict(event)
    return None


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
