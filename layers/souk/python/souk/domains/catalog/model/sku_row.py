"""A row of the template: a SKU with what it says of its product, each cell read as what its column is."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import ValidationError
from pydantic.types import StringConstraints

from souk.domains.catalog.model.category import Tree
from souk.domains.catalog.model.drafts import Barcode
from souk.domains.catalog.model.imports import WrongTable
from souk.domains.catalog.model.product import Name, OptionValue
from souk.domains.catalog.model.sku import Image
from souk.kernel import money
from souk.kernel.errors import Refused
from souk.kernel.shapes import MAX_MINOR, Country, Input, Line, Prose
from souk.kernel.shapes import Sku as SkuCode

COLUMNS = (
    *("product", "name_en", "name_zh", "description_en", "description_zh", "origin", "category"),
    *("sku", "price", "barcode", "weight_g", "image"),
    *("option1", "value1", "option2", "value2", "option3", "value3"),
)
OF_PRODUCT = COLUMNS[1:7]  # said once, they hold for all rows of the product that follow
EXAMPLE: tuple[dict[str, str], ...] = (
    {
        "product": "POT",
        "name_en": "Iron teapot",
        "name_zh": "铁壶",
        "origin": "JP",
        "category": "Tea > Teapots",
        "sku": "POT-BLACK",
        "price": "59.00",
        "barcode": "4006381333931",
        "weight_g": "1250",
        "option1": "Colour|颜色",
        "value1": "Black|黑色",
    },
    {"product": "POT", "sku": "POT-INDIGO", "price": "62.50", "option1": "Colour|颜色", "value1": "Indigo|靛蓝"},
)
_NEEDED = ("product", "sku")
_FORMULA = "=+-@\t\r"  # with these a spreadsheet takes a text for a formula, wherever it is shown next
_NUMBER = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,6}))?")


class BadRow(Refused):
    title = "The row cannot be imported"


class SkuRow(Input):
    """An empty cell says nothing: what is there already stays as it is."""

    product: SkuCode
    name_en: Line | None = None
    name_zh: Line | None = None
    description_en: Prose | None = None
    description_zh: Prose | None = None
    origin: Country | None = None
    category: Line | None = None
    sku: SkuCode
    price: str | None = None
    barcode: Barcode | None = None
    weight_g: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}$")] | None = None
    image: Image | None = None
    option1: Line | None = None
    value1: Line | None = None
    option2: Line | None = None
    value2: Line | None = None
    option3: Line | None = None
    value3: Line | None = None

    def choice(self) -> list[tuple[OptionValue, OptionValue]]:
        """Each option with the value that is chosen of it."""
        pairs = [(getattr(self, f"option{n}"), getattr(self, f"value{n}")) for n in (1, 2, 3)]
        if half := next((n for n, (option, value) in enumerate(pairs, 1) if bool(option) != bool(value)), None):
            raise BadRow(f"option{half} and value{half} go together")
        found = [(_named(option), _named(value)) for option, value in pairs if option]
        if len({option.code for option, _ in found}) < len(found):
            raise BadRow("An option stands twice in the row")
        return found

    def price_minor(self, currency: str) -> int | None:
        """`59.5` is 5950 in a currency of two decimals; no float comes near it."""
        if self.price is None:
            return None
        found, digits = _NUMBER.fullmatch(self.price), money.exponent(currency)
        part = (found[2] or "").rstrip("0") if found else ""
        if not found or len(part) > digits:
            raise BadRow(f"price must be a number such as 12 with at most {digits} decimals in {currency}")
        minor = int(found[1] + part.ljust(digits, "0"))
        if minor > MAX_MINOR:
            raise BadRow("price is too high")
        return minor


def columns_of(header: Sequence[str]) -> tuple[str, ...]:
    """The columns in the order of this file; WrongTable where one is unknown, doubled or missing."""
    found = tuple(cell.strip().lower() for cell in header)
    unknown = [cell or "(empty)" for cell in found if cell not in COLUMNS]
    doubled = sorted({cell for cell in found if found.count(cell) > 1} & set(COLUMNS))
    missing = [cell for cell in _NEEDED if cell not in found]
    for word, columns in (("has unknown", unknown), ("doubles the", doubled), ("lacks the", missing)):
        if columns:
            raise WrongTable(f"The header {word} columns: {', '.join(column[:40] for column in columns[:5])}")
    return found


def read_row(cells: Mapping[str, str]) -> SkuRow:
    """Of cells that are not empty; BadRow names the first that is wrong."""
    for column, cell in cells.items():
        if cell[0] in _FORMULA:
            raise BadRow(f"{column} begins with a character that makes it a formula")
    try:
        return SkuRow.model_validate(cells)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRow(f"{first['loc'][0]}: {first['msg']}") from None


def categories_by_name(tree: Tree) -> dict[str, str]:
    """Ids by what a cell may say: the id, or the names from the top down as in `Tea > Teapots` where that is unique."""
    found: dict[str, set[str]] = {}
    trail: list[Name] = []
    for node in tree.nodes():
        trail[node.depth - 1 :] = [node.name]
        paths = {" > ".join(name.read(language) for name in trail) for language in ("en", "zh")}
        for said in (node.category_id, *paths):
            found.setdefault(said, set()).add(node.category_id)
    return {said: ids.pop() for said, ids in found.items() if len(ids) == 1}


def _named(text: str) -> OptionValue:
    """`Colour|颜色` is the option `colour` with a name in each language."""
    english, _, chinese = (part.strip() for part in text.partition("|"))
    code = re.sub(r"[^a-z0-9]+", "-", english.lower())[:32].strip("-")
    if not code:
        raise BadRow(f"{text[:40]} needs a name in Latin letters before the |, to be told apart by")
    return OptionValue(code=code, name=Name(en=english, zh=chinese or None))
