"""Opening days as people say them: 下次开门：11月28日（集日）上午9点."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue import clock
from virtue.formatting import day as day_words
from virtue.formatting import is_chinese
from virtue.store import opening_queries
from virtue.store.opening_queries import Hours, Next, Schedule

WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))
_PARTS = ((6, _l("凌晨")), (12, _l("上午")), (13, _l("中午")), (18, _l("下午")), (25, _l("晚上")))


@dataclass(frozen=True)
class Said:
    """What a page says about a store: its name where there are several, whether it is open, in words."""

    store_name: str
    is_open: bool
    words: str


def time_words(minute: int) -> str:
    """540 -> 上午9点; 870 -> 下午2点半; in English 09:00."""
    hour, rest = divmod(minute, 60)
    if not is_chinese():
        return f"{hour:02d}:{rest:02d}"
    part = next(word for end, word in _PARTS if hour < end)
    tail = {0: "", 30: "半"}.get(rest, f"{rest}分")
    return f"{part}{hour - 12 if hour > 12 else hour}点{tail}"


def hours_words(hours: Sequence[Hours]) -> str:
    """上午9点到中午12点、下午2点半到下午5点半."""
    spans = [
        gettext("%(opens)s到%(closes)s", opens=time_words(one.opens), closes=time_words(one.closes)) for one in hours
    ]
    return gettext("、").join(spans)


def day_kind(day: date, *, is_market: bool) -> str:
    """集日, or the weekday."""
    return gettext("集日") if is_market else str(WEEKDAYS[day.weekday()])


def next_words(coming: Next | None) -> str:
    """下次开门：11月28日（集日）上午9点."""
    if coming is None:
        return gettext("下次开门的日子还没有定。")
    return gettext(
        "下次开门：%(day)s（%(kind)s）%(time)s", day=day_words(coming.day),
        kind=day_kind(coming.day, is_market=coming.is_market), time=time_words(coming.opens),
    )  # fmt: skip


def say(schedule: Schedule, at: datetime) -> Said:
    """Whether a store is open at an instant and until when, or since what and when it opens next."""
    until, pause = schedule.open_until(at), schedule.pause_on(clock.day_of(at))
    if until is not None:
        return Said(schedule.store_name, True, gettext("现在开门，到%(time)s。", time=time_words(until)))
    words = next_words(schedule.next_after(at))
    if pause is not None:
        stays = gettext(
            "暂停开门到%(day)s：%(reason)s。", day=day_words(pause.until_on), reason=pause.reason.rstrip("。.")
        )
        return Said(schedule.store_name, False, f"{stays}{words}")
    return Said(schedule.store_name, False, gettext("现在没有开门。%(next)s", next=words))


def of_village(village_id: int) -> list[Said]:
    """What everybody may read about a village's stores now; those that never said their hours are left out."""
    now = clock.now()
    return [say(one, now) for one in opening_queries.schedules(village_id) if one.is_set]


def of_store(village_id: int, store_id: int) -> Said | None:
    """The same for one store; None where it has no hours."""
    found = opening_queries.find_schedule(village_id, store_id)
    return say(found, clock.now()) if found is not None and found.is_set else None


def for_screen(village_id: int, day: date) -> str | None:
    """One line that holds the whole day, for screens: what the first store with hours does today, or when it opens next."""
    found = next((one for one in opening_queries.schedules(village_id) if one.is_set), None)
    if found is None:
        return None
    hours = found.hours_on(day)
    if hours:
        return gettext("积分超市今天%(hours)s开门", hours=hours_words(hours))
    coming = found.next_after(clock.start_of(day))
    return gettext("积分超市%(next)s", next=next_words(coming)) if coming is not None else None
