"""Answers that a process keeps for a short while: settings, secrets, lists that change once a day."""

from collections.abc import Callable, MutableMapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from souk.kernel import clock

P = ParamSpec("P")
T = TypeVar("T")
_MOST = 256
_answers: MutableMapping[object, tuple[datetime, Any]] = {}


def kept(span: timedelta) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """The same answer for the same arguments until the span is over."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            key, now = (function, args, tuple(sorted(kwargs.items()))), clock.now()
            found = _answers.get(key)
            if found and now < found[0]:
                return found[1]  # type: ignore[no-any-return]
            if len(_answers) >= _MOST:
                _make_room(now)
            fresh = function(*args, **kwargs)
            _answers[key] = (now + span, fresh)
            return fresh

        return answer

    return decorate


def _make_room(now: datetime) -> None:
    """What is over goes first: many short answers must not cost the long ones."""
    for key in [key for key, (until, _) in _answers.items() if until <= now]:
        del _answers[key]
    if len(_answers) >= _MOST:
        forget_all()


def forget_all() -> None:
    """As in a process that has just started."""
    _answers.clear()


def use(answers: MutableMapping[object, tuple[datetime, Any]]) -> None:
    """Keeps them there instead (tests)."""
    global _answers
    _answers = answers
