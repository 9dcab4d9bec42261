"""How a reservation is said: held, given back, or fetched; by whom, and until when."""

from typing import Any

from flask_babel import gettext

from virtue.store.reservation_queries import ReservationWords
from virtue.why.facts import Facts
from virtue.why.sentences import day, whole


def reservation_title(row: Any, kept: ReservationWords) -> str:
    """预约 洗衣液 2kg 1 件; and what became of it."""
    if row.kind == "reservation":
        return gettext("预约 %(goods)s", goods=kept.words)
    if row.kind == "fetch":
        return gettext("取走预约 %(goods)s", goods=kept.words)
    if kept.released_for == "expired":
        return gettext("预约到期退回 %(goods)s", goods=kept.words)
    return gettext("取消预约 %(goods)s", goods=kept.words)


def of_reservation(row: Any, kept: ReservationWords, facts: Facts) -> str:
    """Points held for goods, given back, or handed to the store when the goods were fetched."""
    name = facts.name(row.by_id)
    if row.kind == "reservation":
        who = gettext("%(name)s代为预约", name=name) if name else gettext("本户自己预约")
        held = gettext("积分先留着，%(day)s前来取", day=day(kept.fetch_by))
        return whole(
            gettext("%(day)s，%(who)s%(goods)s", day=day(row.day), who=who, goods=kept.words), held, _entry(row)
        )
    if row.kind == "fetch":
        what = gettext("%(day)s，取走预约的%(goods)s", day=day(row.day), goods=kept.words)
        booked = gettext("花的是预约时留的积分，这一笔不再减")
        return whole(
            what, _who_fetched(kept, facts), gettext("%(name)s经手", name=name) if name else "", booked, _entry(row)
        )
    if kept.released_for == "expired":
        what = gettext(
            "%(day)s，预约的%(goods)s到%(last)s没有来取", day=day(row.day), goods=kept.words, last=day(kept.fetch_by)
        )
        return whole(what, gettext("留的积分退回，商品放回货架"), _entry(row))
    who = gettext("%(name)s代为取消", name=name) if name else gettext("本户自己取消")
    what = gettext("%(day)s，%(who)s预约的%(goods)s", day=day(row.day), who=who, goods=kept.words)
    return whole(what, gettext("留的积分退回，商品放回货架"), _entry(row))


def _who_fetched(kept: ReservationWords, facts: Facts) -> str:
    if kept.volunteer_id is not None:
        return gettext("%(name)s送到家", name=facts.name(kept.volunteer_id))
    if not kept.is_by_helper:
        return gettext("本户来取")
    return gettext("%(name)s代领", name=kept.helper) if kept.helper else gettext("代领人来取")


def _entry(row: Any) -> str:
    return gettext("第%(seq)s笔入账", seq=row.seq)
