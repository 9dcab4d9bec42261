"""Stars in the reader's words: what earned one, what is missing, what state a rating stands in."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from virtue.formatting import own_language
from virtue.honours.star_models import Mode, Star, StarChange, StarRating, StarScheme
from virtue.honours.star_rules import Figures, Missing, missing

MODES = {"score": _l("达分得星"), "clean": _l("无过得星"), "review": _l("评议得星")}
PERIODS = {"review": _l("评议中"), "notice": _l("公示中"), "published": _l("已发布")}
REMOVALS = {
    "proposed": _l("等告知本户"), "told": _l("陈述申辩中"), "decided": _l("已决定，等公示"), "on_notice": _l("公示中"),
    "frozen": _l("有异议，暂停"), "done": _l("已摘星"), "dropped": _l("已撤销"),
}  # fmt: skip
LINES = REMOVALS | {
    "on_notice": _l("公示中"), "published": _l("已发布"), "review": _l("评议中"), "withdrawn": _l("未参评"),
}  # fmt: skip
"""States of what stands on a notice's line."""


@dataclass(frozen=True)
class StarStory:
    """One star of one household: held or not, and why, in plain words."""

    dimension: str
    name: str
    icon: str
    is_held: bool
    is_changed: bool
    """Otherwise than the system proposed."""
    why: str
    short: str
    """What is missing (还差什么); empty for a star that is held."""


def name_of(star: Star) -> str:
    """A star's name in the reader's language."""
    return own_language(star.name, star.name_en)


def listed_names(stars: Sequence[Star]) -> str:
    """环境卫生星、邻里和睦星."""
    return _("、").join(name_of(star) for star in stars)


def asks(star: Star) -> str:
    """What a star asks for: 家美积分 5 分以上，文明扣分不超过 5 分."""
    if star.mode == Mode.REVIEW:
        return _("由评议小组评")
    parts = []
    if star.home_at_least:
        parts.append(_("家美积分得 %(points)s 分以上", points=star.home_at_least))
    if star.civility_at_least:
        parts.append(_("文明积分得 %(points)s 分以上", points=star.civility_at_least))
    limit = (
        _("文明积分扣分不超过 %(points)s 分", points=star.deducted_at_most) if star.deducted_at_most else _("没有扣分")
    )
    return _("，").join([*parts, limit])


def lacks(one: Missing) -> str:
    """One thing that is missing: 家美积分还差 3 分（要 5 分，有 2 分）."""
    if one.kind == "veto":
        return _("有文号的否决在期限内")
    if one.kind == "deducted":
        return _("文明积分扣了 %(have)s 分，最多 %(need)s 分", have=one.have, need=one.need)
    if one.kind == "home":
        return _(
            "家美积分还差 %(short)s 分（要 %(need)s 分，有 %(have)s 分）", short=one.short, need=one.need, have=one.have
        )
    return _(
        "文明积分还差 %(short)s 分（要 %(need)s 分，有 %(have)s 分）", short=one.short, need=one.need, have=one.have
    )


def missing_words(star: Star, found: Figures) -> str:
    """All that is missing for a star; the review group's word where nothing else is."""
    wanted = [lacks(one) for one in missing(star, found)]
    if not wanted and star.mode == Mode.REVIEW:
        wanted = [_("等评议小组评")]
    return _("；").join(wanted)


def stories(
    rating: StarRating, scheme: StarScheme, changes: Sequence[StarChange], reasons: dict[int, str]
) -> list[StarStory]:
    """A rating star by star, each with its reason."""
    last = {change.dimension: change for change in changes}
    return [_story(rating, star, last.get(star.dimension), reasons) for star in scheme.stars]


def _story(rating: StarRating, star: Star, change: StarChange | None, reasons: dict[int, str]) -> StarStory:
    place = star.position - 1
    is_held, found = rating.held[place] == "1", Figures.of_mark(rating.marks[place])
    is_changed = is_held != (rating.proposed[place] == "1")
    return StarStory(
        star.dimension, name_of(star), star.icon, is_held, is_changed,
        _why(star, found, change if is_changed else None, reasons), "" if is_held else missing_words(star, found),
    )  # fmt: skip


def _why(star: Star, found: Figures, change: StarChange | None, reasons: dict[int, str]) -> str:
    if change is not None and change.occasion == "removal":
        return _("经告知、申辩、两位评议员决定、公示，摘下了这颗星")
    if change is not None:
        why = reasons.get(change.reason_id or 0, "")
        return _("评议小组评：%(why)s", why=why) if change.to_held else _("评议小组：%(why)s", why=why)
    if found.is_waived and not missing(star, found):
        return _("家里没有 18 到 59 岁的人，这颗星照给")
    counted = []
    if star.home_at_least or found.home:
        counted.append(_("家美积分得了 %(points)s 分", points=found.home))
    if star.civility_at_least or found.civility:
        counted.append(_("文明积分得了 %(points)s 分", points=found.civility))
    counted.append(_("扣了 %(points)s 分", points=found.deducted) if found.deducted else _("没有扣分"))
    return _("%(asks)s；这一季%(counted)s", asks=asks(star), counted=_("，").join(counted))
