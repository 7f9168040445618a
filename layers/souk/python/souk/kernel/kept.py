"""Answers that a process keeps for a short while: settings, secrets, lists that change once a day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from souk.kernel import clock

P = ParamSpec("P")
T = TypeVar("T")
_MOST = 256
_forget: list[Callable[[], None]] = []


def kept(span: timedelta) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """The same answer for the same positional arguments until the span is over."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        answers: dict[object, tuple[datetime, T]] = {}
        _forget.append(answers.clear)

        @wraps(function)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            key, now = (args, tuple(sorted(kwargs.items()))), clock.now()
            found = answers.get(key)
            if found and now < found[0]:
                return found[1]
            if len(answers) >= _MOST:
                answers.clear()
            fresh = function(*args, **kwargs)
            answers[key] = (now + span, fresh)
            return fresh

        return answer

    return decorate


def forget_all() -> None:
    """As in a process that has just started."""
    for forget in _forget:
        forget()
