"""What waits of rulebooks that aren't in force yet."""

from flask_babel import gettext as _

from virtue import clock
from virtue.awarding import book_queries as books
from virtue.office.desk_task import Ask, Task, task
from virtue.staff import queries as staff


def _books_to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = [book for book in books.prepared(village_id) if book.state == "township_check"]
    count = len(waiting) if user_id in staff.overseers(village_id) else 0
    return task(count, _("细则草案等镇里审核"), "", "awarding.rules", _("去审核"), is_hot=True)


def _books_waiting(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    today = clock.today()
    waiting = [
        book
        for book in books.prepared(village_id)
        if book.state in {"vote", "voted", "filed"}
        or (book.state == "comments" and book.comments_until is not None and book.comments_until < today)
    ]
    return task(len(waiting), _("细则草案等下一步"), _("送审、表决、备案、定生效日期。"), "awarding.rules", _("去办"))


ASKED: tuple[tuple[str, Ask], ...] = (
    ("rules.check", _books_to_check),
    ("rules.edit", _books_waiting),
)
"""By permission, in the order of the desk."""
