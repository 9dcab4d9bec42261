"""How things read on a page: days, instants, masked names, money, units. Jinja filters of the same names."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from flask import Flask
from flask_babel import get_locale, get_translations, gettext
from jinja2 import pass_context

from virtue import clock


def is_chinese() -> bool:
    """Whether the page is drawn in Chinese."""
    locale = get_locale()
    return locale is None or locale.language == "zh"


def text(message: str) -> str:
    """A template's text in the page's language. The texts are written in Chinese, so Chinese needs no catalogue."""
    return message if is_chinese() else str(get_translations().ugettext(message))


def kept(name: str, caller: Callable[[], str]) -> str:
    """A part of a page that is the same for everybody, drawn once a language: what stands in a ``call`` block of it."""
    key = (name, is_chinese())
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = caller()
    return found


_kept: dict[tuple[str, bool], str] = {}


def day(value: date | None) -> str:
    """11月24日; in English 24 Nov. Empty for None."""
    if value is None:
        return ""
    if is_chinese():
        return f"{value.month}月{value.day}日"
    return f"{value.day} {value:%b}"


def day_long(value: date | None) -> str:
    """2026年11月24日; in English 24 Nov 2026."""
    if value is None:
        return ""
    return f"{value.year}年{day(value)}" if is_chinese() else f"{day(value)} {value.year}"


def month_name(value: int) -> str:
    """2026年11月 for 202611."""
    year, month = divmod(value, 100)
    return f"{year}年{month}月" if is_chinese() else f"{date(year, month, 1):%b} {year}"


def month_short(value: int) -> str:
    """11月 for 202611."""
    return f"{value % 100}月" if is_chinese() else f"{date(value // 100, value % 100, 1):%b}"


def day_span(first: date, last: date) -> str:
    """2026年11月23日到11月28日; in English 23 Nov to 28 Nov 2026. The year stands once when both days share it."""
    end = day(last) if first.year == last.year else day_long(last)
    if is_chinese():
        return f"{day_long(first)}到{end}"
    return f"{day(first) if first.year == last.year else day_long(first)} to {day_long(last)}"


def instant(value: datetime | None) -> str:
    """11月24日 08:00, Shanghai time; the year is said when it isn't this one."""
    if value is None:
        return ""
    local = value.astimezone(clock.SHANGHAI)
    words = day if local.year == clock.today().year else day_long
    return f"{words(local.date())} {local:%H:%M}"


def time_of_day(value: datetime | None) -> str:
    """14:32, Shanghai time."""
    return "" if value is None else f"{value.astimezone(clock.SHANGHAI):%H:%M}"


def number(value: int) -> str:
    """9,846; a minus is a real minus sign."""
    return f"{value:,}".replace("-", "−")


def signed(value: int) -> str:
    """+2 or −46."""
    return f"+{value:,}" if value > 0 else number(value)


def fen(value: int | None) -> str:
    """Money: ¥6.90 from 690 fen."""
    return "" if value is None else f"¥{value // 100:,}.{value % 100:02d}"


def mask_name(name: str) -> str:
    """A name for the desk and the passbook, masked in the middle: 王永智 -> 王*智, 马智 -> 马*."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def public_name(name: str) -> str:
    """A household's name where everybody sees it: 王某某家 for 王永智, 马某家 for 马智; a long name's length isn't told."""
    return name[0] + "某" * min(2, max(1, len(name) - 1)) + "家"


def mask_phone(phone: str | None) -> str:
    """199****1234."""
    return "" if not phone else f"{phone[:3]}****{phone[-4:]}"


def quarter_name(value: date) -> str:
    """2026年第四季度; in English Q4 2026."""
    number_of = (value.month - 1) // 3 + 1
    return f"{value.year}年第{'一二三四'[number_of - 1]}季度" if is_chinese() else f"Q{number_of} {value.year}"


def own_language(chinese: str, english: str | None) -> str:
    """A name from data that may have an English one: rules have."""
    return chinese if is_chinese() or not english else english


def rule_name(kept: Any) -> str:
    """A rule's name in the reader's language: of the rule, or of what keeps its name (a deed, a round, a notice's line)."""
    if hasattr(kept, "rule_name"):
        return own_language(kept.rule_name, kept.rule_name_en)
    return own_language(kept.name, kept.name_en)


def unit_name(unit: str) -> str:
    """家美积分 or 文明积分."""
    return gettext("家美积分") if unit == "home" else gettext("文明积分")


def init_formatting(app: Flask) -> None:
    """Register the filters, and how templates get their texts."""
    app.jinja_env.globals["kept"] = kept
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=text, ngettext=lambda one, many, n: get_translations().ungettext(one, many, n), newstyle=True
    )
    for function in (
        day, day_long, day_span, month_name, instant, time_of_day, number, signed, fen, mask_name, public_name, mask_phone,
        unit_name, quarter_name, rule_name,
    ):  # fmt: skip
        app.jinja_env.filters[function.__name__] = _when_drawn(function)


def _when_drawn(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of a constant is worked out when the template is compiled, in the language of whoever came first; not so
    one that wants the context.
    """

    @pass_context
    @wraps(function)
    def drawn(_context: Any, *given: Any, **named: Any) -> Any:
        return function(*given, **named)

    return drawn
