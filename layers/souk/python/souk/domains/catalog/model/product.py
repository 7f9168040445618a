"""The product: what is told of it, the choices it comes in, and its life as one checked table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, computed_field
from pydantic.types import StringConstraints

from souk.domains.catalog.model.sku import MOST_SKUS, DuplicateChoice, Image, Sku, Slug
from souk.kernel import states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import Flag, Line, Noun, Texts, Versioned
from souk.kernel.states import States

Status = Literal["draft", "listed", "delisted", "deleted"]
# What is done with a product that runs out: nothing; taken off the shelf; taken off, and put back when it is restocked.
SoldOut = Literal["keep", "delist", "relist"]
STATES: States = {
    "draft": {"listed", "deleted"},
    "listed": {"delisted", "deleted"},
    "delisted": {"listed", "deleted"},
    "deleted": set(),
}


class NoSuchProduct(Missing):
    title = "No such product"


class ProductCodeTaken(Conflict):
    title = "Another product has this code; one that was used once is never used for another product"


class NoSuchOption(Missing):
    title = "The product has no such option or value"


class LastValue(Conflict):
    title = "An option keeps at least one value"


class ProductDeleted(Conflict):
    title = "The product has been deleted"


class Name(Texts):
    """What a thing is called: one short line in each language."""

    en: Line | None = None
    zh: Line | None = None


class OptionValue(Noun):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Slug
    name: Name


class Option(Noun):
    """What a buyer chooses among: a colour, a size, a capacity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Slug
    name: Name
    values: Annotated[tuple[OptionValue, ...], Field(min_length=1, max_length=MOST_SKUS)]


Images = Annotated[tuple[Image, ...], Field(max_length=12)]
# A decimal is a text, so that it stays exact; a choice is the code of what is chosen, or several of them.
AttributeValue = (
    Flag
    | Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
    | Annotated[str, StringConstraints(strict=True, max_length=64)]
    | Annotated[tuple[Slug, ...], Field(max_length=40)]
    | Texts
)
AttributeValues = Annotated[dict[Slug, AttributeValue], Field(max_length=40)]
MediumRole = Literal["outer", "inner", "scene"]
MOST_MEDIA = 12


class Medium(Noun):
    """A picture or film of the product; `key` is where the file lies."""

    media_id: str
    key: str
    content_type: str
    bytes: int
    name: str
    role: MediumRole
    alt: Name | None = None


