"""The tree of categories and what is counted in it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.table import current
from tests.support.market import Market, text
from tests.support.memory import MemoryTable
from tests.support.shop import Answer, Shop


def tree(shop: Shop) -> dict[str, dict[str, Any]]:
    nodes = shop.get("/staff/categories", as_=shop.boss).ok()["items"]
    return {node["category_id"]: node for node in nodes}


def move(shop: Shop, category_id: str, parent_id: str | None, version: int | None = None) -> Answer:
    now = shop.get(f"/staff/categories/{category_id}", as_=shop.boss).ok()
    body = {"name": now["name"], "rank": now["rank"], "parent_id": parent_id, "version": version or now["version"]}
    return shop.put(f"/staff/categories/{category_id}", body, as_=shop.boss)


def counts(shop: Shop) -> dict[str, int]:
    return {category_id: node["products_below"] for category_id, node in tree(shop).items()}


@pytest.mark.capability("CAT-01")
def test_a_tree_of_four_levels_counts_the_products_below_each_node(shop: Shop, market: Market) -> None:
    garden, home = market.category("Garden", rank=2), market.category("Home", rank=1)
    kitchen = market.category("Kitchen", home)
    tea = market.category("Tea", kitchen)
    pots = market.category("Pots", tea)
    assert category_refused(shop, pots) == "category_too_deep"
    made = [market.product(where) for where in (pots, pots, tea, home, garden)]
    assert [(node["category_id"], node["depth"]) for node in tree(shop).values()] == [
        (home, 1),
        (kitchen, 2),
        (tea, 3),
        (pots, 4),
        (garden, 1),
    ]
    assert counts(shop) == {home: 4, kitchen: 3, tea: 3, pots: 2, garden: 1}

    assert move(shop, tea, garden).ok()["parent_id"] == garden
    assert counts(shop) == {home: 1, kitchen: 0, garden: 4, tea: 3, pots: 2}
    assert tree(shop)[pots]["depth"] == 3

    shop.delete(f"/staff/products/{made[0]['product_id']}", as_=shop.boss).ok()
    edit = {name: made[1][name] for name in ("version", "name")} | {"category_id": home}
    shop.put(f"/staff/products/{made[1]['product_id']}", edit, as_=shop.boss).ok()
    assert counts(shop) == {home: 2, kitchen: 0, garden: 2, tea: 1, pots: 0}


def category_refused(shop: Shop, parent_id: str) -> str:
    answer = shop.post("/staff/categories", {"name": text("More"), "parent_id": parent_id}, as_=shop.boss)
    assert answer.status == 422
    return str(answer["code"])


@pytest.mark.capability("CAT-01")
def test_a_category_cannot_move_below_itself_or_too_deep(shop: Shop, market: Market) -> None:
    home = market.category("Home")
    kitchen = market.category("Kitchen", home)
    tea = market.category("Tea", kitchen)
    for parent in (home, kitchen, tea):
        answer = move(shop, home, parent)
        assert (answer.status, answer["code"]) == (422, "category_cycle")
    deep = market.category("Deep", market.category("Other"))
    assert move(shop, home, deep)["code"] == "category_too_deep"
    assert move(shop, home, "cat_0")["code"] == "unknown_category"
    assert tree(shop)[home]["depth"] == 1


def test_two_edits_of_what_both_have_seen_do_not_pass_each_other(shop: Shop, market: Market) -> None:
    home = market.category()
    assert move(shop, home, None, version=1).ok()["version"] == 2
    assert move(shop, home, None, version=1)["code"] == "edited_meanwhile"
    assert shop.get("/staff/categories/cat_0", as_=shop.boss).status == 404


@pytest.mark.capability("CAT-01")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 6)), max_size=12))
def test_whatever_is_moved_it_stays_a_tree_of_four_levels(
    shop: Shop, market: Market, steps: list[tuple[int, int | None]]
) -> None:
    current.use(MemoryTable())
    ids = [market.category(f"Category {number}") for number in range(7)]
    for one in ids:
        market.product(one)
    for child, parent in steps:
        answer = move(shop, ids[child], None if parent is None else ids[parent])
        assert answer.status in (200, 422)
        nodes = tree(shop)
        assert nodes.keys() == set(ids)
        for node in nodes.values():
            above = nodes[node["parent_id"]]["depth"] if node["parent_id"] else 0
            assert node["depth"] == above + 1 <= 4
        assert sum(node["products_below"] for node in nodes.values() if node["depth"] == 1) == len(ids)
