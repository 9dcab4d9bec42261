"""The way of an empty installation from village to first event: which steps there are, and which are done.

A step is done when what it makes is there; two that a village may do without (opening balances, printing) can be
marked as done. So the way can be left and taken up again, on another day and by another person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from virtue.awarding import queries as awarding
from virtue.awarding.models import Deed, Event
from virtue.core import audit, settings
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.people.models import Card, Household
from virtue.places.models import Village
from virtue.places.services import add_village
from virtue.staff import queries as staff
from virtue.staff import user_services
from virtue.staff.models import StaffSession
from virtue.store.models import Batch
from virtue.transactions import atomic


@dataclass(frozen=True)
class Step:
    """One step: its name in the address, its title, whether it is done."""

    name: str
    title: Any
    is_done: bool


TITLES = {
    "village": _l("村"),
    "users": _l("人员和亲属"),
    "register": _l("户籍名册"),
    "rulebook": _l("积分细则"),
    "opening": _l("期初余额"),
    "goods": _l("商品和库存"),
    "print": _l("打印"),
    "event": _l("第一场活动"),
}
MAY_BE_SKIPPED = ("opening", "print")
NEEDED_ROLES = {"committee": 1, "reviewer": 2, "keeper": 1, "supervisor": 1}
"""How many people a village needs at least before anything can be decided."""


class NotSkippable(BrokenRule):
    """A step that something must come of."""

    sentence = _l("这一步不能跳过。")


def steps(village_id: int | None) -> list[Step]:
    """All steps in their order, for a village or before there is one."""
    if village_id is None:
        return [Step(name, title, is_done=False) for name, title in TITLES.items()]
    marked = set(str(settings.value("start_step", village_id)).split(","))
    return [
        Step(name, title, is_done=name in marked or name == "village" or _DONE[name](village_id))
        for name, title in TITLES.items()
    ]


def staffing(village_id: int) -> dict[str, int]:
    """How many active people hold each role that a village needs."""
    return {role: staff.holders(village_id, role) for role in NEEDED_ROLES}


def make_village(name: str, *, session_id: int, by: int) -> Village:
    """Add a village, make the person its clerk, and let this session work in it.

    Raises ``VillageNameTaken``, ``BadVillageName``.
    """
    with atomic():
        village = add_village(name, by=by)
        user_services.make_village_admin(village.id, by, by=by)
        session = db.session.get(StaffSession, session_id)
        if session is None or session.user_id != by:
            raise NotFoundHere
        session.village_id = village.id
        return village


def mark_done(village_id: int, name: str, *, by: int) -> None:
    """Say that a step is done or not needed. Raises ``NotSkippable``."""
    if name not in MAY_BE_SKIPPED:
        raise NotSkippable
    with atomic():
        marked = [step for step in str(settings.value("start_step", village_id)).split(",") if step]
        if name not in marked:
            settings.change("start_step", ",".join([*marked, name]), village_id)
            audit.record("office.start_step", village_id=village_id, by=by, step=name)


def _any(query: Any) -> bool:
    return bool(db.session.scalar(select(exists(query))))


def _has_staff(village_id: int) -> bool:
    found = staffing(village_id)
    return all(found[role] >= needed for role, needed in NEEDED_ROLES.items())


_DONE: dict[str, Callable[[int], bool]] = {
    "users": _has_staff,
    "register": lambda village: _any(select(Household.id).where(Household.village_id == village)),
    "rulebook": lambda village: awarding.rulebook_in_force(village) is not None,
    "opening": lambda village: _any(
        select(Deed.id).where(Deed.village_id == village, Deed.way == "import", Deed.state == "settled")
    ),
    "goods": lambda village: _any(select(Batch.id).where(Batch.village_id == village)),
    "print": lambda village: _any(select(Card.id).where(Card.village_id == village, Card.printed_at.is_not(None))),
    "event": lambda village: _any(select(Event.id).where(Event.village_id == village)),
}
