"""Orders that a timer or a workflow has left lying: each is helped by itself."""

from collections.abc import Callable, Iterable, Iterator

from souk.kernel.errors import Refusal


def sweep(order_ids: Iterable[str], help_on: Callable[[str], None]) -> Iterator[str | None]:
    """For each order None, or why it could not be helped now.

    It must not keep the others waiting: the list begins with the same one each time.
    """
    for order_id in order_ids:
        try:
            help_on(order_id)
        except Refusal as refusal:
            yield refusal.code()
        else:
            yield None
