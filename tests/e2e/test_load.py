"""A short visit of many at once; `make load` is the long one. What all the tests before it left is looked at too."""

from infra.local.client import Client
from infra.local.shop import Shop
from tests.load.__main__ import load


def test_many_visitors_at_once_are_all_answered_and_the_books_are_right(shop: Shop, owner: Client) -> None:
    assert load(shop, owner, visitors=6, seconds=10, seed_number=1)
