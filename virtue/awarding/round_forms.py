"""What the pages of rounds and sheets read from their forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from virtue.awarding.forms import BAD_DATE, FILL_IN
from virtue.awarding.marking import Tap
from virtue.awarding.sheets import Line
from virtue.quantities import parse_id, parse_whole

MOST_TAPS = 50
"""So many taps or scans come in one request; a phone with more sends again."""

_VALUE = re.compile(r"\d{1,4}|not_visited|declined")


class RoundForm(FlaskForm):
    """A new round."""

    grid = SelectField(_l("网格"), [FILL_IN], coerce=int, validate_choice=False)
    rule_code = SelectField(_l("评哪一项"), [FILL_IN], validate_choice=False)
    day = DateField(_l("哪一天"), [InputRequired(BAD_DATE)])
    mode = RadioField(
        _l("怎么评"),
        choices=[
            ("recorder", _l("一部手机：我来记，另外两位当场签字")),
            ("judges", _l("每人一部手机：各评各的，收了以后才看得到别人的")),
        ],
        default="recorder",
    )
    judges = SelectMultipleField(
        _l("评议人（每人一部手机时选，至少两位）"), [Optional()], coerce=int, validate_choice=False,
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip


@dataclass(frozen=True)
class SentTap:
    """One tap as a phone sends it, with its own key."""

    key: str
    tap: Tap


def read_taps(form: MultiDict[str, str]) -> list[SentTap] | None:
    """The taps of a request: many from a phone's queue (``tap``: key|household|value|consent), or one from a form.

    None when one can't be read: then it isn't from a page of ours.
    """
    if "tap" not in form:
        value, consent = form.get("value", ""), "1" if form.get("consent") else "0"
        texts = [f"{form.get('key', '')}|{form.get('household', '')}|{value}|{consent}"]
    else:
        texts = form.getlist("tap")
    if not 1 <= len(texts) <= MOST_TAPS:
        return None
    found = []
    for text in texts:
        parts = text.split("|")
        household_id = parse_id(parts[1]) if len(parts) == 4 else None
        if household_id is None or not _VALUE.fullmatch(parts[2]):
            return None
        found.append(SentTap(parts[0], Tap(household_id, parts[2], parts[3] == "1")))
    return found


@dataclass(frozen=True)
class SentScan:
    """One scanned card as a phone sends it, with its own key."""

    key: str
    rule_code: str
    quantity: int
    code: str


def read_scans(form: MultiDict[str, str]) -> list[SentScan] | None:
    """The scans of a request: many (``scan``: key|rule|quantity|code), or one from a form; None for what isn't ours."""
    if "scan" not in form:
        texts = ["|".join(form.get(name, "") for name in ("key", "rule", "quantity", "code"))]
    else:
        texts = form.getlist("scan")
    if not 1 <= len(texts) <= MOST_TAPS:
        return None
    found = []
    for text in texts:
        parts = text.split("|", 3)
        quantity = parse_whole(parts[2] or "1") if len(parts) == 4 else None
        if quantity is None:
            return None
        found.append(SentScan(parts[0], parts[1], quantity, parts[3][:400]))
    return found


def read_levels(form: MultiDict[str, str], household_ids: list[int]) -> dict[int, Tap]:
    """The level of each household from radios named level-<id>, consent ticks named consent-<id>; unmarked left out."""
    found = {}
    for household_id in household_ids:
        value = form.get(f"level-{household_id}", "")
        if _VALUE.fullmatch(value):
            found[household_id] = Tap(household_id, value, bool(form.get(f"consent-{household_id}")))
    return found


@dataclass
class TypedLine:
    """A line of a sheet as typed, and what is wrong with it."""

    number: int
    who: str = ""
    rule: str = ""
    quantity: str = ""
    day: str = ""
    words: str = ""
    error: str = ""


@dataclass
class TypedSheet:
    """All lines of a sheet as typed."""

    rows: list[TypedLine] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    """Those that can be read, without the blank ones."""

    @property
    def has_errors(self) -> bool:
        """Whether a line can't be read."""
        return any(row.error for row in self.rows)

    def tell(self, errors: Mapping[int, str]) -> None:
        """Put each refused line's sentence beside it."""
        for row in self.rows:
            row.error = errors.get(row.number, row.error)


def read_lines(form: MultiDict[str, str], count: int, *, has_rules: bool) -> TypedSheet:
    """Read the lines of an event's list or a sheet of deeds; errors at their line, nothing typed is lost."""
    sheet = TypedSheet()
    for number in range(1, count + 1):
        typed = {
            name: form.get(f"{name}-{number}", "").strip()[:200] for name in ("who", "rule", "quantity", "day", "words")
        }
        row = TypedLine(number, **typed)
        sheet.rows.append(row)
        if row.who or row.rule or row.words:
            line = _line(row, has_rules=has_rules)
            if line is not None:
                sheet.lines.append(line)
    return sheet


def _line(row: TypedLine, *, has_rules: bool) -> Line | None:
    quantity = parse_whole(row.quantity or "1")
    day = None
    if not row.who:
        row.error = _("这一行没有写是哪一户。")
    elif has_rules and not row.rule:
        row.error = _("这一行没有写细则编号。")
    elif quantity is None:
        row.error = _("数量要填 1 到 999 的整数。")
    if row.day:
        try:
            day = date.fromisoformat(row.day)
        except ValueError:
            row.error = row.error or str(BAD_DATE)
    if row.error or quantity is None:
        return None
    return Line(row.number, row.who, row.rule, quantity, day, row.words)
