"""Product types: what a product tells of itself, in which order, of which type; and lists narrowed down by it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.catalog.model.attributes import Attribute, ProductType, ProductTypeInUse, WrongAttribute
from tests.support.market import Market, draft, text
from tests.support.shop import Answer, Shop


def choice(code: str, *codes: str, kind: str = "choice", **more: Any) -> dict[str, Any]:
    named = [{"code": one, "name": text(one.title())} for one in codes]
    return {"code": code, "name": text(code.title()), "kind": kind, "choices": named, "filterable": True, **more}


def plain(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": text(code.title()), "kind": kind, **more}


TEAPOTS = [
    choice("material", "iron", "clay", required=True),
    plain("maker", "text"),
    plain("volume", "decimal", decimals=2, unit="l", filterable=True),
    plain("cups", "integer", filterable=True),
    plain("dishwasher", "boolean", filterable=True),
    choice("uses", "tea", "herbs", "water", kind="choices"),
]
TOLD = {
    "uses": ["water", "tea"],
    "dishwasher": False,
    "cups": 4,
    "volume": "00.650",
    "maker": {"en": "Iwachu", "zh": "岩铸"},
    "material": "iron",
}
READ = TOLD | {"volume": "0.65", "uses": ["tea", "water"]}


def make_type(shop: Shop, *attributes: dict[str, Any]) -> dict[str, Any]:
    said = {"name": text("Teapot"), "attributes": list(attributes)}
    return dict(shop.post("/staff/product-types", said, as_=shop.boss).ok())


def edit_type(shop: Shop, of: dict[str, Any], *attributes: dict[str, Any]) -> Answer:
    path = f"/staff/product-types/{of['type_id']}"
    version = shop.get(path, as_=shop.boss).ok()["version"]
    return shop.put(path, {"version": version, "name": of["name"], "attributes": list(attributes)}, as_=shop.boss)


@pytest.mark.capability("PRD-02")
def test_a_product_tells_its_attributes_in_the_order_of_its_type_and_in_the_readers_language(
    shop: Shop, market: Market
) -> None:
    kind = make_type(shop, *TEAPOTS)
    made = market.listed(market.category(), type_id=kind["type_id"], attributes=TOLD)
    path = f"/staff/products/{made['product_id']}"
    for sheet in (made, shop.get(path, as_=shop.boss).ok()):
        assert list(sheet["attributes"]) == [one["code"] for one in TEAPOTS]
        assert {code: _texts(value) for code, value in sheet["attributes"].items()} == READ

    page = shop.call("GET", f"/shop/products/{made['product_id']}", headers={"accept-language": "zh"}).ok()
    assert [one["code"] for one in page["attributes"]] == [one["code"] for one in TEAPOTS]
    shown = {one["code"]: one for one in page["attributes"]}
    assert shown["maker"]["value"] == "岩铸"
    assert shown["material"]["value"] == [{"code": "iron", "name": "Iron（中文）"}]
    assert (shown["volume"]["value"], shown["volume"]["unit"], shown["volume"]["name"]) == (
        "0.65",
        "l",
        "Volume（中文）",
    )
    assert (shown["cups"]["value"], shown["dishwasher"]["value"]) == (4, False)

    edit_type(shop, kind, *TEAPOTS[::-1]).ok()
    assert list(shop.get(path, as_=shop.boss)["attributes"]) == [one["code"] for one in TEAPOTS[::-1]]


def _texts(value: Any) -> Any:
    return {name: one for name, one in value.items() if one} if isinstance(value, dict) else value


WRONG: dict[str, list[Any]] = {
    "material": ["wood", ["iron"], True, 1, {"en": "iron"}],
    "maker": ["Iwachu", 1, {"fr": "Iwachu"}, {}, ["Iwachu"]],
    "volume": ["0.655", "1,5", 1, 1.5, "1e2", "NaN", " 1", "", "1" * 16, True],
    "cups": ["4", 4.0, True, 10**16, None],
    "dishwasher": ["true", 0, 1],
    "uses": ["tea", ["coffee"], [1], {"tea": True}],
    "colour": ["red"],
}


@pytest.mark.capability("PRD-02")
def test_a_value_of_the_wrong_type_is_refused_by_the_name_of_its_attribute(shop: Shop, market: Market) -> None:
    kind, tea = make_type(shop, *TEAPOTS), market.category()
    for code, values in WRONG.items():
        for value in values:
            said = draft(tea, type_id=kind["type_id"], attributes=TOLD | {code: value})
            answer = shop.post("/staff/products", said, as_=shop.boss)
            assert answer.status == 422, (code, value)
            assert code in answer["detail"], (code, value, answer["detail"])
    missing = draft(tea, type_id=kind["type_id"], attributes={"cups": 1})
    answer = shop.post("/staff/products", missing, as_=shop.boss)
    assert (answer.status, answer["code"], answer["attribute"]) == (422, "wrong_attribute", "material")
    assert shop.post("/staff/products", draft(tea, attributes={"cups": 1}), as_=shop.boss)["attribute"] == "cups"
    unknown = shop.post("/staff/products", draft(tea, type_id="typ_0"), as_=shop.boss)
    assert (unknown.status, unknown["code"]) == (422, "unknown_product_type")
    assert shop.rows("Product") == []


@pytest.mark.capability("PRD-02")
def test_the_list_of_a_category_is_narrowed_down_by_what_its_products_tell(shop: Shop, market: Market) -> None:
    kind, tea = make_type(shop, *TEAPOTS), market.category()
    told: list[dict[str, Any]] = [
        {"material": "iron", "cups": 4, "uses": ["tea"], "volume": "1.0"},
        {"material": "clay", "cups": 4, "uses": ["tea", "herbs"], "dishwasher": True},
        {"material": "iron", "cups": 6, "uses": ["water"], "dishwasher": False},
    ]
    made = [market.listed(tea, type_id=kind["type_id"], attributes=one)["product_id"] for one in told]
    market.listed(tea, "Kettle without a type")

    def found(attributes: str, **more: Any) -> list[int]:
        page = shop.get(f"/shop/categories/{tea}/products", attributes=attributes, sort="name", **more).ok()
        return sorted(made.index(one["product_id"]) for one in page["items"])

    assert found("material:iron") == [0, 2]
    assert found("material:iron,cups:4") == [0]
    assert found("uses:tea") == [0, 1] and found("uses:tea,uses:herbs") == [1]
    assert found("dishwasher:true") == [1] and found("volume:1") == [0]
    assert found("material:wood") == [] == found("maker:iwachu")

    path = f"/staff/products/{made[0]}"
    sheet = shop.get(path, as_=shop.boss).ok()
    kept = {name: sheet[name] for name in ("version", "name", "category_id", "type_id")}
    shop.put(path, kept | {"attributes": told[0] | {"material": "clay"}}, as_=shop.boss).ok()
    assert found("material:iron") == [2] and found("material:clay") == [0, 1]
    for wrong in ("material", "material:", "Material:iron", "material:iron,", ",".join(["cups:4"] * 6)):
        assert shop.get(f"/shop/categories/{tea}/products", attributes=wrong).status == 422, wrong


def test_a_narrowed_list_is_paged_to_its_end_and_no_page_looks_through_more_than_its_share(
    shop: Shop, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("souk.domains.catalog.store.shelves._LOOKED_THROUGH", 5)
    kind, tea = make_type(shop, choice("material", "iron", "clay")), market.category()
    wanted = []
    for number in range(17):
        material = "clay" if number % 6 == 5 else "iron"
        made = market.listed(tea, f"Pot {number:02d}", type_id=kind["type_id"], attributes={"material": material})
        wanted += [made["product_id"]] if material == "iron" else []
    found: list[str] = []
    query: dict[str, Any] = {"attributes": "material:iron", "sort": "name", "limit": 3}
    for _ in range(12):
        page = shop.get(f"/shop/categories/{tea}/products", **query).ok()
        assert len(page["items"]) <= 3
        found += [one["product_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == wanted
    other = shop.get(f"/shop/categories/{tea}/products", **query | {"attributes": "material:clay"})
    assert other.status == 400


@pytest.mark.capability("PRD-02")
def test_a_type_that_products_use_only_becomes_wider(shop: Shop, market: Market) -> None:
    kind = make_type(shop, *TEAPOTS)
    material, maker, volume, cups, *rest = TEAPOTS
    assert edit_type(shop, kind, material | {"filterable": False}, *TEAPOTS[1:]).ok()["version"] == 2
    edit_type(shop, kind, *TEAPOTS).ok()
    made = market.product(market.category(), type_id=kind["type_id"], attributes=TOLD)

    narrower: list[list[dict[str, Any]]] = [
        TEAPOTS[1:],
        [choice("material", "iron", required=True), *TEAPOTS[1:]],
        [material | {"filterable": False}, *TEAPOTS[1:]],
        [material, maker | {"required": True}, *TEAPOTS[2:]],
        [material, maker, volume | {"decimals": 1}, *TEAPOTS[3:]],
        [material, maker, volume | {"unit": "ml"}, *TEAPOTS[3:]],
        [material, maker, volume, plain("cups", "decimal", decimals=1, filterable=True), *rest],
        [*TEAPOTS, plain("weight", "integer", required=True)],
    ]
    for attributes in narrower:
        refused = edit_type(shop, kind, *attributes)
        assert (refused.status, refused["code"]) == (409, "product_type_in_use"), attributes
        assert refused["attribute"]

    wider = [
        choice("material", "iron", "clay", "glass"),
        plain("weight", "integer", unit="g", filterable=True),
        maker,
        volume | {"decimals": 3, "name": text("Holds")},
        cups,
        *rest,
    ]
    edit_type(shop, kind, *wider).ok()
    late = shop.put(
        f"/staff/product-types/{kind['type_id']}",
        {"version": 1, "name": kind["name"], "attributes": wider},
        as_=shop.boss,
    )
    assert (late.status, late["code"]) == (409, "edited_meanwhile")

    shop.delete(f"/staff/products/{made['product_id']}", as_=shop.boss).ok()
    edit_type(shop, kind, cups).ok()


BAD_TYPES: list[dict[str, Any]] = [
    {"attributes": []},
    {"attributes": [plain("cups", "float")]},
    {"attributes": [plain("cups", "integer", choices=[{"code": "a", "name": text("A")}])]},
    {"attributes": [plain("material", "choice")]},
    {"attributes": [choice("material", "iron", "iron")]},
    {"attributes": [plain("volume", "decimal")]},
    {"attributes": [plain("volume", "decimal", decimals=7)]},
    {"attributes": [plain("maker", "text", filterable=True)]},
    {"attributes": [plain("cups", "integer")] * 2},
    {"attributes": [plain("cups", "integer", products=7)]},
    {"products": 1},
    {"attributes": [plain(f"a{n}", "integer") for n in range(41)]},
]


def test_a_type_that_contradicts_itself_is_refused(shop: Shop) -> None:
    right = {"name": text("Teapot"), "attributes": TEAPOTS}
    for wrong in BAD_TYPES:
        assert shop.post("/staff/product-types", right | wrong, as_=shop.boss).status == 422, wrong
    assert shop.get("/staff/product-types", as_=shop.boss).ok()["items"] == []
    made = shop.post("/staff/product-types", right, as_=shop.boss).ok()
    assert shop.get("/staff/product-types", as_=shop.boss).ok()["items"] == [made]
    assert shop.get("/staff/product-types/typ_0", as_=shop.boss).status == 404
    reader, manager = shop.staff("catalog.read"), shop.staff("catalog.write", stores=("sto_1",))
    assert shop.post("/staff/product-types", right, as_=reader).status == 403
    assert shop.post("/staff/product-types", right, as_=manager).status == 404


attributes = st.lists(
    st.sampled_from(
        [
            choice("a", "x"),
            choice("a", "x", "y"),
            choice("a", "x", "y", required=True),
            choice("a", "x", "y", kind="choices"),
            plain("b", "decimal", decimals=1),
            plain("b", "decimal", decimals=3, required=True),
            plain("b", "integer"),
            plain("c", "boolean"),
        ]
    ),
    max_size=3,
    unique_by=lambda one: str(one["code"]),
).map(lambda found: tuple(Attribute.model_validate(one) for one in found))
values = st.dictionaries(
    st.sampled_from("abc"), st.sampled_from(["x", "y", ("y", "x"), "1.5", "1.505", 7, True]), max_size=3
)


@given(attributes, attributes, values)
def test_whatever_was_told_by_a_type_reads_the_same_by_every_type_it_may_become(
    before: tuple[Attribute, ...], after: tuple[Attribute, ...], told: dict[str, Any]
) -> None:
    def kind(attributes: tuple[Attribute, ...]) -> ProductType:
        return ProductType(type_id="t", name={"en": "T"}, attributes=attributes, products=1)

    try:
        read = kind(before).read(told)
        kind(before).need_wider(after)
    except (WrongAttribute, ProductTypeInUse):
        return
    assert kind(after).read(read) == read
    assert set(kind(before).facets(read)) <= set(kind(after).facets(read))
