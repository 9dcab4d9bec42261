"""One line of the desk."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One line of the desk: how many (or a short word), what, why, and where to go."""

    count: str
    title: str
    words: str
    endpoint: str
    action: str
    is_hot: bool = False


Ask = Callable[[int, int, dict[str, int]], list[Task]]
"""Asks for a village and a user, given the village's counts of deeds by state."""


def task(count: int, title: str, words: str, endpoint: str, action: str, *, is_hot: bool = False) -> list[Task]:
    """The one line, or none where nothing waits."""
    return [Task(str(count), title, words, endpoint, action, is_hot)] if count else []
