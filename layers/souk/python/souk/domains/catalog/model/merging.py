"""What rows of a file make of their product: a new one or another, SKU by SKU, and what has become of each row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from souk.domains.catalog.model.drafts import need_few
from souk.domains.catalog.model.imports import Outcome, RowOutcome
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import Name, Option, OptionValue, Product
from souk.domains.catalog.model.sku import MOST_SKUS, Sku
from souk.domains.catalog.model.sku_row import OF_PRODUCT, BadRow, SkuRow
from souk.kernel.errors import Refusal
from souk.kernel.shapes import Texts

NumberedRow = tuple[int, SkuRow]
Choice = Sequence[tuple[OptionValue, OptionValue]]


@dataclass(frozen=True)
class Terms:
    """What rows are read by: categories by what a cell may call them, and who owns the SKUs that are named."""

    currency: str
    categories: Mapping[str, str]
    owners: Mapping[str, str]
    now: datetime


@dataclass
class Merged:
    """`product` None: nothing of it is to be saved. `changed` are its SKUs that are, `skus` all of them."""

    product: Product | None
    skus: dict[str, Sku]
    changed: list[Sku] = field(default_factory=list)
    outcomes: list[RowOutcome] = field(default_factory=list)


def merged(before: ProductPage | None, product_id: str, rows: Sequence[NumberedRow], terms: Terms) -> Merged:
    """Rows of one product, each by itself: one that is wrong changes nothing and hinders no other."""
    lead = rows[0][1]
    result = Merged(None, {sku.sku: sku for sku in before.skus} if before else {})
    try:
        product = _edited(before.product, lead, terms) if before else _new(product_id, lead, terms)
    except Refusal as refusal:
        result.outcomes = [failed(number, refusal.detail, row.sku) for number, row in rows]
        return result
    edited, seen = before is not None and product != before.product, dict[str, int]()
    for number, row in rows:
        try:
            _need_agreed(row, lead, rows[0][0])
            _need_new(row, seen)
            product, sku = _placed(product, result.skus, row, terms)
        except Refusal as refusal:
            result.outcomes.append(failed(number, refusal.detail, row.sku))
            continue
        seen[row.sku], old = number, result.skus.get(sku.sku)
        if sku != old:
            result.changed.append(sku)
        result.skus[sku.sku] = sku
        outcome: Outcome = "created" if old is None else "updated" if edited or sku != old else "unchanged"
        result.outcomes.append(RowOutcome(row=number, outcome=outcome, sku=sku.sku, product_id=product_id))
    if seen and (result.changed or before is None or product != before.product):
        result.product = product.but(changed_at=terms.now)
    return result


def failed(number: int, reason: str, sku: str | None = None) -> RowOutcome:
    return RowOutcome(row=number, outcome="failed", sku=sku, reason=reason[:300])


def _new(product_id: str, row: SkuRow, terms: Terms) -> Product:
    category_id = _category(row, terms)
    if not (row.name_en or row.name_zh) or category_id is None:
        raise BadRow("A new product needs a name and a category")
    return Product(
        product_id=product_id,
        code=row.product,
        name=Name(en=row.name_en, zh=row.name_zh),
        description=_texts(None, row),
        origin=row.origin,
        category_id=category_id,
        currency=terms.currency,
        changed_at=terms.now,
    )


def _edited(product: Product, row: SkuRow, terms: Terms) -> Product:
    product.need_present()
    return product.but(
        name=Name(en=row.name_en or product.name.en, zh=row.name_zh or product.name.zh),
        description=_texts(product.description, row),
        origin=row.origin or product.origin,
        category_id=_category(row, terms) or product.category_id,
    )


def _texts(before: Texts | None, row: SkuRow) -> Texts | None:
    english = row.description_en or (before and before.en)
    chinese = row.description_zh or (before and before.zh)
    return Texts(en=english, zh=chinese) if english or chinese else None


def _category(row: SkuRow, terms: Terms) -> str | None:
    if row.category and row.category not in terms.categories:
        raise BadRow(f"There is no category {row.category[:80]}, or more than one")
    return terms.categories[row.category] if row.category else None


def _need_agreed(row: SkuRow, lead: SkuRow, number: int) -> None:
    for column in OF_PRODUCT:
        if getattr(row, column) != getattr(lead, column):
            raise BadRow(f"{column} is another than in row {number}, of the same product")


def _need_new(row: SkuRow, seen: Mapping[str, int]) -> None:
    if row.sku in seen:
        raise BadRow(f"Row {seen[row.sku]} has the same SKU")


def _placed(product: Product, skus: Mapping[str, Sku], row: SkuRow, terms: Terms) -> tuple[Product, Sku]:
    """The row's SKU, and the product with the values of its choice."""
    if terms.owners.get(row.sku, product.product_id) != product.product_id:
        raise BadRow(f"{row.sku} is another product's")
    before, chosen = skus.get(row.sku), row.choice()
    choice = {option.code: value.code for option, value in chosen}
    if before and not choice:
        if not before.active:
            raise BadRow(f"{row.sku} is of a value that was removed: name its options to bring it back")
        choice = before.options
    elif before and before.options != choice:
        raise BadRow(f"{row.sku} stands for another choice of the product's options")
    else:
        product = _offering(product, chosen, is_first=not skus)
    twin = next((sku for sku in skus.values() if sku.options == choice and sku.sku != row.sku), None)
    if twin:
        raise BadRow(f"{twin.sku} stands for the same choice")
    price = row.price_minor(product.currency)
    sku = before or Sku(sku=row.sku, product_id=product.product_id, options=choice)
    need_few([*skus.values(), *(() if before else (sku,))])
    return product, sku.but(
        price_minor=sku.price_minor if price is None else price,
        barcode=row.barcode or sku.barcode,
        weight_g=sku.weight_g if row.weight_g is None else int(row.weight_g),
        image=row.image or sku.image,
        active=True,
    )


def _offering(product: Product, chosen: Choice, is_first: bool) -> Product:
    """The product's first row says which options it has; from then on only values are added."""
    if is_first and not product.options:
        options = (Option(code=option.code, name=option.name, values=(value,)) for option, value in chosen)
        return product.but(options=tuple(options))
    wanted, offered = {option.code for option, _ in chosen}, {option.code for option in product.options}
    if wanted != offered:
        raise BadRow(f"The product's options are {', '.join(sorted(offered)) or 'none'}")
    wider = product
    for option, value in chosen:
        if value.code not in {one.code for one in product.option(option.code).values}:
            wider = wider.with_value(option.code, value)
    choices = math.prod(len(option.values) for option in wider.options)
    if wider is not product and choices > MOST_SKUS:
        raise BadRow(f"A product has at most {MOST_SKUS} SKUs, and with this row its options would offer {choices}")
    return wider