class Product(Versioned):
    """`changed_at` is the last change of the product itself.

    It is on sale from `list_at` until `delist_at` by the clock; the timers that come then only write down what has
    come to pass. `sold_out` is its own policy, `off_for_stock` whether that took it off the shelf, `off_for_merchant`
    whether the suspension of its merchant did. `facets` are what lists of the shop can be narrowed down by, out of what
    is told in `attributes`. `merchant_id` is whose goods it is: none where they are the retailer's own.
    """

    product_id: str
    merchant_id: str | None = None
    code: str
    name: Name
    description: Texts | None = None
    origin: str | None = None
    category_id: str
    currency: str
    options: tuple[Option, ...] = ()
    type_id: str | None = None
    attributes: dict[str, AttributeValue] = {}
    facets: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    media: tuple[Medium, ...] = ()
    status: str = "draft"
    changed_at: datetime
    listed_at: datetime | None = None
    list_at: datetime | None = None
    delist_at: datetime | None = None
    sold_out: SoldOut | None = None
    off_for_stock: bool = False
    off_for_merchant: bool = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def image(self) -> str | None:
        """The first that was sent up, or else the first that is fetched from elsewhere."""
        pictures = [one.key for one in self.media if one.content_type.startswith("image/")]
        return next(iter((*pictures, *self.images)), None)

    def moved(self, to: str, at: datetime) -> "Product":
        """In its next state; the beginning that was planned is over with it, and where it is not listed the end too."""
        self.need_move(to)
        delist_at = self.delist_at if to == "listed" else None
        off_for = {"off_for_stock": False, "off_for_merchant": False}
        return self.but(status=to, changed_at=at, list_at=None, delist_at=delist_at, **off_for)

    def relisted(self, at: datetime) -> "Product":
        return self.moved("listed", at).but(listed_at=at)

    def withdrawn(self, at: datetime) -> "Product":
        """Off the shelf, and not coming back by itself; the same product where that is so already."""
        may_come_back = self.is_planned or self.off_for_stock or self.off_for_merchant
        if self.status in ("draft", "delisted") and may_come_back:
            return self.planned(None, None)
        return self if self.status == "delisted" else self.moved("delisted", at)

    def by_stock(self, in_stock: bool, shops: SoldOut, at: datetime) -> "Product":
        """As its stock makes it under its own policy or the shop's; the same product where nothing is to be done.

        Only what the stock itself took off comes back by the stock, and the end that was planned stays for it.
        """
        policy = self.sold_out or shops
        if self.status == "listed" and not in_stock and policy != "keep":
            return self.moved("delisted", at).but(off_for_stock=True, delist_at=self.delist_at)
        if self.off_for_stock and in_stock and policy == "relist" and not self.is_over(at):
            return self.relisted(at)
        return self

    def by_merchant(self, sells: bool, in_stock: bool, shops: SoldOut, at: datetime) -> "Product":
        """As the standing of its merchant makes it; only what a suspension took off comes back with its end."""
        if self.status == "listed" and not sells:
            return self.moved("delisted", at).but(off_for_merchant=True, delist_at=self.delist_at)
        if self.off_for_merchant and sells and not self.is_over(at):
            return self.relisted(at).by_stock(in_stock, shops, at)
        return self

    def planned(self, list_at: datetime | None, delist_at: datetime | None) -> "Product":
        """With another plan, or none; who plans takes it over from the stock."""
        return self.but(list_at=list_at, delist_at=delist_at, off_for_stock=False, off_for_merchant=False)

    def in_order(self, skus: Sequence[Sku]) -> list[Sku]:
        """As the options list their values; the SKUs of removed values stand last."""
        offered = {option.code: [value.code for value in option.values] for option in self.options}

        def place(sku: Sku) -> tuple[bool, list[int]]:
            chosen = [(sku.options.get(option), values) for option, values in offered.items()]
            found = [values.index(value) for value, values in chosen if value in values]
            is_gone = len(found) < max(len(offered), len(sku.options))
            return is_gone, [] if is_gone else found

        return sorted(skus, key=place)

    def is_due(self, now: datetime) -> bool:
        return self.list_at is not None and self.list_at <= now

    def is_over(self, now: datetime) -> bool:
        return self.delist_at is not None and self.delist_at <= now

    def on_sale(self, now: datetime) -> bool:
        """By the clock, whether or not a timer has come."""
        return (self.status == "listed" or self.is_due(now)) and not self.is_over(now)

    @property
    def is_planned(self) -> bool:
        return self.list_at is not None or self.delist_at is not None

    def need_move(self, to: str) -> None:
        states.move(STATES, self.status, to, f"Product {self.code}")

    def need_scope(self, by: Caller) -> None:
        """Another's goods are missing to a merchant's people."""
        if not by.sees_goods_of(self.merchant_id):
            raise NoSuchProduct()

    def need_present(self) -> None:
        if self.status == "deleted":
            raise ProductDeleted()

    def option(self, code: str) -> Option:
        found = next((option for option in self.options if option.code == code), None)
        if found is None:
            raise NoSuchOption()
        return found

    def with_value(self, option_code: str, value: OptionValue) -> "Product":
        option = self.option(option_code)
        if value.code in {one.code for one in option.values}:
            raise DuplicateChoice(f"{option_code} has the value {value.code}", value=value.code)
        return self._with(option.but(values=(*option.values, value)))

    def without_value(self, option_code: str, value_code: str) -> "Product":
        option = self.option(option_code)
        left = tuple(one for one in option.values if one.code != value_code)
        if len(left) == len(option.values):
            raise NoSuchOption()
        if not left:
            raise LastValue()
        return self._with(option.but(values=left))

    def _with(self, changed: Option) -> "Product":
        return self.but(options=tuple(changed if one.code == changed.code else one for one in self.options))


class ProductClaim(Noun):
    """That a code belongs to a product, for ever: files of products name them by their codes."""

    code: str
    product_id: str
