"""What was replayed is done once; a folder's name stands for one content."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from infra.local.client import Refused
from infra.local.processes import Trouble
from infra.local.replay.journal import Journal


@pytest.fixture
def opened(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Journal]:
    """The journal of the folder, as each run of a replay opens it."""
    path = tmp_path_factory.mktemp("journals") / "replay-tea.json"
    return lambda stop=None: Journal(path, folder, stop or Event())


def test_what_was_made_is_remembered_by_the_next_run(opened: Callable[..., Journal]) -> None:
    assert opened().once("product P-1", lambda: "prd_1") == "prd_1"
    assert opened().once("product P-1", lambda: "prd_2") == "prd_1"


def test_a_folder_that_changed_since_is_refused(
    opened: Callable[..., Journal], rewrite: Callable[[str, str, str], None]
) -> None:
    opened().write("order 11", True)
    rewrite("products.csv", "Green tea", "Red tea")
    with pytest.raises(Trouble, match="Other files were replayed here under the name of"):
        opened()
    rewrite("products.csv", "Red tea", "Green tea")
    assert "order 11" in opened()


def test_ctrl_c_ends_the_replay_between_two_steps(opened: Callable[..., Journal]) -> None:
    stop = Event()
    journal = opened(stop)

    def pressed_meanwhile() -> str:
        stop.set()
        return "prd_1"

    journal.once("product P-1", pressed_meanwhile)
    with pytest.raises(Trouble, match="the same command goes on from here"):
        journal.once("product P-2", lambda: "prd_2")
    assert "product P-1" in opened()
    assert "product P-2" not in opened()


def test_a_refusal_says_what_the_shop_refused(opened: Callable[..., Journal]) -> None:
    def refused() -> str:
        raise Refused("POST /staff/products", 409, {"code": "sku_taken", "detail": "Taken"})

    with pytest.raises(Trouble, match=r"The shop refuses product P-1: POST /staff/products: 409 sku_taken: Taken"):
        opened().once("product P-1", refused)
    assert "product P-1" not in opened()
