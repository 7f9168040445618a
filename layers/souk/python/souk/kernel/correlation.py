"""The correlation id: one name for a request and all that follows from it, through facts, timers and workflows."""

from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("correlation_id", default="")


def current() -> str:
    """Empty outside of a call."""
    return _current.get()


def follow(correlation_id: str) -> None:
    """What is done from here on follows from that request."""
    _current.set(correlation_id)
