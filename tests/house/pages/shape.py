"""docs/shape.svg: the whole shop at a glance, drawn from the template, the keys and the facts."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from souk.kernel.fact import Fact
from souk.table.keys import ENTITIES, INDEXES
from souk.table.patterns import PATTERNS
from tests.house.code import LAYER, apis, declared
from tests.support import template
from tests.support.template import FunctionResource

WIDTH, MARGIN, GAP = 1120, 20, 12
INK, SOFT, LINE = "#1f2933", "#52606d", "#9aa5b1"
DOORS, ROOMS, GROUND, OUTSIDE = "#e3f0fb", "#eef7ea", "#fdf3dc", "#f4f5f7"
AUDIENCES = {
    "shop": "everybody browses",
    "access": "sign in, be a guest",
    "me": "a buyer's own",
    "staff": "the shop's people",
    "hooks": "payment providers",
}
EVENTS = {
    "EventBridgeRule": "fact",
    "DynamoDB": "stream",
    "SQS": "queue",
    "S3": "file",
    "ScheduleV2": "clock",
}
TRIGGERS = ("request", "fact", "workflow", "timer", "clock", "stream", "queue", "file", "hand")


class Box(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def bottom(self) -> int:
        return self.y + self.height


def page() -> str:
    drawing = _Drawing()
    guests = drawing.row(20, OUTSIDE, [(f"/{name}", [said]) for name, said in AUDIENCES.items()])
    routes = Counter(door.path.split("/")[1] for _, api in apis() for door in api.doors)
    counted = " · ".join(f"{routes[name]} under /{name}" for name in AUDIENCES)
    [gateway] = drawing.row(
        100,
        DOORS,
        [("API Gateway", [f"{sum(routes.values())} routes: {counted}; one authorizer for /me and /staff"])],
    )
    for guest in guests:
        drawing.arrow(guest.middle, guest.bottom, guest.middle, gateway.y)
    rooms = sorted(_rooms().items())
    half = -(-len(rooms) // 2)
    title_y = gateway.bottom + 44
    drawing.text(
        MARGIN,
        title_y,
        f"{len(template.functions())} functions, one file and one Lambda each, by folder and by what calls them",
        bold=True,
    )
    upper = drawing.row(title_y + 12, DOORS, [_room(*room) for room in rooms[:half]], half)
    lower = drawing.row(upper[0].bottom + GAP, DOORS, [_room(*room) for room in rooms[half:]], half)
    drawing.arrow(WIDTH // 2, gateway.bottom, WIDTH // 2, title_y - 18)
    [layer] = drawing.row(
        lower[0].bottom + 30,
        ROOMS,
        [
            (
                "one layer: edge → flows → domains → table, gateways",
                ["the rules of the shop stand in the domains' models; who may know whom is tested"],
            )
        ],
    )
    drawing.arrow(WIDTH // 2, lower[0].bottom, WIDTH // 2, layer.y)
    below = drawing.row(layer.bottom + 44, GROUND, list(_ground()))
    for box in below:
        drawing.arrow(box.middle, layer.bottom, box.middle, box.y)
    drawing.turn_back(below[0], below[1], "stream: what was saved is told")
    return drawing.svg(below[0].bottom + 44)


def _rooms() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for function in template.functions():
        found[function.path.parent.name][_trigger(function)] += 1
    return found


def _trigger(function: FunctionResource) -> str:
    """What calls it; of several the first in `EVENTS`."""
    doors = json.dumps(dict(template.resources("AWS::Serverless::Api"))["Api"]["Auth"])
    if any(function.ways()) or function.properties["FunctionName"]["Fn::Sub"] in doors:
        return "request"
    kinds = {event["Type"] for event in function.properties.get("Events", {}).values()}
    for kind, name in EVENTS.items():
        if kind in kinds:
            return name
    if any(function.logical_id in json.dumps(one["DefinitionSubstitutions"]) for _, one in _workflows()):
        return "workflow"
    return "timer" if function.logical_id in _timed() else "hand"


def _workflows() -> Sequence[tuple[str, dict]]:
    return list(template.resources("AWS::Serverless::StateMachine"))


def _timed() -> set[str]:
    """What the timers' role may call."""
    role = json.dumps(dict(template.resources("AWS::IAM::Role"))["TimerRole"])
    names = {one.properties["FunctionName"]["Fn::Sub"]: one.logical_id for one in template.functions()}
    return {logical_id for name, logical_id in names.items() if f"function:{name}" in role}


