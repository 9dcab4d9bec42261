"""What of a year must be settled before its points lapse, and what may be carried into the next year by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from virtue import clock
from virtue.awarding import round_models
from virtue.awarding.models import Deed, Event
from virtue.awarding.states import OPEN
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.notices.models import Objection
from virtue.places.models import Village
from virtue.store import year_queries
from virtue.store.year_models import YearCarry, YearClose


@dataclass(frozen=True)
class Kind:
    """A kind of open thing: its words, the page where it is settled, whether it may be carried."""

    name: str
    title: Any
    words: Any
    endpoint: str
    may_carry: bool = False


KINDS = (
    Kind("deeds", _l("当年的事项还没有办完"), _l("评议、公示、入账，或者不通过。公示中的也在内。"), "awarding.notices", may_carry=True),
    Kind("objections", _l("当年收到的异议还没有答复"), _l("由没有参与决定的人处理，答复以后才算完。"), "awarding.objection_list", may_carry=True),
    Kind("events", _l("当年的活动还没有关闭"), _l("由没有扫卡的第二个人关闭。"), "awarding.events"),
    Kind("rounds", _l("当年的月评还没有送评议"), _l("签齐、收齐、送评议；不评了就取消。"), "awarding.rounds_list"),
    Kind("held", _l("有预留的东西还没有取"), _l("来取，或者取消，积分退回。"), "store.orders", may_carry=True),
    Kind("months", _l("当年还有月份没有月结"), _l("两个人签字。只因为转到下年的事项没办完的月份，不算在内。"), "office.months"),
)  # fmt: skip
CARRIED = frozenset(kind.name for kind in KINDS if kind.may_carry)


@dataclass(frozen=True)
class Check:
    """A kind with what is still open of it, and what of that was carried."""

    kind: Kind
    open_ids: frozenset[int]
    carried: tuple[YearCarry, ...]

    @property
    def count(self) -> int:
        """How many still stand in the way."""
        return len(self.open_ids)


def checks(close: YearClose) -> list[Check]:
    """All kinds, those that are clear too; read anew each time."""
    carries = year_queries.carried(close.id)
    found = _open(close.village_id, close.year)
    result = []
    for kind in KINDS:
        mine = tuple(one for one in carries if one.kind == kind.name)
        result.append(Check(kind, frozenset(found[kind.name] - {one.subject_id for one in mine}), mine))
    return result


def _open(village_id: int, year: int) -> dict[str, set[int]]:
    last, first_month, last_month = date(year, 12, 31), year * 100 + 1, year * 100 + 12
    deeds = db.session.execute(
        select(Deed.id, Deed.month).where(
            Deed.village_id == village_id, Deed.month.between(first_month, last_month),
            Deed.state.in_([str(state) for state in OPEN]),
        )
    ).all()  # fmt: skip
    return {
        "deeds": {row.id for row in deeds},
        "objections": _ids(
            select(Objection.id).where(
                Objection.village_id == village_id, Objection.state == "open", Objection.received_on <= last
            )
        ),
        "events": _ids(
            select(Event.id).where(Event.village_id == village_id, Event.closed_at.is_(None), Event.day <= last)
        ),
        "rounds": _ids(
            select(round_models.Round.id).where(
                round_models.Round.village_id == village_id, round_models.Round.state.in_(("open", "closed")),
                round_models.Round.day <= last,
            )
        ),
        "held": set(year_queries.held_by_household(village_id)),
        "months": _open_months(village_id, year, {row.month for row in deeds}),
    }  # fmt: skip


def _open_months(village_id: int, year: int, with_deeds: Iterable[int]) -> set[int]:
    """Months since the village began that nobody closed; one with open deeds can't be, and they are listed themselves."""
    village = db.session.get_one(Village, village_id)
    begun = clock.month_of(clock.day_of(village.created_at))
    months = {month for month in range(year * 100 + 1, year * 100 + 13) if month >= begun}
    return months - ledger.closed_months(village_id) - set(with_deeds)


def _ids(query: Any) -> set[int]:
    return set(db.session.scalars(query))
