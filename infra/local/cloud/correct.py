"""How a correction takes the place of a piece of ministack."""

import functools
from collections.abc import Callable
from typing import Any


def correct(owner: Any, name: str) -> Callable[[Callable], Callable]:
    """Put the decorated function in the place of `owner.name`: it is given the plain one first."""
    plain = owner[name] if isinstance(owner, dict) else getattr(owner, name)

    def put(better: Callable) -> Callable:
        @functools.wraps(better)
        def corrected(*args: Any, **kwargs: Any) -> Any:
            return better(plain, *args, **kwargs)

        if isinstance(owner, dict):
            owner[name] = corrected
        else:
            setattr(owner, name, corrected)
        return better

    return put
