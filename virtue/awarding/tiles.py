"""The award page's tiles: the rules a member may use for a household today, the likely ones first, with their caps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from virtue import formatting
from virtue.awarding import queries, services
from virtue.awarding.models import Rule

FIRST = 5
"""So many tiles before 全部细则."""


@dataclass(frozen=True)
class Tile:
    """One rule (or one level of it) as a button. ``way`` is how it would be entered now."""

    rule: Rule
    way: str
    level: int | None
    points: int
    note: str
    used: int
    """Points that the household has under the rule this month."""
    left: int | None
    is_full: bool

    @property
    def value(self) -> str:
        """What the form sends: the rule's id, and the level where there is one."""
        return f"{self.rule.id}" if self.level is None else f"{self.rule.id}:{self.level}"

    @property
    def is_booked(self) -> bool:
        """Whether it would be in the purse at once."""
        return self.way == "event" and self.rule.route == "at_once"


def way_of(rule: Any, event: Any) -> str | None:
    """How a member may enter a rule now: in the open event, else by scan; None when in neither way."""
    ways = rule.entry.split("+")
    if rule.route == "deduction" or (rule.subject == "opening" and "scan" not in ways):
        return None
    if event is not None and "event" in ways:
        return "event"
    return "scan" if "scan" in ways else None


def tiles(
    village_id: int, household_id: int, event: Any, day: date, *, by: int, text: str = ""
) -> tuple[list[Tile], list[Tile]]:
    """The tiles to show first (the event's rule, then the member's most used), and all that match ``text``."""
    rules = [rule for rule in queries.rules_in_force(village_id) if way_of(rule, event)]
    room = services.room_for(household_id, rules, day)
    made = [tile for rule in rules for tile in _of_rule(rule, event, room)]
    likely = ([event.rule_code] if event is not None and event.rule_code else []) + queries.favourites(village_id, by)
    rank = {code: number for number, code in reversed(list(enumerate(likely)))}
    ordered = sorted(
        made, key=lambda tile: (tile.is_full, rank.get(tile.rule.code, len(rank)), not tile.rule.is_starter)
    )
    return ordered[:FIRST], [tile for tile in made if _matches(tile.rule, text)]


def _matches(rule: Rule, text: str) -> bool:
    wanted = text.strip().lower()
    return wanted in f"{rule.code} {rule.name} {rule.name_en} {rule.dimension}".lower()


def _of_rule(rule: Rule, event: Any, room: dict[str, tuple[int, int | None, date | None]]) -> Sequence[Tile]:
    used, left, again = room[rule.code]
    tile = Tile(rule, way_of(rule, event) or "scan", None, rule.points, "", used, left, left == 0)
    tile = replace(tile, note=_note(tile, again))
    levels = [int(level) for level in (rule.levels or "").split("/") if level and int(level) > 0]
    if len(levels) < 2:
        return [tile]
    return [replace(tile, level=level, points=level) for level in levels]


def _note(tile: Tile, again: date | None) -> str:
    """What stands under the points: how far the cap is, or when it will be possible again."""
    rule, used = tile.rule, tile.used
    if tile.is_full:
        return _("%(day)s起可再加", day=formatting.day(again)) if again else _("每户只加这么多")
    if not tile.is_booked:
        return _("评议后到账")
    if rule.cap_month is not None and used:
        return _("本月已得 %(used)s，最多 %(most)s", used=used, most=rule.cap_month)
    most = rule.cap_month or rule.cap_year or rule.cap_ever
    return _("最多 %(most)s", most=most) if most else _("当场入账")
