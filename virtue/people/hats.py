"""Two hats, never for one household on one day (product.md, section 3).

A person may both award and keep the store. What was done today in the other room is read from the audit trail, so
that neither room needs to know the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from virtue import clock
from virtue.core.models import Audit
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.prepared import Prepared
from virtue.staff.models import RoleGrant

AWARD = "award"
"""The hat of who proposes, reviews or decides deeds."""

TILL = "till"
"""The hat of who hands goods over."""

_AT_THE_TILL = ("store.redeem", "store.fetch", "store.hand_out")
_AWARDING = "awarding."
ROLES = {AWARD: ("committee", "reviewer", "village_admin", "supervisor"), TILL: ("keeper",)}
"""Who can have worn a hat at all. Most people hold roles of one kind only, and then the trail needs no reading."""

_GRANTS = RoleGrant.__table__


class TwoHats(BrokenRule):
    """The same person awarded and redeemed, or would, for one household on one day."""

    sentence = _l("今天您已经给这一户办过%(done)s，%(now)s要由别人办，或者改天再办。")

    def __str__(self) -> str:
        names = {AWARD: _l("加分或评议"), TILL: _l("兑换")}
        done, now = names[self.params["done"]], names[self.params["now"]]
        return str(self.sentence) % {"done": done, "now": now}


@dataclass(frozen=True)
class HatDay:
    """A day on which one person wore both hats: how often each, and whether for one and the same household."""

    day: date
    user_id: int
    awards: int
    redemptions: int
    same_households: tuple[int, ...]


def other_of(hat: str) -> str:
    """The other hat."""
    return TILL if hat == AWARD else AWARD


def may_have_worn(hat: str) -> ColumnElement[bool]:
    """Whether ``:user_id`` holds a role with that hat, or held one until some time ``:today``; a column of a query."""
    return exists(
        select(_GRANTS.c.id).where(
            _GRANTS.c.user_id == bindparam("user_id"),
            _GRANTS.c.role.in_(ROLES[hat]),
            or_(_GRANTS.c.ended_at.is_(None), _GRANTS.c.ended_at >= bindparam("today")),
        )
    )


_MAY_HAVE_WORN = {hat: Prepared(select(may_have_worn(hat).label("may"))) for hat in ROLES}


def check_hats(user_id: int, household_id: int, hat: str, *, may_wear_both: bool | None = None) -> None:
    """Raise ``TwoHats`` if this user wore the other hat for this household today. ``hat``: AWARD or TILL.

    ``may_wear_both``: what ``may_have_worn`` of the other hat gave, where the caller has asked it along.
    """
    other = other_of(hat)
    if not (_may_have_worn(user_id, other) if may_wear_both is None else may_wear_both):
        return
    row = select(Audit.id).where(
        Audit.recorded_at >= clock.start_of(clock.today()),
        Audit.by_id == user_id,
        Audit.household_id == household_id,
        _wears(other),
    )
    if db.session.scalar(row.limit(1)) is not None:
        raise TwoHats(done=other, now=hat)


def households_of_other_hat(user_id: int, hat: str) -> set[int]:
    """The households for which this user wore the other hat today: for lists decided at once. ``hat``: AWARD or TILL."""
    other = other_of(hat)
    if not _may_have_worn(user_id, other):
        return set()
    rows = select(Audit.household_id).where(
        Audit.recorded_at >= clock.start_of(clock.today()),
        Audit.by_id == user_id,
        Audit.household_id.is_not(None),
        _wears(other),
    )
    return set(db.session.scalars(rows))


def two_hat_days(village_id: int, month: int) -> list[HatDay]:
    """The days of a month on which somebody wore both hats, newest first; for the supervisor."""
    rows = db.session.execute(
        select(Audit.recorded_at, Audit.by_id, Audit.household_id, Audit.action).where(
            Audit.recorded_at >= clock.start_of(clock.first_day(month)),
            Audit.recorded_at < clock.start_of(clock.first_day(clock.next_month(month))),
            Audit.village_id == village_id,
            Audit.by_id.is_not(None),
            Audit.household_id.is_not(None),
            or_(_wears(AWARD), _wears(TILL)),
        )
    )
    worn: dict[tuple[date, int], dict[str, list[int]]] = {}
    for row in rows:
        hats = worn.setdefault((clock.day_of(row.recorded_at), row.by_id), {AWARD: [], TILL: []})
        hats[TILL if row.action in _AT_THE_TILL else AWARD].append(row.household_id)
    days = [_day(day, user, hats[AWARD], hats[TILL]) for (day, user), hats in worn.items() if all(hats.values())]
    return sorted(days, key=lambda found: (found.day, -found.user_id), reverse=True)


def _day(day: date, user_id: int, awarded: Sequence[int], redeemed: Sequence[int]) -> HatDay:
    both = tuple(sorted(set(awarded) & set(redeemed)))
    return HatDay(day, user_id, len(awarded), len(redeemed), both)


def _may_have_worn(user_id: int, hat: str) -> bool:
    return bool(_MAY_HAVE_WORN[hat].scalar({"user_id": user_id, "today": clock.start_of(clock.today())}))


def _wears(hat: str) -> ColumnElement[bool]:
    if hat == TILL:
        return Audit.action.in_(_AT_THE_TILL)
    return Audit.action.startswith(_AWARDING, autoescape=True)
