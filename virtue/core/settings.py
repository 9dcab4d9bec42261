"""Settings of a village and of the installation, with their defaults; day counts are product.md's figures."""

from typing import Any

from sqlalchemy import ScalarSelect, bindparam, select

from virtue.core.models import Setting
from virtue.extensions import db
from virtue.prepared import Prepared

INSTALLATION = 0
"""The ``village_id`` under which the installation's own settings stand."""

DEFAULTS: dict[str, Any] = {
    "notice_days": 5,
    "objection_days": 10,
    "rebuttal_days": 3,
    "rebuttal_days_absent": 15,
    "two_reviewers_from": 20,
    "event_close_days": 3,
    "take_back_minutes": 10,
    "return_minutes": 15,
    "spot_checks": 10,
    "point_value_fen": 100,
    "fund_second_from": 1000,
    "home_points_at_year_end": "carry",
    "reserve_days": 7,
    "helper_points_per_fetch": 100,
    "helper_points_per_month": 300,
    "home_delivery": False,
    "pin_from_points": 0,
    "receive_second_from_yuan": 1000,
    "transfer_second": False,
    "stocktake_sign_from_yuan": 50,
    "keep_phones": False,
    "paper_points_per_day": 30,
    "black_board": False,
    "black_repair_days": 7,
    "black_board_days": 30,
    "is_trial_run": False,
    "start_step": "",
    "start_done": False,
    "setup_code_hash": "",
}
"""Every setting there is. ``pin_from_points`` 0: the till never asks for the PIN. ``fund_second_from``: yuan. ``home_points_at_year_end``: carry or lapse. ``is_trial_run``: the rulebook in force is on
trial (试运行), points are scored and nothing can be redeemed; written by awarding when a book comes into force."""

_TABLE = Setting.__table__
_VALUES = Prepared(
    select(_TABLE.c.name, _TABLE.c.value).where(
        _TABLE.c.village_id == bindparam("village_id"), _TABLE.c.name.in_(bindparam("names", expanding=True))
    )
)


def value(name: str, village_id: int = INSTALLATION) -> Any:
    """A setting's value, or its default."""
    return values(village_id, name)[name]


def values(village_id: int, *names: str) -> dict[str, Any]:
    """Several settings in one query; all of them when none is named."""
    wanted = names or tuple(DEFAULTS)
    found = {row.name: row.value for row in _VALUES.all({"village_id": village_id, "names": wanted})}
    return {name: found.get(name, DEFAULTS[name]) for name in wanted}


def column(name: str) -> ScalarSelect[Any]:
    """A setting of ``:village_id`` as a column of another query; NULL stands for its default (``or_default``)."""
    return select(_TABLE.c.value).where(
        _TABLE.c.village_id == bindparam("village_id"), _TABLE.c.name == name
    ).scalar_subquery()  # fmt: skip


def or_default(name: str, found: Any) -> Any:
    """What a ``column`` gave, or the setting's default."""
    return DEFAULTS[name] if found is None else found


def change(name: str, new_value: Any, village_id: int = INSTALLATION) -> None:
    """Set one setting inside a write; the caller audits. Raises KeyError for an unknown name."""
    _ = DEFAULTS[name]
    row = db.session.scalar(select(Setting).where(Setting.village_id == village_id, Setting.name == name))
    if row is None:
        db.session.add(Setting(village_id=village_id, name=name, value=new_value))
    else:
        row.value = new_value
    db.session.flush()
