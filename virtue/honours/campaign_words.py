"""Campaigns in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from virtue.core import remarks
from virtue.honours import campaign_queries
from virtue.honours.campaign_models import Campaign, Nominee, NomineeState
from virtue.people import queries as people

STATES = {
    "nominating": _l("正在推荐"), "open": _l("正在评"), "closed": _l("已关箱，等计票"), "counted": _l("已计票，等公示"),
    "notice": _l("正在公示"), "ended": _l("已办结"), "cancelled": _l("已取消"),
}  # fmt: skip
NOMINEE_STATES = {
    "proposed": _l("待审核"),
    "accepted": _l("候选人"),
    "refused": _l("没有通过审核"),
    "withdrawn": _l("已退出"),
}
HOWS = {"vote": _l("一户一票"), "judges": _l("评委打分，取中间分")}
TIES = {
    "score": _l("看今年文明积分得分，高的在前；还一样，先到的在前，再按户号"),
    "lot": _l("抽签：关箱时票箱封条的数字来定，谁也不能先知道"),
}
WAYS = {"passbook": _l("积分存折"), "desk": _l("村委会刷卡"), "paper": _l("纸选票")}


@dataclass(frozen=True)
class Stander:
    """A nominee with what the ballot says: a name that was agreed to, and a story."""

    nominee: Nominee
    name: str
    story: str


def standers(found: Sequence[Nominee]) -> list[Stander]:
    """Nominees as ballots, notices and public pages show them: by the name they agreed to when they were nominated."""
    households = people.households_by_ids({one.household_id for one in found})
    people_named = campaign_queries.member_names({one.member_id for one in found if one.member_id is not None})
    stories = remarks.texts([one.story_id for one in found])
    return [
        Stander(
            one,
            people_named[one.member_id] if one.member_id is not None else f"{households[one.household_id].head_name}家",
            stories.get(one.story_id or 0, ""),
        )
        for one in found
    ]


def shown_standers(found: Sequence[Nominee]) -> list[Stander]:
    """Those whom everybody may see: accepted, and of households that take part today."""
    here = people.households_by_ids({one.household_id for one in found})
    return standers([one for one in found if one.state == NomineeState.ACCEPTED and here[one.household_id].takes_part])


def result(campaign: Campaign, one: Nominee) -> str:
    """What a nominee got, in words; empty until it is counted."""
    if campaign.how == "vote":
        return "" if one.votes is None else str(_l("%(count)s 票", count=one.votes))
    if one.twice_median is None:
        return ""
    middle = f"{one.twice_median // 2}{'.5' if one.twice_median % 2 else ''}"
    return str(_l("中间分 %(middle)s，最低 %(low)s，最高 %(high)s", middle=middle, low=one.lowest, high=one.highest))