def _room(name: str, calls: Counter[str]) -> tuple[str, list[str]]:
    return name, _wrapped([f"{kind} {calls[kind]}" for kind in TRIGGERS if calls[kind]], 2)


def _wrapped(words: Sequence[str], a_line: int) -> list[str]:
    return [" · ".join(words[start : start + a_line]) for start in range(0, len(words), a_line)]


def _ground() -> Iterator[tuple[str, list[str]]]:
    rules = sum(1 for one in template.functions() for _ in one.events("EventBridgeRule"))
    yield (
        "one DynamoDB table",
        [
            f"{len(ENTITIES)} kinds of items",
            f"{len(PATTERNS)} questions, {len(INDEXES)} indexes",
            "each command one transaction",
        ],
    )
    yield (
        "event bus",
        [f"{len(declared(Fact))} facts", f"{rules} rules call functions", "every consumer repeats safely"],
    )
    yield "Step Functions", [name for name, _ in _workflows()]
    yield "Scheduler", sorted(_timed())
    gateways = sorted(path.stem for path in (LAYER / "souk/gateways").glob("[!_]*.py"))
    yield "gateways", _wrapped(gateways, 3)


class _Drawing:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def row(self, y: int, fill: str, boxes: Sequence[tuple[str, list[str]]], columns: int | None = None) -> list[Box]:
        """Boxes beside each other, as high as the fullest needs."""
        columns = columns or len(boxes)
        width = (WIDTH - 2 * MARGIN - GAP * (columns - 1)) // columns
        height = 32 + 16 * max(len(lines) for _, lines in boxes)
        made = []
        for number, (title, lines) in enumerate(boxes):
            box = Box(MARGIN + number * (width + GAP), y, width, height)
            self.parts.append(
                f'<rect x="{box.x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{fill}" stroke="{LINE}"/>'
            )
            self.text(box.middle, y + 20, title, bold=True, centred=True)
            for line, said in enumerate(lines):
                self.text(box.middle, y + 38 + 16 * line, said, centred=True, colour=SOFT)
            made.append(box)
        return made

    def text(self, x: int, y: int, said: str, bold: bool = False, centred: bool = False, colour: str = INK) -> None:
        weight = ' font-weight="600"' if bold else ""
        anchor = ' text-anchor="middle"' if centred else ""
        self.parts.append(f'<text x="{x}" y="{y}" fill="{colour}"{weight}{anchor}>{escape(said)}</text>')

    def arrow(self, x: int, y: int, to_x: int, to_y: int) -> None:
        self.parts.append(f'<path d="M{x} {y} L{to_x} {to_y - 2}" stroke="{LINE}" fill="none" marker-end="url(#tip)"/>')

    def turn_back(self, start: Box, end: Box, said: str) -> None:
        """An arrow below two boxes, from the one to the other."""
        y = start.bottom + 20
        self.parts.append(
            f'<path d="M{start.middle} {start.bottom} V{y} H{end.middle} V{end.bottom + 2}" '
            f'stroke="{LINE}" fill="none" marker-end="url(#tip)"/>'
        )
        self.text((start.middle + end.middle) // 2, y + 16, said, centred=True, colour=SOFT)

    def svg(self, height: int) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="system-ui, sans-serif" font-size="12.5">'
        )
        tip = (
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{LINE}"/></marker></defs>'
        )
        return "\n".join(
            [head, tip, f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', *self.parts, "</svg>", ""]
        )
