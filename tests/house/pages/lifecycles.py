"""docs/lifecycles.md: the allowed moves of everything that has a state."""

from souk.kernel.states import States
from tests.house.code import modules
from tests.house.pages.markdown import PRINTED

INTRODUCTION = f"""# Lifecycles

{PRINTED}

Each table stands beside its noun; `kernel/states.py` is the only way to move, and answers any other move with
`409 not_in_that_state`. A state without a way out is the end.
"""


def lifecycles() -> dict[str, States]:
    """Every table of moves by its place: `orders.order` is `STATES` in domains/orders/model/order.py."""
    found: dict[str, States] = {}
    for module in modules():
        for name, value in vars(module).items():
            declared_here = ".model" in module.__name__ and all(value is not known for known in found.values())
            if name.endswith("STATES") and isinstance(value, dict) and declared_here:
                place = module.__name__.removeprefix("souk.domains.").replace(".model", "")
                found[place + (f".{name.removesuffix('_STATES').lower()}" if name != "STATES" else "")] = value
    return found


def page() -> str:
    parts = [INTRODUCTION]
    for name, states in sorted(lifecycles().items()):
        moves = [f"    {state} --> {to}" for state, after in states.items() for to in sorted(after)]
        ends = [f"    {state} --> [*]" for state, after in states.items() if not after]
        diagram = "\n".join(["stateDiagram-v2", f"    [*] --> {next(iter(states))}", *moves, *ends])
        parts += [f"## {name}\n", f"```mermaid\n{diagram}\n```\n"]
    return "\n".join(parts)
