"""Who gives to whom: what each awarder and each reviewer did in a month, beside what the others did.

For the supervision committee. People stand in the order of their names, never by a figure: nobody is ranked. A figure
that stands out is marked with what it is compared with, and explained by a person, not by the page.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.awarding.models import Deed, DeedState, DeedStep, Rule
from virtue.awarding.states import OPEN
from virtue.extensions import db
from virtue.formatting import rule_name
from virtue.people import queries as people
from virtue.people import recusals
from virtue.people.models import Household, Member
from virtue.staff import queries as staff
from virtue.staff.models import RoleGrant, User

FEW = 5
"""How many households "the same few" are."""

ENOUGH = 10
"""With fewer deeds a share says nothing and isn't marked."""

STANDS_OUT = 20
"""Percentage points above the others' median from which a share is marked."""

NIGHT = (22, 6)
"""From 22:00 to 6:00 counts as night."""

GIVEN = tuple(str(state) for state in (*OPEN, DeedState.SETTLED))
SHARES = ("few", "own_grid", "top", "night")
"""The shares that are compared, in the order of the page."""


@dataclass
class Figures:
    """What one person did. Shares are whole percent, or None where there is nothing to divide by."""

    user_id: int
    name: str
    deeds: int = 0
    points: int = 0
    """For a reviewer: of what was approved."""
    households: int = 0
    kin: int = 0
    """Deeds for the own household or declared kin; the system refuses them, a later declaration may show some."""
    own_grid: int | None = None
    few: int | None = None
    top: int | None = None
    """Of deeds under a rule with levels: how many got the highest."""
    night: int | None = None
    approved: int | None = None
    """A reviewer's: of what was decided."""
    days: int | None = None
    """A reviewer's: the median of days from proposal to decision."""
    marks: dict[str, int] = field(default_factory=dict)
    """The shares that stand out, each with the others' median."""


@dataclass(frozen=True)
class Given:
    """One deed as somebody proposed or decided it."""

    user_id: int
    household_id: int
    grid_id: int
    points: int
    at: datetime
    levels: str | None
    quantity: int
    approves: bool = True
    waited: int = 0

    @property
    def is_top(self) -> bool:
        """Whether it has the highest of its rule's levels."""
        return self.points >= self.quantity * max(int(level) for level in (self.levels or "0").split("/"))

    @property
    def is_night(self) -> bool:
        """Whether it was done between 22:00 and 6:00."""
        hour = self.at.astimezone(clock.SHANGHAI).hour
        return hour >= NIGHT[0] or hour < NIGHT[1]


def awarders(village_id: int, month: int) -> list[Figures]:
    """What each person proposed for households in a month: deeds that happened in it and give points."""
    return _compared(village_id, given_in(village_id, month), lambda _found: {})


def reviewers(village_id: int, month: int) -> list[Figures]:
    """What each reviewer decided of the deeds that happened in a month; shares are of what was approved."""

    def more(found: list[Given]) -> dict[str, Any]:
        yes = sum(given.approves for given in found)
        return {"approved": _percent(yes, len(found)), "days": round(median(given.waited for given in found))}

    return _compared(village_id, decided_in(village_id, month), more)


def given_in(village_id: int, month: int) -> list[Given]:
    """The deeds of a month that give points, as they were proposed; opening balances and titles left out."""
    rows = db.session.execute(
        select(
            Deed.proposed_by_id, Deed.household_id, Deed.grid_id, Deed.points, Deed.proposed_at, Rule.levels, Deed.quantity
        )
        .join(Rule, Rule.id == Deed.rule_id)
        .where(
            Deed.month == month, Deed.village_id == village_id, Deed.points > 0, Deed.state.in_(GIVEN),
            Deed.proposed_by_id.is_not(None), Deed.way.not_in(("import", "title")),
        )
    )  # fmt: skip
    return [Given(*row) for row in rows]  # type: ignore[arg-type]  # proposed_by_id is set


def decided_in(village_id: int, month: int) -> list[Given]:
    """The decisions on a month's deeds that give points, one a deed and reviewer: the last, whatever was amended between."""
    rows = db.session.execute(
        select(
            DeedStep.by_id, Deed.household_id, Deed.grid_id, Deed.points, DeedStep.at, Rule.levels, Deed.quantity,
            DeedStep.action, Deed.proposed_at, Deed.id.label("deed_id"),
        )
        .join(Deed, Deed.id == DeedStep.deed_id)
        .join(Rule, Rule.id == Deed.rule_id)
        .where(
            Deed.month == month, Deed.village_id == village_id, Deed.points > 0, Deed.route == "review",
            DeedStep.action.in_(("approve", "reject", "send_back")), DeedStep.by_id.is_not(None),
        )
        .order_by(DeedStep.id)
    )  # fmt: skip
    last = {(row.deed_id, row.by_id): row for row in rows}
    return [
        Given(*row[:7], approves=row.action == "approve", waited=max(0, (row.at - row.proposed_at).days))  # type: ignore[arg-type]
        for row in last.values()
    ]


