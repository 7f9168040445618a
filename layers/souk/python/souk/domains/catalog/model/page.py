"""The product page: all that lies with one product, and what of it the shop shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from souk.domains.catalog.model.product import NoSuchProduct, Option, Product
from souk.domains.catalog.model.shelf import ShelfEntry
from souk.domains.catalog.model.shop import ShopAttribute, ShopMedium, for_shop
from souk.domains.catalog.model.sku import NoSuchSku, Sku, SkuState, url_of
from souk.kernel import clock
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Noun, ShownPrice


class NothingToSell(Conflict):
    title = "No SKU of the product has a price"


if TYPE_CHECKING:
    from souk.domains.catalog.model.attributes import ProductType


class ShopValue(Noun):
    code: str
    name: str


class ShopOption(Noun):
    code: str
    name: str
    values: tuple[ShopValue, ...]

    @classmethod
    def of(cls, option: Option, language: str) -> "ShopOption":
        values = tuple(ShopValue(code=value.code, name=value.name.read(language)) for value in option.values)
        return cls(code=option.code, name=option.name.read(language), values=values)


class ShopSku(Noun):
    """`available` is capped."""

    sku: str
    options: dict[str, str]
    price_minor: int
    image: str | None = None
    weight_g: int
    in_stock: bool
    available: int
    shown: ShownPrice | None = None


class ShopProduct(Noun):
    """The product page in one language, with the SKUs that can be bought; a merchant's where one is named."""

    product_id: str
    merchant_id: str | None = None
    merchant_name: str | None = None
    name: str
    description: str
    origin: str | None = None
    category_id: str
    currency: str
    price_from_minor: int
    shown_from: ShownPrice | None = None
    images: tuple[str, ...]
    media: tuple[ShopMedium, ...]
    attributes: tuple[ShopAttribute, ...]
    options: tuple[ShopOption, ...]
    skus: tuple[ShopSku, ...]


class ProductPage(NamedTuple):
    """What one query reads: the product, its SKUs, what is in stock, and its place in the lists."""

    product: Product
    skus: Sequence[Sku]
    states: Sequence[SkuState]
    shelf: ShelfEntry

    def sku(self, code: str) -> Sku:
        found = next((sku for sku in self.skus if sku.sku == code and sku.active), None)
        if found is None:
            raise NoSuchSku()
        return found

    def of_value(self, option_code: str, value_code: str) -> list[Sku]:
        return [sku for sku in self.skus if sku.active and sku.options.get(option_code) == value_code]

    def shelved(self, product: Product, skus: Sequence[Sku]) -> ShelfEntry:
        """Its place in the lists, made anew; whoever changed another SKU meanwhile is found out by the version."""
        return ShelfEntry.of(product, skus, self.states, self.shelf.version)

    def with_state(self, state: SkuState) -> "ProductPage":
        return self._replace(states=[*(one for one in self.states if one.sku != state.sku), state])

    @property
    def has_goods(self) -> bool:
        return any(sku.sellable for sku in self.skus)

    @property
    def has_stock(self) -> bool:
        """Whether some of it can be had; a product that never had stock has not run out of it."""
        return not self.states or self.shelved(self.product, self.skus).in_stock

    def need_goods(self) -> None:
        if not self.has_goods:
            raise NothingToSell()

    def shown(self, language: str, kind: "ProductType | None") -> ShopProduct:
        """As buyers see it; what is not on a shelf is not there."""
        product = self.product
        if not self.shelf.is_open(clock.now()):
            raise NoSuchProduct()
        return ShopProduct(
            product_id=product.product_id,
            merchant_id=product.merchant_id,
            name=product.name.read(language),
            origin=product.origin,
            description=product.description.read(language) if product.description else "",
            category_id=product.category_id,
            currency=product.currency,
            price_from_minor=self.shelf.price_from_minor,
            images=tuple(url_of(image) for image in product.images),
            media=for_shop(product.media, language),
            attributes=kind.shown(product.attributes, language) if kind else (),
            options=tuple(ShopOption.of(option, language) for option in product.options),
            skus=self._shop_skus(),
        )

    def _shop_skus(self) -> tuple[ShopSku, ...]:
        states = {state.sku: state for state in self.states}
        nowhere = SkuState(product_id=self.product.product_id, sku="", in_stock=False)
        return tuple(
            ShopSku(
                sku=sku.sku,
                options=sku.options,
                price_minor=sku.price_minor,
                image=sku.image and url_of(sku.image),
                weight_g=sku.weight_g,
                in_stock=states.get(sku.sku, nowhere).in_stock,
                available=states.get(sku.sku, nowhere).available,
            )
            for sku in self.skus
            if sku.active and sku.price_minor is not None
        )
