"""CloudFormation: a nested stack may be SAM's, and is brought up to date without forgetting what stays as it was."""

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, provisioners

from infra.local.cloud.correct import correct


@correct(provisioners, "_update_resource")
def keep_attributes(
    plain: Callable,
    kind: str,
    physical_id: str,
    before: dict,
    after: dict,
    stack: str,
    logical_id: str,
    attributes: dict[str, Any] | None = None,
) -> tuple:
    """Plain ministack fails at the first Fn::GetAtt of a resource of a nested stack that has not changed."""
    if attributes is None:
        attributes = cloudformation._stacks[stack]["_resources"].get(logical_id, {}).get("Attributes")
    return plain(kind, physical_id, before, after, stack, logical_id, attributes)


@correct(provisioners, "_check_nested_stack_capabilities")
def expand(plain: Callable, parent: str, template: dict) -> None:
    """Plain ministack expands SAM in the outermost template only; this is the first that it does with a nested one."""
    plain(parent, template)
    expanded = dict(engine._apply_transforms(template))
    template.clear()
    template.update(expanded)