def own_grids(village_id: int, user_ids: Iterable[int]) -> dict[int, set[int]]:
    """The grids each user works in by role, and the one the user lives in."""
    ids = list(user_ids)
    grids: dict[int, set[int]] = defaultdict(set)
    by_role = select(RoleGrant.user_id, RoleGrant.grid_id).where(
        RoleGrant.user_id.in_(ids), RoleGrant.village_id == village_id, RoleGrant.grid_id.is_not(None)
    )
    by_home = (
        select(User.id, Household.grid_id)
        .join(Member, Member.id == User.member_id)
        .join(Household, Household.id == Member.household_id)
        .where(User.id.in_(ids), Household.village_id == village_id)
    )
    for user_id, grid_id in [*db.session.execute(by_role), *db.session.execute(by_home)]:
        grids[user_id].add(grid_id)
    return grids


def _compared(village_id: int, found: list[Given], more: Callable[[list[Given]], dict[str, Any]]) -> list[Figures]:
    by_user: dict[int, list[Given]] = defaultdict(list)
    for given in found:
        by_user[given.user_id].append(given)
    names, grids = staff.names_of(set(by_user)), own_grids(village_id, by_user)
    kin = recusals.kin_of(list(by_user))
    people_found = [
        _figures(user_id, names[user_id], grids[user_id], kin[user_id].households, rows, more(rows))
        for user_id, rows in by_user.items()
    ]
    _mark(people_found)
    return sorted(people_found, key=lambda person: (person.name, person.user_id))


def _figures(
    user_id: int, name: str, grids: set[int], kin: set[int], found: list[Given], more: dict[str, Any]
) -> Figures:
    rows = [given for given in found if given.approves]
    points = sum(given.points for given in rows)
    per_household: Counter[int] = Counter()
    for given in rows:
        per_household[given.household_id] += given.points
    levelled = [given for given in rows if given.levels]
    return Figures(
        user_id=user_id, name=name, deeds=len(found), points=points, households=len(per_household),
        kin=sum(given.household_id in kin for given in rows),
        own_grid=_percent(sum(given.points for given in rows if given.grid_id in grids), points) if grids else None,
        few=_percent(sum(count for _household, count in per_household.most_common(FEW)), points),
        top=_percent(sum(given.is_top for given in levelled), len(levelled)),
        night=_percent(sum(given.is_night for given in found), len(found)), **more,
    )  # fmt: skip


def _mark(found: list[Figures]) -> None:
    """Mark the shares that lie far above the median of the others."""
    for person in found:
        if person.deeds < ENOUGH:
            continue
        for name in SHARES:
            mine = getattr(person, name)
            others = [
                getattr(other, name) for other in found if other is not person and getattr(other, name) is not None
            ]
            if mine is not None and others and mine >= median(others) + STANDS_OUT:
                person.marks[name] = round(median(others))


def medians(found: list[Figures]) -> dict[str, int | None]:
    """The median of each share over all people: the foot of the table."""
    values = {name: [getattr(person, name) for person in found if getattr(person, name) is not None] for name in SHARES}
    return {name: round(median(shares)) if shares else None for name, shares in values.items()}


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


@dataclass(frozen=True)
class Detail:
    """One person's month, closer: by hour, the few households with the most, the rules used, and twelve months."""

    hours: list[int]
    households: list[tuple[Household, int, int]]
    """Household, deeds, points."""
    rules: list[tuple[str, int, int]]
    months: list[tuple[int, int]]


def detail(village_id: int, user_id: int, month: int) -> Detail:
    """What stands behind one awarder's figures."""
    mine = [given for given in given_in(village_id, month) if given.user_id == user_id]
    points: Counter[int] = Counter()
    deeds = Counter(given.household_id for given in mine)
    for given in mine:
        points[given.household_id] += given.points
    most = [household_id for household_id, _points in points.most_common(FEW)]
    households = people.households_by_ids(most)
    hours = Counter(given.at.astimezone(clock.SHANGHAI).hour for given in mine)
    mine_where = (Deed.village_id == village_id, Deed.proposed_by_id == user_id, Deed.points > 0, Deed.state.in_(GIVEN))
    rules = db.session.execute(
        select(
            Deed.rule_name,
            func.max(Deed.rule_name_en).label("rule_name_en"),
            func.count().label("deeds"),
            func.sum(Deed.points).label("points"),
        )
        .where(Deed.month == month, *mine_where)
        .group_by(Deed.rule_name)
        .order_by(func.count().desc(), Deed.rule_name)
    )
    months = clock.months_back(month, 12)
    counts = dict(
        db.session.execute(
            select(Deed.month, func.count()).where(Deed.month.in_(months), *mine_where).group_by(Deed.month)
        ).all()
    )
    return Detail(
        hours=[hours[hour] for hour in range(24)],
        households=[(households[key], deeds[key], points[key]) for key in most],
        rules=[(rule_name(row), int(row.deeds), int(row.points)) for row in rules],
        months=[(one, int(counts.get(one, 0))) for one in reversed(months)],
    )
