"""Prints the pages of docs/ and the files of events/ that come from the code: `python -m tests.house.print_docs`."""

from pathlib import Path

from tests.house.pages import alarms, capabilities, cost, facts, lifecycles, openapi, refusals, routes, shape, table
from tests.support.template import ROOT

PAGES = {
    "docs/table.md": table.page,
    "docs/events.md": facts.page,
    "docs/alarms.md": alarms.page,
    "docs/cost.md": cost.page,
    "docs/refusals.md": refusals.page,
    "docs/lifecycles.md": lifecycles.page,
    "docs/api.md": routes.page,
    "docs/api/openapi.json": openapi.page,
    "docs/capabilities.md": capabilities.page,
    "docs/shape.svg": shape.page,
}


def printed() -> dict[Path, str]:
    return {**{ROOT / name: page() for name, page in PAGES.items()}, **facts.files()}


if __name__ == "__main__":
    for place, text in printed().items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    print(f"{len(printed())} files")
