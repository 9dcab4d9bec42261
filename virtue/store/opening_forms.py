"""What the page of opening days sends: hours of weekdays, market days in any usual spelling, a pause."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from virtue.store.forms import FILL_IN
from virtue.store.opening_queries import Hours

SPANS = (1, 2)
"""A day is open at most twice: before and after noon."""
MOST_DAYS = 60

_TIME = re.compile(r"([01]?\d|2[0-3])[:：点]([0-5]\d)?")
_FULL = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_SHORT = re.compile(r"(\d{1,2})[-./月](\d{1,2})日?")


@dataclass
class TypedHours:
    """Hours as they were typed, what could be read of them, and by day what could not."""

    hours: dict[int, tuple[Hours, ...]] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)


@dataclass
class TypedDays:
    """Market days as they were typed: the days, their hours, and what is wrong."""

    days: list[date] = field(default_factory=list)
    hours: tuple[Hours, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


class PauseForm(FlaskForm):
    """Closed from a day through another, and why."""

    key = HiddenField()
    from_on = DateField(_l("从哪天起"), [InputRequired(_l("这里要填。"))])
    until_on = DateField(_l("停到哪天（含）"), [InputRequired(_l("这里要填。"))])
    reason = StringField(_l("原因（大家都看得到）"), [FILL_IN, Length(max=40, message=_l("最多40个字。"))])


def read_weekdays(form: Mapping[str, str]) -> TypedHours:
    """``opens-<weekday>-<span>`` and ``closes-…``; a day with empty fields is closed."""
    typed = TypedHours()
    for weekday in range(7):
        spans = _spans(form, f"{weekday}-")
        if spans is None:
            typed.errors[weekday] = gettext("开门和关门都要填，关门要晚于开门，例如 9:00 到 12:00；不开门就空着。")
        elif spans:
            typed.hours[weekday] = spans
    return typed


def read_days(form: Mapping[str, str], today: date) -> TypedDays:
    """``days`` (one a line, or with commas) and one or two pairs of hours."""
    typed = TypedDays()
    words = [word for word in re.split(r"[\s,，、;；]+", unicodedata.normalize("NFKC", form.get("days", ""))) if word]
    for word in words[:MOST_DAYS]:
        found = _day(word, today)
        if found is None:
            typed.errors["days"] = gettext("“%(word)s”不是日期。请写成 11月28日 或 2026-11-28。", word=word[:20])
        else:
            typed.days.append(found)
    if not words:
        typed.errors["days"] = gettext("请填集日，一行一个。")
    spans = _spans(form, "")
    if not spans:
        typed.errors["hours"] = gettext("开门和关门都要填，关门要晚于开门，例如 9:00 到 12:00。")
    typed.hours = spans or ()
    return typed


def _spans(form: Mapping[str, str], prefix: str) -> tuple[Hours, ...] | None:
    """The pairs of one day in order; None when one can't be read."""
    spans = []
    for number in SPANS:
        opens, closes = (form.get(f"{word}-{prefix}{number}", "").strip() for word in ("opens", "closes"))
        if not opens and not closes:
            continue
        first, last = _minute(opens), _minute(closes)
        if first is None or last is None or first >= last:
            return None
        spans.append(Hours(first, last))
    return tuple(sorted(spans, key=lambda one: one.opens))


def _minute(text: str) -> int | None:
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", text))
    return int(match[1]) * 60 + int(match[2] or 0) if match else None


def _day(word: str, today: date) -> date | None:
    """A day with its year, or the next one of that name."""
    try:
        if match := _FULL.fullmatch(word):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _SHORT.fullmatch(word):
            found = date(today.year, int(match[1]), int(match[2]))
            return found if found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return None
    return None
