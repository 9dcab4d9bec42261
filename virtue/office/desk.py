"""What waits for a person: one question a room, and only of the rooms where this person may act."""

from collections.abc import Collection

from virtue.awarding import queries as awarding
from virtue.office import award_tasks, book_tasks, campaign_tasks, honour_tasks, house_tasks, store_tasks
from virtue.office.desk_task import Task


def tasks(village_id: int, user_id: int, permissions: Collection[str]) -> list[Task]:
    """All that waits for this person, what can't wait first."""
    found: list[Task] = []
    counts = awarding.counts(village_id) if {"awarding.review", "awarding.view"} & set(permissions) else {}
    for permission, ask in _ASKED:
        if permission in permissions:
            found += ask(village_id, user_id, counts)
    return sorted(found, key=lambda task: not task.is_hot)


_ASKED = (
    *award_tasks.ASKED, *honour_tasks.ASKED, *campaign_tasks.ASKED, *book_tasks.ASKED, *store_tasks.ASKED,
    *house_tasks.ASKED,
)  # fmt: skip
